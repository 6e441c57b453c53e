"""What a sweep has to say, in coded sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec.weighting.sweep.answer import WeightSweep

# From this share of equal decisions on, a threshold is said to do the work of the weights.
_ALIKE = 0.95
# Differences below this are rounding.
_ROUNDING = 1e-9


def conclude_sweep(sweep: WeightSweep, *, obstacle: str, separated: Sequence[float]) -> Iterator[Finding]:
    """Say what the sweep showed.

    Parameters
    ----------
    sweep : WeightSweep
        Without its findings.
    obstacle : str
        Why a logistic model was fitted ratio by ratio; empty where it was not.
    separated : sequence of float
        Ratios whose fit is penalised because the outcomes are separated.
    """
    yield _about_trade_off(sweep)
    yield _about_threshold(sweep)
    yield _about_calibration(sweep)
    if sweep.cost is not None and sweep.threshold_cost is not None and sweep.believed_cost is not None:
        yield _about_costs(sweep, sweep.cost, sweep.threshold_cost, sweep.believed_cost)
    if obstacle:
        yield Finding(
            code="RD424",
            severity="not applicable",
            sentence=f"Each ratio was fitted by itself, which takes longer: {obstacle}.",
        )
    if separated:
        yield Finding(
            code="RD406",
            severity="caution",
            sentence=f"The outcomes are separated: the fits under {len(separated)} of {len(sweep.weight_ratio)} ratios "
            "are penalised (Firth), not maximum likelihood.",
            todo="Drop or join the columns that separate, or take more rows.",
        )
    yield from _about_gaps(sweep)


def _about_trade_off(sweep: WeightSweep) -> Finding:
    at = sweep.natural
    natural = (
        f"At the natural ratio {number(sweep.natural_ratio, 3)} the weighted fit at 0.5 has precision "
        f"{_share(sweep.precision[at])} and recall {percent(sweep.recall[at])}"
    )
    if np.isnan(sweep.crossing_ratio):
        crossing = "the two do not cross within the sweep"
    else:
        crossing = (
            f"they cross at ratio {number(sweep.crossing_ratio, 3)}, where both are {percent(sweep.crossing_value)} "
            "and as many rows are flagged as there are events"
        )
    sentence = f"{natural}; {crossing}. No ratio is right by itself: which point to take is a matter of costs."
    todo = "Say what errors cost, and decide on risks without weights: decide(costs=...)."
    return Finding(code="RD420", severity="caution", sentence=sentence, todo=todo)


def _about_threshold(sweep: WeightSweep) -> Finding:
    least = int(sweep.agreement.argmin())
    same = (
        f"One fit without weights and a threshold of 1 / (1 + ratio) makes the same decisions in "
        f"{percent(sweep.agreement[least])} of the rows or more (least at ratio {number(sweep.weight_ratio[least], 3)})"
    )
    largest = sweep.largest_difference
    apart = _say_difference(sweep)
    told = bool(largest.low > 0 or largest.high < 0)
    alike = bool(sweep.agreement[least] >= _ALIKE)
    gain = told and largest.estimate > 0
    todo = "Try a more flexible model without weights: if the gain goes, the form was wrong." if gain else ""
    if alike:
        verdict = "A moving threshold traces the same trade-off with one fit."
    elif not told:
        verdict = "These rows do not tell the two trade-offs apart; a moving threshold needs one fit."
    else:
        verdict = "" if gain else "A moving threshold does better, with one fit."
    sentence = " ".join(filter(None, (f"{same}.", apart, verdict)))
    return Finding(code="RD421", severity="caution" if gain else "good", sentence=sentence, todo=todo)


def _say_difference(sweep: WeightSweep) -> str:
    """Say where the weights find more or fewer events than a threshold of the same precision, and how many."""
    largest, size = sweep.largest_difference, abs(sweep.largest_difference.estimate)
    if np.isnan(size):
        return "At no ratio can recall be compared at equal precision."
    compared = int(np.isfinite(sweep.recall_difference + sweep.recall_difference_se).sum())
    if size < _ROUNDING:
        return f"At equal precision the weights find no fewer and no more of the events ({compared} ratios compared)."
    low, high = (round(100 * limit, 2) + 0.0 for limit in (largest.low, largest.high))
    limits = f"{number(low, 2)} to {number(high, 2)} points"
    return (
        f"At equal precision the weights differ most at ratio {number(sweep.largest_ratio, 3)}, where they find "
        f"{percent(size)} of the events {'more' if largest.estimate > 0 else 'fewer'} ({limits}); as the largest of "
        f"{compared} differences it owes part of its size to chance."
    )


def _about_calibration(sweep: WeightSweep) -> Finding:
    low, high = sweep.mean_risk[0], sweep.mean_risk[-1]
    none, natural = sweep.unweighted, sweep.natural
    return Finding(
        code="RD422",
        severity="issue" if abs(sweep.mean_risk[natural] / sweep.observed_rate - 1) > 0.1 else "good",
        sentence=f"Along the sweep the mean risk goes from {percent(low)} to {percent(high)} where "
        f"{percent(sweep.observed_rate)} of the rows have the event: {percent(sweep.mean_risk[none])} without "
        f"weights, {percent(sweep.mean_risk[natural])} at the natural ratio. Only those without weights are risks.",
        todo="Tune a threshold, not a weight: the risks then stay what they are.",
    )


def _about_costs(
    sweep: WeightSweep, cost: np.ndarray, threshold_cost: np.ndarray, believed_cost: np.ndarray
) -> Finding:
    best, other = int(cost.argmin()), int(threshold_cost.argmin())
    believed = float(believed_cost[sweep.natural])
    sentence = (
        f"At 0.5 the cheapest weighted fit costs {number(cost[best])} per row, at ratio "
        f"{number(sweep.weight_ratio[best], 3)}; the cheapest threshold costs {number(threshold_cost[other])}, at "
        f"{number(sweep.threshold[other], 3)}, both chosen on the held-out rows. Decisions of least expected cost "
        f"without weights, which choose nothing, cost {number(sweep.decided_cost)}; on risks with natural weights "
        f"they cost {number(believed)}."
    )
    twice = sweep.decided_cost is not None and believed > sweep.decided_cost
    todo = "Put the costs into the decision alone: in weights and decision they count twice." if twice else ""
    return Finding(code="RD423", severity="caution" if twice else "good", sentence=sentence, todo=todo)


def _about_gaps(sweep: WeightSweep) -> Iterator[Finding]:
    n = len(sweep.weight_ratio)
    empty = int((sweep.flagged == 0).sum() + (sweep.threshold_flagged == 0).sum())
    if empty:
        sentence = (
            f"In {empty} of {2 * n} places of the sweep no row is flagged, so there is no precision (not available)."
        )
        yield Finding(code="RD205", severity="not applicable", sentence=sentence)
    unmatched = int(np.isnan(sweep.recall_difference).sum())
    uncertain = int(np.isnan(sweep.recall_difference_se).sum()) - unmatched
    if unmatched or uncertain:
        reasons = (
            (unmatched, "no threshold is as precise as the weights, so their recalls are not compared"),
            (
                uncertain,
                "the difference of recalls has no standard error, because one more row at the threshold would not "
                "lower its precision",
            ),
        )
        sentence = " ".join(f"At {times} of {n} ratios {reason}." for times, reason in reasons if times)
        yield Finding(code="RD425", severity="not applicable", sentence=sentence)
    unknown = int(np.isnan(np.stack([sweep.citl, sweep.citl_low, sweep.slope, sweep.slope_low])).any(axis=0).sum())
    if unknown:
        sentence = (
            f"Calibration-in-the-large, slope or their limits are not available at {unknown} of {n} ratios: too few "
            "events or non-events, risks of exactly 0 or 1 that proved wrong, or separated outcomes."
        )
        yield Finding(code="RD207", severity="not applicable", sentence=sentence)


def _share(value: float) -> str:
    return "not defined (no row is flagged)" if np.isnan(value) else percent(value)
