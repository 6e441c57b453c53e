"""From certified cuts to a certificate: the widest or the cheapest zone, its evidence, and what else to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import count, percent
from riskdec.decisions.certificates.answer import TIED, DeferralCertificate, Promise, rate_text
from riskdec.decisions.certificates.exact import cases_for_rate, smallest_sample, upper_error, upper_errors

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray
    from riskdec.decisions.certificates.cases import Cases
    from riskdec.decisions.certificates.fixed_sequence import Prefixes
    from riskdec.decisions.costs.cost_matrix import CostMatrix


# Samples that are looked at for what would be attainable: none smaller, and not more of them.
_LEAST_SEEN, _MOST_SEEN = 46, 2000

# Names of the actions where costs do not name them.
_DEFAULT = ("negative", "positive", "defer")


class Side(NamedTuple):
    """One promise before its cut is chosen.

    Attributes
    ----------
    rate : str
        What is limited.
    where : {"both", "negative", "positive"}
        Which cases a cut accepts: ranked by doubt, from the lowest risk up, or from the highest down.
    limit, delta : float
        The limit, and the probability with which it may be exceeded.
    prefixes : Prefixes
        The ranking.
    certified : range
        Places of the certified cuts.
    """

    rate: str
    where: str
    limit: float
    delta: float
    prefixes: Prefixes
    certified: range


def build_certificate(cases: Cases, sides: list[Side], level: float, costs: CostMatrix | None) -> DeferralCertificate:
    """Choose a cut for each side and write the certificate."""
    chosen = _choose(sides, cheapest=costs is not None)
    low, high = _cuts(sides, chosen)
    negative, positive = cases.risk < low, cases.risk >= high
    wrong = (negative & cases.is_event) | (positive & ~cases.is_event)
    n = float(cases.weight.sum())
    promises = tuple(_promise(side, place) for side, place in zip(sides, chosen, strict=True))
    kept = [promise.bound for promise, place in zip(promises, chosen, strict=True) if place is not None]
    names = _DEFAULT if costs is None else tuple(costs.actions[a] for a in (*costs.deciding, *costs.not_deciding))
    return DeferralCertificate(
        low=low,
        high=high,
        max_error=max(side.limit for side in sides),
        confidence_level=level,
        n=int(n),
        errors=int(cases.weight @ wrong),
        bound=max(kept, default=np.nan),
        coverage=float(cases.weight @ (negative | positive) / n),
        promises=promises,
        mean_cost=None if costs is None else _mean_cost(cases, negative, positive, costs),
        n_groups=cases.n_groups,
        event_column=cases.event_column,
        outcomes=("no event", "event") if costs is None else costs.outcomes,
        actions=names,
        findings=sort_findings([*_failures(sides, n), *_tied(sides), *grouped_findings(cases)]),
    )


def _choose(sides: list[Side], *, cheapest: bool) -> list[int | None]:
    """Give the place of the cut on each side: the one of most gain, None where deferring all is as good."""
    chosen = [_best(side, side.certified) for side in sides]
    if len(sides) < 2 or None in chosen or not _overlap(sides, chosen):
        return chosen
    # Two certified ranges meet, so every case may be decided: the cut between them that gains most.
    low, high = sides
    places = np.arange(low.certified.start, low.certified.stop)
    below = low.prefixes.key[places]
    # Cuts of the other side that stay above this one, and the best among them.
    clear = np.searchsorted(high.prefixes.key, -below).clip(high.certified.start, high.certified.stop)
    gains = np.append([0.0], high.prefixes.gain[high.certified.start : high.certified.stop])
    running = np.maximum.accumulate(gains)
    widest = np.maximum.accumulate(np.where(gains == running, np.arange(gains.size), 0))
    other = widest[clear - high.certified.start]
    total = low.prefixes.gain[places] + gains[other]
    # Where nothing has a price, the cut nearest to one half is taken among those that decide most.
    pick = int(np.argmax(total if cheapest else total - np.abs(below - 0.5) * 1e-9))
    partner = high.certified.start + int(other[pick]) - 1
    return [int(places[pick]), partner if other[pick] else None]


def _best(side: Side, places: range) -> int | None:
    if not places:
        return None
    gain = side.prefixes.gain[places.start : places.stop]
    # Of equal gains the widest.
    last = len(gain) - 1 - int(np.argmax(gain[::-1]))
    return places.start + last if gain[last] > 0 else None


def _overlap(sides: list[Side], chosen: list[int | None]) -> bool:
    low, high = (side.prefixes.key[place] for side, place in zip(sides, chosen, strict=True))
    return bool(low >= -high)


def _cuts(sides: list[Side], chosen: list[int | None]) -> tuple[float, float]:
    """Give the risk below which a case is negative, and the one from which it is positive."""
    low, high = 0.0, np.inf
    for side, place in zip(sides, chosen, strict=True):
        if place is None:
            continue
        key = float(side.prefixes.key[place])
        if side.where == "positive":
            high = -key
            continue
        low = float(np.nextafter(key, 1.0))
        if side.where == "both":
            low, high = min(low, 0.5), 1 - key
            # One minus a small number may have been rounded down, to a risk that is in more doubt.
            high = float(np.nextafter(high, 1.0)) if 1 - high > key else high
    return low, high


def _promise(side: Side, place: int | None) -> Promise:
    # Where nothing is certified, the evidence shown is that of the first cut that was tested.
    failed = min(side.certified.start, side.prefixes.size.shape[0] - 1)
    size, errors = (int(counts[failed if place is None else place]) for counts in side.prefixes[1:3])
    bound = upper_error(errors, size, side.delta)
    return Promise(
        rate=side.rate, limit=side.limit, confidence_level=1 - side.delta, n=size, errors=errors, bound=bound
    )


def _mean_cost(cases: Cases, negative: BoolArray, positive: BoolArray, costs: CostMatrix) -> float:
    action = np.full(negative.shape, costs.not_deciding[0])
    action[negative], action[positive] = costs.deciding
    paid = costs.costs[cases.is_event.astype(np.intp), action]
    return float(cases.weight @ paid / cases.weight.sum())


def failure_sentence(rate: str, limit: float, level: float) -> str:
    """Say that a promise cannot be made."""
    return f"No cut keeps the rate of {rate} at {rate_text(limit)} with {percent(level)} confidence."


def _failures(sides: list[Side], n: float) -> list[Finding]:
    return [_attainable(side, n) for side in sides if not side.certified]


def _attainable(side: Side, n: float) -> Finding:
    """Say which limit, or how many cases, would have been attainable."""
    sentence = failure_sentence(side.rate, side.limit, 1 - side.delta)
    least = smallest_sample(side.limit, side.delta) + 1
    if n < least:
        todo = f"That needs at least {least} cases, all of them right; there are {count(n)}."
        return Finding(code="RD310", severity="issue", sentence=sentence, todo=todo)
    # A looser limit would start earlier; a few thousand sizes are enough to look at.
    first = min(int(np.searchsorted(side.prefixes.size, _LEAST_SEEN)), side.certified.start)
    looked = np.unique(np.geomspace(first + 1, side.prefixes.size.size, _MOST_SEEN).astype(np.intp)) - 1
    sizes, errors = side.prefixes.size[looked], side.prefixes.errors[looked]
    bounds = upper_errors(errors, sizes, side.delta)
    best = int(bounds.argmin())
    todo = f"About {rate_text(bounds[best])} looks attainable with these cases ({count(errors[best])} errors in "
    todo += f"{count(sizes[best])}); it was chosen after looking, so confirm it on other cases."
    wanted = cases_for_rate(float(errors[best] / sizes[best]), side.limit, side.delta)
    if wanted is not None:
        more = int(np.ceil(wanted / sizes[best] * n))
        todo += f" At this rate of errors about {count(more)} cases in all would certify {rate_text(side.limit)}."
    return Finding(code="RD310", severity="issue", sentence=sentence, todo=todo)


def _tied(sides: list[Side]) -> list[Finding]:
    tied = [side for side in sides if side.certified and _first_is_tied(side)]
    return [Finding(code="RD311", severity="caution", sentence=TIED)] if tied else []


def _first_is_tied(side: Side) -> bool:
    first = side.certified.start
    return bool(side.prefixes.size[first] - (side.prefixes.size[first - 1] if first else 0) > 1)


def grouped_findings(cases: Cases) -> list[Finding]:
    """Say that one row of each group was used, where there are groups."""
    if cases.n_groups is None:
        return []
    sentence = f"One row of each of {count(cases.n_groups)} groups was drawn, since a promise needs independent cases."
    todo = "It is about one case of a new group, not about all cases of a group together."
    return [Finding(code="RD312", severity="caution", sentence=sentence, todo=todo)]
