"""The costs that class weights silently assume."""

from __future__ import annotations

from riskdec._base.checks import check_number
from riskdec.decisions import CostMatrix


def implied_costs(weight_ratio: float) -> CostMatrix:
    """Give the costs that a weight ratio silently assumes: a false alarm costs 1, a miss costs the ratio.

    Parameters
    ----------
    weight_ratio : float
        Weight of an event over that of a non-event in the loss.

    Returns
    -------
    CostMatrix
        Under these costs the honest risk is acted on from ``1 / (1 + weight_ratio)``, which is where a model
        fitted with these weights reaches 0.5 if its form is right.

    Raises
    ------
    InputError
        If the ratio is not a positive number.

    References
    ----------
    C. Elkan, The foundations of cost-sensitive learning, IJCAI 2001.

    Examples
    --------
    >>> implied_costs(9).regions()
    <Regions: negative below 10 %, positive from 10 %>
    """
    ratio = check_number(weight_ratio, name="weight_ratio", low=0, open_low=True)
    return CostMatrix.binary(false_positive=1, false_negative=ratio)
