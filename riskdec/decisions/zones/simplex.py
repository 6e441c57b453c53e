"""The cheapest action at every mix of three outcomes: polygons in a triangle, cut exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, percent

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.decisions.costs.cost_matrix import CostMatrix

# A sliver of the triangle with less than this share of its area is a product of rounding.
_SLIVER = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class SimplexRegion:
    """The probabilities of three outcomes at which one action is the cheapest.

    Attributes
    ----------
    action : str
        Name of the action.
    corners : tuple of three floats, each
        Corners of a convex polygon, each with the probabilities of the three outcomes.
    area : float
        Its share of the triangle.
    """

    action: str
    corners: tuple[tuple[float, float, float], ...]
    area: float


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class SimplexRegions(Framed):
    """The cheapest action at all probabilities of three outcomes.

    `frame` gives one line per corner of each polygon.

    Attributes
    ----------
    regions : tuple of SimplexRegion
        In the order of the actions; together they cover the triangle.
    never : tuple of str
        Actions that are cheapest nowhere.
    costs : CostMatrix
        The costs behind the regions.
    """

    regions: tuple[SimplexRegion, ...]
    never: tuple[str, ...]
    costs: CostMatrix

    def summary(self) -> Table:
        """Give the share of the triangle that each action has, and the actions that have none."""
        rows = [(region.action, percent(region.area)) for region in self.regions]
        rows += [(action, "never") for action in self.never]
        title = f"Cheapest action by the probabilities of {', '.join(map(repr, self.costs.outcomes))}"
        return Table(title=title, header=("action", "share of all probabilities"), rows=tuple(rows))

    def _columns(self) -> dict[str, Any]:
        lines = [(region.action, *corner) for region in self.regions for corner in region.corners]
        names = ("action", *self.costs.outcomes)
        return {name: [line[j] for line in lines] for j, name in enumerate(names)}

    def to_dict(self) -> dict[str, Any]:
        """Give the polygons and the costs, ready for JSON."""
        plain = [{"action": r.action, "corners": jsonable(np.array(r.corners)), "area": r.area} for r in self.regions]
        return {"regions": plain, "never": list(self.never), "costs": self.costs.to_dict()}

    def _headline(self) -> str:
        return ", ".join(f"{region.action} {percent(region.area)}" for region in self.regions)


def find_simplex_regions(costs: CostMatrix) -> SimplexRegions:
    """Cut the triangle of probabilities by the lines on which two actions cost the same."""
    table = costs.costs
    found = []
    for a, name in enumerate(costs.actions):
        corners = np.eye(3)
        for b in range(len(costs.actions)):
            # Of equal columns the first one counts, since it is the one that is chosen.
            if b != a and not (b > a and (table[:, a] == table[:, b]).all()):
                corners = _keep_below(corners, table[:, a] - table[:, b])
        area = _area(corners)
        if area > _SLIVER:
            points = tuple((float(p), float(q), float(r)) for p, q, r in corners)
            found.append(SimplexRegion(action=name, corners=points, area=area))
    useful = {region.action for region in found}
    never = tuple(name for name in costs.actions if name not in useful)
    return SimplexRegions(regions=tuple(found), never=never, costs=costs)


def _keep_below(corners: FloatArray, excess: FloatArray) -> FloatArray:
    """Clip a convex polygon to the points p with ``p @ excess <= 0`` (Sutherland and Hodgman)."""
    if not len(corners):
        return corners
    height = corners @ excess
    if not excess.any():
        return np.empty((0, 3))
    kept = []
    for i, here in enumerate(height.tolist()):
        before = float(height[i - 1])
        if (here <= 0) != (before <= 0):
            share = before / (before - here)
            kept.append(corners[i - 1] + share * (corners[i] - corners[i - 1]))
        if here <= 0:
            kept.append(corners[i])
    return np.array(kept).reshape(-1, 3)


def _area(corners: FloatArray) -> float:
    """Give the area of a polygon as a share of the triangle: twice the shoelace formula in two coordinates."""
    if len(corners) < 3:
        return 0.0
    x, y = corners[:, 0], corners[:, 1]
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
