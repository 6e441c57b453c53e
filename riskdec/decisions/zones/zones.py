"""Where one action is best whatever the costs are, and where it depends on them; for two outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Framed
from riskdec._base.table import Table
from riskdec.decisions.zones.envelope import lower_envelope
from riskdec.decisions.zones.regions import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import FloatArray
    from riskdec.decisions.costs.cost_ranges import CostRanges

AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CostZones(Framed):
    """Zones of risk, from low to high, with one robust action each or none.

    `frame` gives action, low and high of each zone.

    Attributes
    ----------
    zones : tuple of Region
        Together they cover [0, 1]; the action of a zone where it depends on the costs is ``"ambiguous"``.
    outcome : str
        The outcome whose probability is the risk.
    """

    zones: tuple[Region, ...]
    outcome: str

    def __iter__(self) -> Iterator[Region]:
        return iter(self.zones)

    def __len__(self) -> int:
        return len(self.zones)

    def sentence(self) -> str:
        """Say where the costs do not matter."""
        parts = [f"{zone.action!r} {zone}" for zone in self.zones if zone.action != AMBIGUOUS]
        if not parts:
            return "At every risk the best action depends on where in their ranges the costs lie."
        return f"Whatever the costs are within their ranges, the best action is {', '.join(parts)}."

    def summary(self) -> Table:
        """Give the zones."""
        rows = tuple((zone.action, str(zone)) for zone in self.zones)
        return Table(title=f"Robust action by the risk of {self.outcome!r}", header=("action", "risk"), rows=rows)

    def _columns(self) -> dict[str, Any]:
        return {name: [getattr(zone, name) for zone in self.zones] for name in ("action", "low", "high")}

    def to_dict(self) -> dict[str, Any]:
        """Give the zones, ready for JSON."""
        plain = [{"action": zone.action, "low": zone.low, "high": zone.high} for zone in self.zones]
        return {"zones": plain, "outcome": self.outcome}

    def _headline(self) -> str:
        return ", ".join(f"{zone.action} {zone}" for zone in self.zones)


def find_zones(ranges: CostRanges) -> CostZones:
    """Cut the risks from 0 to 1 into zones, robust or ambiguous."""
    spans = _spans_of_draws(ranges) if ranges.draws is not None else _spans_of_ranges(ranges)
    robust = sorted((low, high, action) for action, (low, high) in spans.items() if low < high)
    zones, end = [], 0.0
    for low, high, action in robust:
        if low > end:
            zones.append(Region(action=AMBIGUOUS, low=end, high=low))
        zones.append(Region(action=action, low=max(low, end), high=high))
        end = high
    if end < 1:
        zones.append(Region(action=AMBIGUOUS, low=end, high=1.0))
    return CostZones(zones=tuple(zones), outcome=ranges.outcomes[1])


def _spans_of_ranges(ranges: CostRanges) -> dict[str, tuple[float, float]]:
    """Give the risks at which no costs within the ranges make a rival of an action cheaper."""
    return {
        name: _where_not_above(np.delete(ranges.high[:, [a]] - ranges.low, a, axis=1))
        for a, name in enumerate(ranges.actions)
    }


def _where_not_above(excess: FloatArray) -> tuple[float, float]:
    """Give the interval of risks p with ``(1 - p) e_0 + p e_1 <= 0`` in every column; empty as (1, 0)."""
    low, high = 0.0, 1.0
    for start, end in excess.T.tolist():
        if start <= 0 and end <= 0:
            continue
        if start > 0 and end > 0:
            return 1.0, 0.0
        crossing = start / (start - end)
        low, high = (max(low, crossing), high) if start > 0 else (low, min(high, crossing))
    return low, high


def _spans_of_draws(ranges: CostRanges) -> dict[str, tuple[float, float]]:
    """Give the risks at which an action is the cheapest under every draw."""
    spans = dict.fromkeys(ranges.actions, (0.0, 1.0))
    assert ranges.draws is not None
    for table in ranges.draws:
        envelope = lower_envelope(table)
        ends = np.concatenate(([0.0], envelope.cuts, [1.0])).tolist()
        found = dict.fromkeys(ranges.actions, (1.0, 0.0))
        for a, low, high in zip(envelope.actions.tolist(), ends[:-1], ends[1:], strict=True):
            found[ranges.actions[a]] = (low, high)
        spans = {name: (max(spans[name][0], found[name][0]), min(spans[name][1], found[name][1])) for name in spans}
    return spans
