"""Regions of risk: which action is cheapest between which two risks, for two outcomes, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import FloatArray, FrameKind
    from riskdec.decisions.costs.cost_matrix import CostMatrix


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """An interval of risk in which one action is the cheapest.

    Attributes
    ----------
    action : str
        Name of the action.
    low, high : float
        The action is chosen for `low <= risk < high`; the last region includes a risk of 1.
    """

    action: str
    low: float
    high: float

    def __str__(self) -> str:
        if self.high == 1 and self.low > 0:
            return f"from {risk_text(self.low)}"
        if self.low == 0 and self.high < 1:
            return f"below {risk_text(self.high)}"
        return f"{risk_text(self.low)} to {risk_text(self.high)}"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Regions(Framed):
    """The cheapest action at every risk of the second outcome.

    `frame` gives action, low and high of each region.

    Attributes
    ----------
    regions : tuple of Region
        From low to high risk; together they cover [0, 1] without gap or overlap.
    thresholds : ndarray of float, shape (m - 1,)
        The risks where the action changes, ascending. At a threshold itself the action above it is taken.
    expected_cost : ndarray of float, shape (m + 1,)
        Expected cost of the cheapest action at risk 0, at each threshold and at risk 1.
    never : tuple of str
        Actions that are cheapest at no risk.
    costs : CostMatrix
        The costs behind the regions; the risk is the probability of its second outcome.
    """

    regions: tuple[Region, ...]
    thresholds: FloatArray
    expected_cost: FloatArray
    never: tuple[str, ...]
    costs: CostMatrix

    def __iter__(self) -> Iterator[Region]:
        return iter(self.regions)

    def __len__(self) -> int:
        return len(self.regions)

    @property
    def gray_zone(self) -> Region | None:
        """The region in which deferring is cheapest, None where there is none.

        Where several actions defer, side by side, it spans them all and bears their names.
        """
        zones = [region for region in self.regions if region.action in self.costs.deferring]
        if not zones:
            return None
        return Region(action=" or ".join(zone.action for zone in zones), low=zones[0].low, high=zones[-1].high)

    def summary(self) -> Table:
        """Give the action of each region, and the actions that have none."""
        rows = [(region.action, str(region)) for region in self.regions]
        rows += [(action, "never") for action in self.never]
        note = "At a boundary the action of the higher risk is taken."
        return Table(
            title=f"Cheapest action by the risk of {self.costs.outcomes[1]!r}",
            header=("action", "risk"),
            rows=tuple(rows),
            notes=(note,) if self.thresholds.size else (),
        )

    def _columns(self) -> dict[str, Any]:
        columns = ("action", "low", "high")
        return {name: [getattr(region, name) for region in self.regions] for name in columns}

    def to_dict(self) -> dict[str, Any]:
        """Give regions, thresholds, the costs at them, and the actions never chosen, ready for JSON."""
        return {
            "regions": [{"action": r.action, "low": r.low, "high": r.high} for r in self.regions],
            "thresholds": jsonable(self.thresholds),
            "expected_cost": jsonable(self.expected_cost),
            "never": list(self.never),
            "costs": self.costs.to_dict(),
        }

    def _headline(self) -> str:
        return ", ".join(f"{region.action} {region}" for region in self.regions)


def find_regions(costs: CostMatrix, *, frame_kind: FrameKind = "pandas") -> Regions:
    """Cut the risks from 0 to 1 into regions with one cheapest action each; for two outcomes."""
    rule = costs.by_risk
    assert rule is not None
    return Regions(
        regions=rule.regions,
        thresholds=rule.envelope.cuts,
        expected_cost=rule.corner_costs,
        never=rule.never,
        costs=costs,
        frame_kind=frame_kind,
    )


def risk_text(risk: float) -> str:
    """Write a risk as a percentage with four significant digits.

    >>> risk_text(0.0625), risk_text(0.00033223)
    ('6.25 %', '0.03322 %')
    """
    text = number(100 * risk)
    # A risk of 99.9999 % is not certainty.
    return f"{100 * risk:.12g} %" if text == "100" and risk < 1 else f"{text} %"
