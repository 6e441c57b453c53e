"""What weights cost in Brier score, split: what a shift mends, what a line mends, and what is lost for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.result import Estimate, jsonable
from riskdec.weighting.comparison.rows import items, subtract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec.weighting.judging import HeldOut, Judged


@dataclass(frozen=True, kw_only=True, slots=True)
class LossParts:
    """The Brier score of a weighted fit minus that of the unweighted one, in three parts that sum to it.

    Attributes
    ----------
    scheme : str
        Name of the scheme.
    total : Estimate
        Weighted as fitted, minus unweighted recalibrated.
    shift : Estimate
        What re-estimating calibration-in-the-large takes off: the part that is only a shift.
    slope : Estimate
        What re-estimating the slope as well takes off further.
    remaining : Estimate
        What the recalibrated weighted fit is still worse than the unweighted one recalibrated alike: lost for good, as
        no line on the log-odds gives it back.
    """

    scheme: str
    total: Estimate
    shift: Estimate
    slope: Estimate
    remaining: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text, ready for JSON."""
        plain = {name: value.to_dict() if isinstance(value, Estimate) else value for name, value in items(self)}
        return dict(jsonable(plain))


def split_loss(
    scheme: str, weighted: Mapping[str, Judged], none: Mapping[str, Judged], held_out: HeldOut
) -> LossParts | None:
    """Split the loss of a scheme; None where there were too few events to recalibrate.

    Parameters
    ----------
    scheme : str
        Its name.
    weighted, none : mapping of repair to Judged
        Risks of the weighted and of the unweighted fit in each state.
    held_out : HeldOut
        The rows.
    """
    if "recalibrated" not in weighted:
        return None
    raw, recentred, recalibrated = (weighted[state].brier for state in ("raw", "recentred", "recalibrated"))
    plain = none["recalibrated"].brier
    return LossParts(
        scheme=scheme,
        total=subtract(raw, plain, held_out),
        shift=subtract(raw, recentred, held_out),
        slope=subtract(recentred, recalibrated, held_out),
        remaining=subtract(recalibrated, plain, held_out),
    )
