"""Certified recall floors and false-positive caps, from order statistics of one class at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_level, refuse
from riskdec._base.findings import Finding, sort_findings
from riskdec._base.frames import frame_kind
from riskdec._base.result import with_frame_kind
from riskdec._base.table import count
from riskdec.decisions.certificates.answer import DeferralCertificate, Promise
from riskdec.decisions.certificates.building import failure_sentence, grouped_findings
from riskdec.decisions.certificates.cases import Cases, independent_cases
from riskdec.decisions.certificates.exact import error_p_values, smallest_sample, upper_error

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind


class _Cut(NamedTuple):
    """The cut of one class: None where no order statistic is enough."""

    at: float | None
    promise: Promise
    failure: str


def certify_rates(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    min_recall: float | None = None,
    max_false_positive_rate: float | None = None,
    confidence_level: float = 0.95,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    rng: RngLike = 0,
) -> DeferralCertificate:
    """Find cuts that keep a recall floor, a false-positive cap, or both, with an exact guarantee.

    Parameters
    ----------
    y_true, y_proba
        As in `certify_deferral`.
    min_recall : float, optional
        At least this share of the events is not called negative.
    max_false_positive_rate : float, optional
        At most this share of the cases without the event is called positive.
    confidence_level : float
        Probability, over the draw of these cases, with which all promises are kept; two share what is left of
        it, half each.
    sample_weight, weight_kind, groups, event, rng
        As in `certify_deferral`.

    Returns
    -------
    DeferralCertificate
        With both promises a zone that defers; where the two cuts leave no zone, one cut between them, as near
        to 0.5 as they allow.

    Raises
    ------
    InputError
        If neither is given, and as in `certify_deferral`.

    Notes
    -----
    The cut of the recall is the j-th smallest risk among the n events with the largest j for which
    `P(Bin(n, 1 - min_recall) <= j - 1) <= 1 - confidence_level`: its miss rate is at most that of the j-th of n
    uniform numbers. Exact for any scores; ties cost power, not validity. These rates do not depend on the
    prevalence, so the promise outlives a change of it as long as events and non-events each stay as they were.

    References
    ----------
    X. Tong, Y. Feng and J. J. Li, Neyman-Pearson classification algorithms and NP receiver operating
    characteristics, Science Advances 4, 2018.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.beta(0.4, 0.8, 2000)
    >>> y = rng.random(2000) < risk
    >>> certify_rates(y, risk, min_recall=0.95, max_false_positive_rate=0.05, confidence_level=0.9).promises[0].errors
    24
    """
    level = check_level(confidence_level)
    if min_recall is None and max_false_positive_rate is None:
        raise refuse("min_recall or max_false_positive_rate", "be given", "neither")
    cases = independent_cases(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event, rng=rng
    )
    delta = (1 - level) / (1 if min_recall is None or max_false_positive_rate is None else 2)
    low = high = None
    if min_recall is not None:
        limit = 1 - check_level(min_recall, name="min_recall")
        low = _cut_below(cases, limit, delta)
    if max_false_positive_rate is not None:
        limit = check_level(max_false_positive_rate, name="max_false_positive_rate")
        high = _cut_above(cases, limit, delta)
    return with_frame_kind(_certificate(cases, low, high, level), frame_kind(y_true, y_proba))


def _cut_below(cases: Cases, limit: float, delta: float) -> _Cut:
    """Find the highest risk below which too many events lie with probability `delta` at most."""
    risk, weight = cases.risk[cases.is_event], cases.weight[cases.is_event]
    return _order_statistic(risk, weight, limit, delta, "events called 'negative'")


def _cut_above(cases: Cases, limit: float, delta: float) -> _Cut:
    """Find the lowest risk from which on too many non-events lie with probability `delta` at most."""
    risk, weight = cases.risk[~cases.is_event], cases.weight[~cases.is_event]
    cut = _order_statistic(-risk, weight, limit, delta, "non-events called 'positive'")
    # Positive from the next number on: the order statistic itself stays out.
    return cut if cut.at is None else cut._replace(at=float(np.nextafter(-cut.at, 2.0)))


def _order_statistic(key: FloatArray, weight: FloatArray, limit: float, delta: float, rate: str) -> _Cut:
    n = int(weight.sum())
    order = np.argsort(key, kind="stable")
    cumulated = np.cumsum(weight[order])
    p_values = error_p_values(np.arange(n), np.full(n, n), limit)
    j = int(np.searchsorted(p_values, delta, side="right"))
    at = float(key[order][np.searchsorted(cumulated, j)]) if j else None
    errors = 0 if at is None else int(weight[key < at].sum())
    bound = upper_error(errors, n, delta)
    promise = Promise(rate=rate, limit=limit, confidence_level=1 - delta, n=n, errors=errors, bound=bound)
    least = smallest_sample(limit, delta)
    failure = f"That needs at least {count(least)} such cases; there are {count(n)}."
    return _Cut(at, promise, failure)


def _certificate(cases: Cases, below: _Cut | None, above: _Cut | None, level: float) -> DeferralCertificate:
    low = 0.0 if below is None or below.at is None else below.at
    high = np.inf if above is None or above.at is None else above.at
    if low > high:
        low = high = min(max(0.5, high), low)
    negative, positive = cases.risk < low, cases.risk >= high
    wrong = (negative & cases.is_event) | (positive & ~cases.is_event)
    cuts = [cut for cut in (below, above) if cut is not None]
    return DeferralCertificate(
        low=low,
        high=high,
        max_error=max(cut.promise.limit for cut in cuts),
        confidence_level=level,
        n=int(cases.weight.sum()),
        errors=int(cases.weight @ wrong),
        bound=max((cut.promise.bound for cut in cuts if cut.at is not None), default=np.nan),
        coverage=float(cases.weight @ (negative | positive) / cases.weight.sum()),
        promises=tuple(cut.promise for cut in cuts),
        mean_cost=None,
        n_groups=cases.n_groups,
        event_column=cases.event_column,
        outcomes=("no event", "event"),
        actions=("negative", "positive", "defer"),
        findings=sort_findings([*_failures(cuts), *grouped_findings(cases)]),
    )


def _failures(cuts: list[_Cut]) -> list[Finding]:
    return [
        Finding(
            code="RD310",
            severity="issue",
            sentence=failure_sentence(cut.promise.rate, cut.promise.limit, cut.promise.confidence_level),
            todo=cut.failure,
        )
        for cut in cuts
        if cut.at is None
    ]
