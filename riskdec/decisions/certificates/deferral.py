"""Certified deferral: decide where errors are provably rare, defer the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_level, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.result import with_frame_kind
from riskdec.decisions.certificates.applying import check_deferral_costs
from riskdec.decisions.certificates.building import Side, build_certificate
from riskdec.decisions.certificates.cases import Cases, independent_cases
from riskdec.decisions.certificates.fixed_sequence import certified_range, find_prefixes

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, BoolArray, FloatArray, RngLike, WeightKind
    from riskdec.decisions.certificates.answer import DeferralCertificate
    from riskdec.decisions.costs.cost_matrix import CostMatrix

SIDES = ("negative", "positive")


def certify_deferral(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    max_error: float | Mapping[str, float],
    confidence_level: float = 0.95,
    costs: CostMatrix | Mapping[str, object] | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    rng: RngLike = 0,
) -> DeferralCertificate:
    """Find the widest range of risks in which decisions keep an error limit, with an exact guarantee.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Outcomes of cases that had no part in fitting, tuning or recalibrating the risks.
    y_proba : array-like of shape (n,) or (n, 2)
        Risks in [0, 1]. They need not be calibrated; they only order the cases.
        For many classes pass whether the class predicted was right, its probability, and a limit for
        ``"positive"``: what is then called positive is "right".
    max_error : float or dict
        A number limits the share of wrong decisions among the decided, where a case is called by its more
        likely outcome. A dict ``{"negative": 0.02, "positive": 0.2}`` limits the errors among the cases called
        negative (one minus the negative predictive value) and among those called positive (one minus the
        positive predictive value), both together at `confidence_level`; with one key, nothing is called the
        other way.
    confidence_level : float
        Probability, over the draw of these cases, with which every promise is kept. Two sides share what is
        left of it, half each.
    costs : CostMatrix or dict, optional
        Binary costs with an action that defers: of all certified policies the cheapest on these cases is
        taken, instead of the one that decides most.
    sample_weight : array-like of shape (n,), optional
        Whole numbers that say how often a row counts; rows of weight zero are as if absent.
    weight_kind : {"frequency", "importance"}
        Importance weights are refused: an exact test counts cases.
    groups : array-like of shape (n,), optional
        Labels of what the rows belong to, such as patients: one row of each group is drawn and used.
    event : object, optional
        The label that means the event; 1 and True need not be named.
    rng : int, Generator or None
        What draws the row of each group.

    Returns
    -------
    DeferralCertificate
        The zone, the promises, and `apply` for new cases. Where nothing can be certified every case is
        deferred, and a finding says what would be attainable.

    Raises
    ------
    InputError
        For importance weights, limits outside (0, 1), and costs without a deferring action.

    Notes
    -----
    Cases are ranked by their risk, the safest first. From a first rank that limit, level and n alone determine,
    `P(Bin(m, max_error) <= errors) <= 1 - confidence_level` is tested rank by rank up to
    the first failure: see `riskdec.decisions.certificates.fixed_sequence` for the proof. Tied risks
    are accepted or deferred together. What is controlled is the probability that the true rate exceeds the
    limit ("probably approximately correct"), not its average over calibrations.

    References
    ----------
    Y. Geifman and R. El-Yaniv, Selective classification for deep neural networks, NeurIPS 2017.
    A. N. Angelopoulos et al., Learn then test, Annals of Applied Statistics 19, 2025.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.beta(0.4, 0.8, 2000)
    >>> y = rng.random(2000) < risk
    >>> certificate = certify_deferral(y, risk, max_error=0.05, confidence_level=0.9)
    >>> certificate
    <DeferralCertificate: 49.9 % decided, error among the decided at most 5 % (90.0 % confidence)>
    >>> certificate.apply([0.02, 0.5, 0.99]).action.tolist()
    ['negative', 'defer', 'positive']
    """
    level = check_level(confidence_level)
    limits = _check_limits(max_error)
    cases = independent_cases(
        y_true,
        y_proba,
        sample_weight=sample_weight,
        weight_kind=weight_kind,
        groups=groups,
        event=event,
        rng=rng,
    )
    matrix = None if costs is None else check_deferral_costs(costs)
    if isinstance(limits, float):
        sides = [_both_sides(cases, limits, 1 - level, matrix)]
    else:
        sides = [_one_side(cases, side, limit, (1 - level) / len(limits), matrix) for side, limit in limits.items()]
    certificate = build_certificate(cases, sides, level, matrix)
    return with_frame_kind(certificate, frame_kind(y_true, y_proba))


def _check_limits(max_error: object) -> float | dict[str, float]:
    if not isinstance(max_error, Mapping):
        return check_level(max_error, name="max_error")
    if not max_error or not set(max_error) <= set(SIDES):
        shown = ", ".join(map(repr, max_error)) or "no key"
        raise refuse("max_error", "be a number, or a dict with the keys 'negative' and 'positive'", shown)
    return {side: check_level(max_error[side], name=f"max_error[{side!r}]") for side in SIDES if side in max_error}


def _both_sides(cases: Cases, limit: float, delta: float, costs: CostMatrix | None) -> Side:
    """Rank by the risk of the less likely outcome, and call each case by the more likely one."""
    positive = cases.risk >= 0.5
    # For a risk above one half, one minus it is exact in floating point.
    doubt = np.where(positive, 1 - cases.risk, cases.risk)
    prefixes = find_prefixes(doubt, positive != cases.is_event, cases.weight, _gains(cases, positive, costs))
    return Side("error among the decided", "both", limit, delta, prefixes, certified_range(prefixes, limit, delta))


def _one_side(cases: Cases, side: str, limit: float, delta: float, costs: CostMatrix | None) -> Side:
    positive = side == "positive"
    key = -cases.risk if positive else cases.risk
    error = ~cases.is_event if positive else cases.is_event
    gain = _gains(cases, np.full(key.shape, positive), costs)
    prefixes = find_prefixes(key, error, cases.weight, gain)
    name = costs.actions[costs.deciding[int(positive)]] if costs is not None else side
    return Side(f"error among {name!r}", side, limit, delta, prefixes, certified_range(prefixes, limit, delta))


def _gains(cases: Cases, positive: BoolArray, costs: CostMatrix | None) -> FloatArray:
    """Give what deciding saves against deferring, case by case; one for each case where there are no costs."""
    if costs is None:
        return np.ones(cases.risk.shape)
    outcome = cases.is_event.astype(np.intp)
    action = np.array(costs.deciding)[positive.astype(np.intp)]
    return np.asarray(costs.costs[outcome, costs.not_deciding[0]] - costs.costs[outcome, action])
