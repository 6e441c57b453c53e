"""The updating ladder: leave an old model alone, shift it, stretch it, or refit it, chosen by a closed test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_number, check_numbers, refuse, refuse_rows
from riskdec._base.frames import frame_kind
from riskdec.calibration.updating.answer import UpdatingLadder, UpdatingRung, parameter_names
from riskdec.calibration.updating.closed_tests import AgainstHighest, against_highest, first_adequate
from riskdec.calibration.updating.findings import describe_update
from riskdec.calibration.updating.rungs import fit_rungs, is_likelihood
from riskdec.scores.forecasts import check_forecasts

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, WeightKind
    from riskdec.calibration.updating.rungs import RungFit
    from riskdec.scores.forecasts import Forecasts


def choose_update(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    X: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    significance: float = 0.05,
) -> UpdatingLadder:
    """Choose how much of an old model has to change for a new population.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Outcomes of new rows, two labels.
    y_proba : array-like of shape (n,) or (n, 2)
        Risks of these rows by the old model, which has not seen them.
    X : array-like of shape (n, p), optional
        Columns of the same rows; with them a refit is a rung: the log-odds of the old model and all columns. It is
        logistic, whatever the old model was; columns that the old log-odds and earlier columns determine count
        nothing.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    significance : float
        Level of the closed test, in (0, 1).

    Returns
    -------
    UpdatingLadder
        ``.chosen``, the rungs with their coefficients and tests, and ``.apply(y_proba)`` for new rows.

    Raises
    ------
    InputError
        For risks outside [0, 1], missing values, a risk of exactly 0 or 1 that proved wrong, one outcome only.

    Notes
    -----
    The rungs are nested: ``logit P = L`` (none), ``a + L`` (citl), ``a + b L`` (citl and slope), ``a + b L + c'x``
    (refit), L the old log-odds. From the lowest up each is tested against the *highest*, with as many degrees of
    freedom as it holds coefficients fixed, and the first that the highest does not improve significantly is chosen
    (Vergouwe et al. 2017). By the closed testing principle the probability of changing more than is needed is at most
    `significance`, without correction. Likelihood-ratio tests; with groups or importance weights the likelihood is
    none, and Wald tests with the sandwich covariance take their place (F with groups).

    Where the old log-odds are a linear function of the columns, the refit is the logistic regression on the columns;
    it is written as the old log-odds and changes of their coefficients, one of which is 0.

    Risks of exactly 0 or 1 that came true have likelihood 1 on every rung but the refit, and are left out.

    **A shift made before counts for nothing.** Every rung but the first re-estimates the level, so undoing weights or
    adjusting the prevalence beforehand changes the coefficients here and not the updated risks.

    References
    ----------
    Y. Vergouwe, D. Nieboer, R. Oostenbrink, T. P. A. Debray, G. D. Murray, M. W. Kattan, H. Koffijberg, K. G. M. Moons
    and E. W. Steyerberg, A closed testing procedure to select an appropriate method for updating prediction models,
    Statistics in Medicine 36 (2017), 4529-4539. doi:10.1002/sim.7179

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> old = rng.uniform(0.05, 0.6, size=2000)
    >>> y = rng.random(2000) < old / (old + (1 - old) * 2)  # the odds have halved since
    >>> ladder = choose_update(y, old)
    >>> ladder.chosen, ladder.rung()
    ('citl', <UpdatingRung: citl, citl -0.6775>)
    >>> bool(abs(ladder.apply(old).mean() - y.mean()) < 1e-9)
    True
    """
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    level = check_number(significance, name="significance", low=0, high=1, open_low=True)
    columns = _columns(X, sample_weight, n=len(np.asarray(y_true)))
    names = _names(X, columns)
    given, columns = _without_certainties(given, columns)
    _check_both_outcomes(given)
    from scipy.special import logit

    fits = fit_rungs(given, np.asarray(logit(given.risk), dtype=np.float64), columns)
    kept = [fit for fit in fits if not fit.obstacle]
    by_likelihood = is_likelihood(given)
    tests = against_highest(kept, by_likelihood=by_likelihood, n_groups=given.n_groups)
    chosen = kept[first_adequate(tests, level)]
    found = {fit.name: test for fit, test in zip(kept, tests, strict=True)}
    return UpdatingLadder(
        chosen=chosen.name,
        rungs=tuple(_rung(fit, found.get(fit.name), names, by_likelihood=by_likelihood) for fit in fits),
        n=len(given.risk),
        n_events=int(given.is_event.sum()),
        n_groups=given.n_groups,
        n_columns=len(names),
        significance=level,
        test="likelihood ratio" if by_likelihood else "Wald",
        weight_kind=given.weight_kind,
        findings=describe_update(given, fits, kept, tests, chosen),
        frame_kind=frame_kind(y_true, y_proba, X),
    )


def _columns(X: ArrayLike | None, sample_weight: ArrayLike | None, *, n: int) -> FloatArray | None:
    """Give the columns of the rows that count."""
    if X is None:
        return None
    columns = check_numbers(X, name="X", n=n, ndim=2)
    if columns.shape[1] == 0:
        raise refuse("X", "have at least one column", "none", "Leave it out for a ladder without refit.")
    return columns if sample_weight is None else columns[np.broadcast_to(np.asarray(sample_weight), (n,)) > 0]


def _names(X: object, columns: FloatArray | None) -> tuple[str, ...]:
    if columns is None:
        return ()
    named = getattr(X, "columns", None)
    if named is None:
        return tuple(f"x{j}" for j in range(columns.shape[1]))
    return tuple(map(str, named))


def _without_certainties(given: Forecasts, X: FloatArray | None) -> tuple[Forecasts, FloatArray | None]:
    uncertain = (given.risk > 0) & (given.risk < 1)
    if uncertain.all():
        return given, X
    wrong = ~uncertain & ((given.risk == 1) != given.is_event)
    if wrong.any():
        cure = "No shift and no slope repairs it: floor the risks first, or look at how they were made."
        raise refuse_rows("y_proba", "not be exactly 0 or 1 where that proved wrong", given.risk, wrong, cure)
    if not uncertain.any():
        raise refuse(
            "y_proba", "hold risks strictly between 0 and 1", "certainties alone", "There is nothing to update."
        )
    groups = None if given.groups is None else np.unique(given.groups[uncertain], return_inverse=True)[1]
    kept = given._replace(
        is_event=given.is_event[uncertain],
        risk=given.risk[uncertain],
        weight=None if given.weight is None else given.weight[uncertain],
        groups=groups,
    )
    return kept, None if X is None else X[uncertain]


def _check_both_outcomes(given: Forecasts) -> None:
    events = int(given.is_event.sum())
    if events in (0, len(given.is_event)):
        got = "no events" if events == 0 else "events alone"
        raise refuse("y_true", "hold both outcomes", got, "Without both there is nothing to estimate an update from.")
    if given.n_groups == 1:
        raise refuse("groups", "hold at least two groups with uncertain risks", "one group")


def _rung(fit: RungFit, test: AgainstHighest | None, columns: tuple[str, ...], *, by_likelihood: bool) -> UpdatingRung:
    nothing = AgainstHighest(np.nan, 0, np.nan)
    test = nothing if test is None else test
    aic = -2 * fit.log_likelihood + 2 * fit.n_parameters if by_likelihood and not fit.obstacle else np.nan
    return UpdatingRung(
        name=fit.name,
        parameters=parameter_names(fit.name, columns),
        coef=fit.coef,
        covariance=fit.covariance,
        log_likelihood=fit.log_likelihood,
        aic=float(aic),
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
        obstacle=fit.obstacle,
    )
