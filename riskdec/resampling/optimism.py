"""Validation by bootstrap: how much better a procedure looks on its own rows than on others (Harrell)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_integer
from riskdec._base.codes import each_once
from riskdec._base.frames import frame_kind
from riskdec._base.progress import progress
from riskdec.likelihood import risks
from riskdec.models.inference.bootstrap_draws import make_resamples
from riskdec.models.inference.bootstrap_workers import check_executor, check_jobs, map_in_order
from riskdec.resampling.averages import Refit, answer, curve_places, rate_at
from riskdec.resampling.door import check_costs, check_stream, open_procedure
from riskdec.resampling.performance import RankedRisks
from riskdec.resampling.shared_refits import SharedRefits, is_shared, refit_together

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from riskdec._base.typing import ArrayLike, FloatArray, RngLike
    from riskdec.decisions import CostMatrix
    from riskdec.models.inference.bootstrap_draws import Resamples
    from riskdec.resampling.procedure import Procedure
    from riskdec.resampling.validation_answer import BootstrapValidation


def validate_by_bootstrap(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    n_resamples: int = 200,
    groups: ArrayLike | None = None,
    costs: CostMatrix | Mapping[str, object] | None = None,
    sample_weight: ArrayLike | None = None,
    event: object = None,
    rng: RngLike = None,
    random_state: RngLike = None,
    n_jobs: int | None = None,
    executor: Executor | None = None,
) -> BootstrapValidation:
    """Correct every index of performance for optimism: the whole procedure is repeated on resamples of the rows.

    Parameters
    ----------
    estimator : classifier
        Any scikit-learn-style classifier or pipeline with `predict_proba`: everything learned from outcomes (choice
        of columns, tuning, calibration) must happen inside it, or it is not corrected for. It is copied, never fitted
        itself.
    X, y : array-like of shape (n, p) and (n,)
        Rows and their two labels. A `LogisticRiskModel` with a two-sided formula finds the labels in the frame.
    n_resamples : int, default=200
        Number of resamples.
    groups : array-like of shape (n,), optional
        Which rows belong together (a person, a site): whole groups are drawn.
    costs : CostMatrix or dict, optional
        Adds the cost per row of the actions of least expected cost.
    sample_weight : array-like of shape (n,), optional
        Frequency weights: a row of weight 3 stands for three rows.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    rng, random_state : int, Generator or None
        Seed or generator, by either name; the same seed gives the same figures, whatever the number of workers.
    n_jobs : int, optional
        Workers; None is one, -1 one for each processor.
    executor : concurrent.futures.Executor, optional
        Workers of your own, such as those of a cluster, instead of `n_jobs`.

    Returns
    -------
    BootstrapValidation
        Apparent value, optimism and corrected value of each index, the corrected calibration curve, and findings.

    Raises
    ------
    InputError
        For anything but two outcomes, weights that are not whole, and procedures that fail on every resample.

    Notes
    -----
    For each resample b the procedure is fitted on it, and its index M is computed on the resample and on all rows;
    ``optimism = mean_b [M(fit_b, resample_b) - M(fit_b, all rows)]`` and ``corrected = apparent - optimism``. As in
    rms, "Emax" belongs to the corrected intercept and slope; the calibration curve is corrected in the same way, place
    by place, and ICI, E50, E90 and the largest error are distances of the corrected curve. A maximum likelihood fit
    has intercept 0 and slope 1 on its own rows whatever the data, which is said in place of the number.

    The correction holds for procedures that smooth. One that learns single rows by heart, such as a deep forest, does
    well on the two thirds of the rows that a resample holds, and keeps most of its optimism: the figures on rows that
    it does not hold (``unseen``, too low by a little) tell, and a finding says so. Use `validate_by_folds` for these.

    A resample repeats rows. A procedure that holds rows out to tune itself may find copies on both sides, and then
    tunes badly; `TabularRiskModel` keeps copies together.

    References
    ----------
    Harrell FE, Lee KL, Mark DB (1996). Multivariable prognostic models. Statistics in Medicine 15:361-387.
    doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4

    Examples
    --------
    >>> import numpy as np
    >>> from riskdec import LogisticRiskModel
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 8))
    >>> y = rng.random(200) < 1 / (1 + np.exp(1 - X[:, 0]))
    >>> validation = validate_by_bootstrap(LogisticRiskModel(), X, y, rng=0)
    >>> validation["slope"].corrected < 0.9  # 8 columns and few events: risks will be too extreme
    True
    """
    wanted = check_integer(n_resamples, name="n_resamples", low=2)
    jobs, stream, matrix = check_jobs(n_jobs), check_stream(rng, random_state), check_costs(costs)
    outside = check_executor(executor, n_jobs)
    procedure = open_procedure(estimator, X, y, groups=groups, sample_weight=sample_weight, event=event)
    resamples = make_resamples(procedure.n_rows, wanted, counts=procedure.counts, groups=procedure.groups, rng=stream)
    with each_once():
        fitted = procedure.fit(None, resamples.stream(0))
    whole = RankedRisks(procedure.risk(fitted), procedure.is_event, costs=matrix)
    apparent = whole.measure(procedure.weight)
    places = curve_places(apparent.curve)
    if is_shared(estimator):
        shared = refit_together(procedure, fitted, resamples, n_jobs=jobs)
        done = _judge_together(shared, procedure, resamples, places, costs=matrix, n_jobs=jobs)
    else:
        work = partial(_refit_one, procedure=procedure, resamples=resamples, places=places, costs=matrix)
        done = map_in_order(work, range(wanted), n_jobs=jobs, label="bootstrap validation", executor=outside)
    return answer(procedure, apparent, whole.n_certain, places, done, method="bootstrap", kind=frame_kind(X, y))


def _refit_one(
    number: int,
    *,
    procedure: Procedure,
    resamples: Resamples,
    places: FloatArray,
    costs: CostMatrix | None,
) -> Refit | None:
    """Repeat the whole procedure on one resample."""
    stream = resamples.stream(number)
    multiplicity = resamples.multiplicity(number, stream)
    refitted = procedure.try_fit(multiplicity, stream)
    if refitted is None:
        return None
    ranked = RankedRisks(refitted.risk, procedure.is_event, costs=costs)
    refit = _judge(ranked, multiplicity, procedure.weight, places, is_maximum=False)
    return refit._replace(fell_back=refitted.fell_back, unseen=_judge_unseen(ranked, multiplicity, procedure))


def _judge_together(
    shared: SharedRefits,
    procedure: Procedure,
    resamples: Resamples,
    places: FloatArray,
    *,
    costs: CostMatrix | None,
    n_jobs: int,
) -> list[Refit | None]:
    """Judge refits of a logistic model whose coefficients are at hand, in threads."""

    def judge(number: int) -> Refit | None:
        eta = shared.log_odds(number)
        if eta is None:
            return None
        ranked = RankedRisks(risks(eta), procedure.is_event, eta=eta, costs=costs)
        own, is_maximum = resamples.multiplicity(number), shared.is_maximum(number)
        refit = _judge(ranked, own, procedure.weight, places, is_maximum=is_maximum)
        return refit._replace(fell_back=shared.fell_back(number))

    numbers, label = range(len(resamples)), "bootstrap validation"
    if n_jobs == 1:
        return [judge(number) for number in progress(numbers, label=label, total=len(numbers))]
    with ThreadPoolExecutor(None if n_jobs == -1 else n_jobs) as pool:
        return list(progress(pool.map(judge, numbers), label=label, total=len(numbers)))


def _judge(ranked: RankedRisks, own: FloatArray, judged: FloatArray, places: FloatArray, *, is_maximum: bool) -> Refit:
    training, test = ranked.measure(own, is_maximum=is_maximum), ranked.measure(judged)
    lift = rate_at(training.curve, places) - rate_at(test.curve, places)
    return Refit(training.indices, test.indices, None, lift, ranked.n_certain, fell_back=False)


def _judge_unseen(ranked: RankedRisks, multiplicity: FloatArray, procedure: Procedure) -> FloatArray | None:
    """Judge a refit on the rows that its resample does not hold, if events and non-events are among them."""
    weight = np.where(multiplicity > 0, 0.0, procedure.weight)
    events = float(weight @ procedure.is_event)
    return ranked.measure(weight).indices if 0 < events < weight.sum() else None
