"""The net benefit that is left when not everybody who is flagged can be served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_counts, check_integer, check_number, check_outcome, check_risks, refuse
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RealisedNetBenefit(Result):
    """Net benefit with all who are flagged served, and with those that the limits leave.

    Attributes
    ----------
    threshold : float
        Rows at or above this risk are flagged.
    capacity : int
        Units that can be used at this threshold.
    second_threshold : float or None
        Beyond the capacity, units are used only at or above this risk; None if there are no more.
    flagged, served : float
        Number of rows flagged, and served.
    net_benefit, realised : float
        In units of true positives per row.
    standard_error : float
        Of the realised net benefit, the cut between served and not served taken as fixed.
    lost : float
        ``net_benefit - realised``: what the limits cost.
    n : int
        Number of rows.
    """

    threshold: float
    capacity: int
    second_threshold: float | None
    flagged: float
    served: float
    net_benefit: float
    realised: float
    standard_error: float
    lost: float
    n: int

    def summary(self) -> Table:
        """Give flagged and served rows and the two net benefits."""
        rows = (
            ("rows flagged", count(self.flagged)),
            ("rows served", count(self.served)),
            ("net benefit without limits", number(self.net_benefit)),
            ("realised net benefit", number(self.realised)),
            ("  standard error", number(self.standard_error)),
            ("lost to the limits", number(self.lost)),
        )
        return Table(title=f"Net benefit of {count(self.n)} rows at a threshold of {number(self.threshold)}", rows=rows)

    def to_dict(self) -> dict[str, Any]:
        """Give every figure, ready for JSON."""
        return {name: jsonable(getattr(self, name)) for name in self.__dataclass_fields__}

    def _headline(self) -> str:
        return f"{count(self.served)} of {count(self.flagged)} flagged served, net benefit {number(self.realised)}"


def realised_net_benefit(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    threshold: float,
    capacity: int,
    second_threshold: float | None = None,
    sample_weight: ArrayLike | None = None,
    event: object = None,
) -> RealisedNetBenefit:
    """Compute the net benefit when units are limited.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Outcomes.
    y_proba : array-like of shape (n,) or (n, 2)
        Risks; the highest are served first. Equal risks share the last units: each is served in part.
    threshold : float
        Rows at or above this risk are flagged; in (0, 1).
    capacity : int
        Units that can be used (an absolute limit).
    second_threshold : float, optional
        A relative limit: more units can be had at a price that is worth paying at or above this risk only.
    sample_weight : array-like of shape (n,), optional
        Frequency weights.
    event : label, optional
        The class that is the event.

    Returns
    -------
    RealisedNetBenefit
        ``(TP - w FP) / n`` of those served, with ``w = t / (1 - t)``, and ``w_2 = t_2 / (1 - t_2)`` for units beyond
        the capacity.

    References
    ----------
    K. Singh, N. H. Shah, A. J. Vickers, Assessing the net benefit of machine learning models in the presence of
    resource constraints, JAMIA 30, 2023. doi:10.1093/jamia/ocad006

    Examples
    --------
    >>> realised_net_benefit([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], threshold=0.5, capacity=2)
    <RealisedNetBenefit: 2 of 3 flagged served, net benefit 0>
    """
    risk = check_risks(y_proba)
    is_event = check_outcome(y_true, event=event, n=len(risk)).is_event.astype(np.float64)
    cut = _inside(threshold, name="threshold")
    units = check_integer(capacity, name="capacity")
    weight = check_counts(sample_weight, len(risk))
    weight = np.ones(len(risk)) if weight is None else weight
    n = float(weight.sum())
    if n == 0:
        raise refuse("y_true", "have at least one row", "0 rows")
    flagged = risk >= cut
    benefit = np.where(is_event > 0, 1.0, -cut / (1 - cut))
    served = flagged * _share_served(risk, weight, float(units))
    gain = served * benefit
    more = np.zeros(len(risk))
    if second_threshold is not None:
        second = _inside(second_threshold, name="second_threshold")
        if second < cut:
            raise refuse("second_threshold", f"be at least the threshold ({cut:g})", repr(second_threshold))
        more = (risk >= second) * flagged * (1 - served)
        gain = gain + more * np.where(is_event > 0, 1.0, -second / (1 - second))
    full, realised = float(weight @ (flagged * benefit) / n), float(weight @ gain / n)
    spread = float(weight @ (gain - realised) ** 2)
    return RealisedNetBenefit(
        threshold=cut,
        capacity=units,
        second_threshold=second_threshold,
        flagged=float(weight @ flagged),
        served=float(weight @ (served + more)),
        net_benefit=full,
        realised=realised,
        standard_error=float(np.sqrt(spread / (n * (n - 1)))) if n > 1 else float("nan"),
        lost=full - realised,
        n=int(n),
    )


def _inside(value: object, *, name: str) -> float:
    cut = check_number(value, name=name, low=0.0, high=1.0, open_low=True)
    if cut == 1:
        raise refuse(name, "lie strictly between 0 and 1", "1", "At 1 a false positive would cost without limit.")
    return cut


def _share_served(risk: FloatArray, weight: FloatArray, units: float) -> FloatArray:
    """Give the share of each row that is served when the highest risks come first and equal ones share."""
    values, place = np.unique(-risk, return_inverse=True)
    rows = np.bincount(place, weights=weight, minlength=len(values))
    before = np.concatenate(([0.0], np.cumsum(rows)[:-1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip((units - before) / rows, 0.0, 1.0)
    result: FloatArray = np.nan_to_num(share)[place]
    return result
