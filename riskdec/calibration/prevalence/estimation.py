"""An unknown prevalence from probabilities of rows without labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from riskdec._base.checks import check_level, check_option, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.result import Estimate, with_frame_kind
from riskdec.calibration.prevalence.answer import PrevalenceEstimate
from riskdec.calibration.prevalence.confusion import mean_scores, share_limits, solve_shares
from riskdec.calibration.prevalence.density_ratio import (
    finite_log_odds,
    ratio_from_calibrated,
    ratio_from_labelled,
    recalibrate,
)
from riskdec.calibration.prevalence.findings import describe_estimate
from riskdec.calibration.prevalence.label_shift import label_shift_test
from riskdec.calibration.prevalence.likelihood_limits import profile_limits
from riskdec.calibration.prevalence.mixture import fit_mixture
from riskdec.calibration.prevalence.rows import class_shares, open_labelled_rows, open_rows
from riskdec.calibration.prevalence.spread import variance_factor
from riskdec.calibration.undoing.columns import Columns, check_prevalences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FloatArray, WeightKind
    from riskdec.calibration.prevalence.density_ratio import Recalibration
    from riskdec.calibration.prevalence.rows import Rows


class _Found(NamedTuple):
    shares: FloatArray
    limits: list[tuple[float, float]]
    fitted: Recalibration | None


def estimate_prevalence(
    y_proba: ArrayLike,
    *,
    train: Mapping[Any, float] | ArrayLike | None = None,
    method: Literal["likelihood", "confusion"] = "likelihood",
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    y_true_calibration: ArrayLike | None = None,
    y_proba_calibration: ArrayLike | None = None,
    sample_weight_calibration: ArrayLike | None = None,
    groups_calibration: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
) -> PrevalenceEstimate:
    """Estimate how often each outcome occurs in a population from which there are no labels.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Probabilities of rows of the new population: risk of the event, or a column for each outcome.
    train : float, mapping or sequence, optional
        Prevalence at which the probabilities are calibrated: of the event, or of each outcome (see
        `adjust_prevalence`). May be left out only where labelled rows are given.
    method : {"likelihood", "confusion"}
        Maximum likelihood, or the adjusted count by mean probabilities, which needs labelled rows.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether weights count rows (whole numbers) or make a row more or less important; of both sets of rows.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other (windows of one scene).
    y_true_calibration, y_proba_calibration : array-like, optional
        Outcomes of labelled rows that the model has not seen, and their probabilities. Their mix of outcomes may be
        any, but within each outcome they must be like the new population.
    sample_weight_calibration, groups_calibration : array-like, optional
        Weights and groups of the labelled rows.
    event : object, optional
        The label whose probability is the risk; 1 or True by default. Of K columns, labels are sorted.
    confidence_level : float
        Level of the intervals.

    Returns
    -------
    PrevalenceEstimate
        ``.prevalence`` (of the event), ``.shares`` (of all outcomes), ``.adjust(y_proba)``, findings.

    Raises
    ------
    InputError
        For probabilities outside [0, 1], a missing `train` without labelled rows, labels that do not fit the columns,
        probabilities of exactly 0 or 1 together with labelled rows (likelihood).

    See Also
    --------
    adjust_prevalence : The probabilities at a prevalence that is known.

    Notes
    -----
    **Likelihood.** The maximum over q of ``sum w log sum_k q_k p_k / train_k``, which the EM algorithm of Saerens et
    al. (2002) approaches slowly; here by Brent's or Newton's method. Profile-likelihood intervals, which may end at 0
    or 1.

    With labelled rows the scores are first recalibrated on them (a shift for each outcome, one slope), because the
    estimate is as wrong as they are: for rare outcomes by factors. The interval then holds the uncertainty of the
    recalibration too: the fall of the likelihood is scaled by the ratio of the joint variance to that of the
    likelihood alone. The same is done for groups and importance weights, by the sandwich (t quantiles for groups).

    **Confusion.** Solves ``mean p = sum_k q_k mean(p | outcome k)`` (the adjusted count by mean probabilities); the
    scores need no calibration. With two outcomes the interval inverts the test of that equation (Fieller); with more
    it is Wald's, cut to [0, 1].

    **When it is right.** Under label shift: within each outcome the scores are as in the training population. With
    labelled rows this is tested; where cases changed in themselves (covariate shift) there is no estimate.

    References
    ----------
    M. Saerens, P. Latinne and C. Decaestecker, Adjusting the outputs of a classifier to new a priori probabilities,
    Neural Computation 14 (2002), 21-41.
    A. Alexandari, A. Kundaje and A. Shrikumar, Maximum likelihood with bias-corrected calibration is hard-to-beat at
    label shift adaptation, ICML 2020.
    J. Qin, Inferences for case-control and semiparametric two-sample density ratio models, Biometrika 85 (1998).
    A. Bella, C. Ferri, J. Hernandez-Orallo and M. J. Ramirez-Quintana, Quantification via probability estimators, IEEE
    International Conference on Data Mining 2010.

    Examples
    --------
    A test with normal scores, trained on as many ill as healthy; of the new cases 5 % are ill.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> ill = rng.random(20_000) < 0.05
    >>> score = rng.normal(size=20_000) + 2 * ill
    >>> risk = 1 / (1 + np.exp(2 - 2 * score))
    >>> found = estimate_prevalence(risk, train=0.5)
    >>> found.prevalence
    0.05041 (0.04524 to 0.05579)
    >>> bool(abs(found.adjust(risk).mean() - found.prevalence.estimate) < 1e-8)
    True
    """
    check_option(method, ("likelihood", "confusion"), name="method")
    level = check_level(confidence_level)
    target = open_rows(y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, suffix="")
    labelled = None
    if y_true_calibration is not None or y_proba_calibration is not None:
        if y_true_calibration is None or y_proba_calibration is None:
            raise refuse("y_true_calibration and y_proba_calibration", "be given together", "one of them")
        labelled = open_labelled_rows(
            y_true_calibration,
            y_proba_calibration,
            target,
            sample_weight=sample_weight_calibration,
            groups=groups_calibration,
            event=event,
        )
    at_train = None
    if train is not None:
        at_train = check_prevalences(train, Columns(target.proba, target.are_risks), name="train")
    if method == "confusion":
        found = _by_confusion(target, labelled, level)
    else:
        found = _by_likelihood(target, labelled, at_train, level)
    answer = _answer(found, target, labelled, at_train, method, level)
    return with_frame_kind(answer, frame_kind(y_proba, y_true_calibration, y_proba_calibration))


def _answer(
    found: _Found, target: Rows, labelled: Rows | None, train: FloatArray | None, method: str, level: float
) -> PrevalenceEstimate:
    """Put the estimate beside what speaks for and against it."""
    test = None if labelled is None else label_shift_test(target, labelled, found.shares)
    as_given = None
    if found.fitted is not None and train is not None:
        as_given = fit_mixture(ratio_from_calibrated(target.proba, train), target.weight).shares
    shares = tuple(
        Estimate(estimate=float(q), low=low, high=high, confidence_level=level)
        for q, (low, high) in zip(found.shares, found.limits, strict=True)
    )
    return PrevalenceEstimate(
        shares=shares,
        method=method,
        mean_probability=target.weight @ target.proba / target.total,
        train=train,
        labelled_shares=None if labelled is None else class_shares(labelled),
        shifts=None if found.fitted is None else found.fitted.shifts,
        slope=None if found.fitted is None else found.fitted.slope,
        label_shift=test,
        n=target.n,
        n_labelled=0 if labelled is None else labelled.n,
        n_groups=target.n_groups,
        weight_kind=target.weight_kind,
        confidence_level=level,
        are_risks=target.are_risks,
        findings=describe_estimate(target, labelled, shares, test=test, fitted=found.fitted, as_given=as_given),
    )


def _by_likelihood(target: Rows, labelled: Rows | None, train: FloatArray | None, level: float) -> _Found:
    fitted = None
    if labelled is None:
        if train is None:
            cure = "It is the prevalence at which the probabilities are right."
            raise refuse("train", "be given where there are no labelled rows", "None", cure)
        ratio = ratio_from_calibrated(target.proba, train)
    else:
        finite_log_odds(target.proba, name="y_proba")
        fitted = recalibrate(labelled, train)
        ratio = ratio_from_labelled(target.proba, fitted)
    if (ratio == ratio[:, :1]).all():
        raise refuse("y_proba", "differ from train in some rows", "the same everywhere", "They say nothing.")
    best = fit_mixture(ratio, target.weight)
    width = _width(level, target, labelled)
    limits = {}
    # Of two outcomes the second is the rare one as a rule: its limits keep their digits.
    for place in (1,) if len(best.shares) == 2 else range(len(best.shares)):
        factor = variance_factor(target, ratio, best.shares, place, fitted)
        limits[place] = profile_limits(ratio, target.weight, best, place, 0.5 * width**2 * factor)
    if len(best.shares) == 2:
        limits[0] = (1 - limits[1][1], 1 - limits[1][0])
    return _Found(best.shares, [limits[place] for place in sorted(limits)], fitted)


def _by_confusion(target: Rows, labelled: Rows | None, level: float) -> _Found:
    if labelled is None:
        raise refuse("y_true_calibration", 'be given for method="confusion"', "None", "It compares labelled outcomes.")
    given = mean_scores(target, labelled, target.proba[:, 1:], labelled.proba[:, 1:])
    shares = solve_shares(given)
    return _Found(shares, share_limits(given, shares, _width(level, target, labelled)), None)


def _width(level: float, target: Rows, labelled: Rows | None) -> float:
    """Give the half-width of an interval in standard errors; with groups that of t, by the fewer groups."""
    from scipy.special import ndtri, stdtrit

    counts = [rows.n_groups for rows in (target, labelled) if rows is not None and rows.n_groups is not None]
    upper = (1 + level) / 2
    return float(stdtrit(min(counts) - 1, upper) if counts else ndtri(upper))
