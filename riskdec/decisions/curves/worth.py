"""Where a prediction is worth having: at which thresholds it does better than treating all and treating none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.table import count, number
from riskdec.decisions.zones.regions import risk_text

if TYPE_CHECKING:
    from riskdec.decisions.curves.answer import DecisionCurve


def worth_sentence(curve: DecisionCurve, name: str) -> str:
    """Say at which thresholds a strategy beats both treating all and treating none, and where by most.

    Parameters
    ----------
    curve : DecisionCurve
        The answer.
    name : str
        One of its strategies.

    Returns
    -------
    str
        One sentence, with the paired standard error of the largest gain. As the largest of many, that gain owes part
        of its size to chance.

    Examples
    --------
    >>> from riskdec.decisions import decision_curve
    >>> curve = decision_curve([0, 0, 1, 1], {"model": [0.1, 0.6, 0.4, 0.9]}, thresholds=[0.2, 0.5])
    >>> worth_sentence(curve, "model").partition(", most at ")[2]
    '20 %: 0.0625 more true positives per case (standard error 0.062).'
    """
    place = curve.names.index(name)
    gain = curve.net_benefit[place] - np.maximum(curve.treat_all, curve.treat_none)
    better = np.flatnonzero(gain > 0)
    if not better.size:
        return f"{name!r} does better than treating all and treating none at none of {count(gain.size)} thresholds."
    most = int(gain.argmax())
    against_all = curve.treat_all[most] > 0
    pair = curve.pairs.index((name, "treat all"))
    error = curve.difference_error[pair, most] if against_all else curve.standard_error[place, most]
    sure = "too few rows acted on for a standard error" if np.isnan(error) else f"standard error {number(error, 2)}"
    ends = dict.fromkeys(risk_text(curve.threshold[j]) for j in (better[0], better[-1]))
    return (
        f"{name!r} does better than treating all and treating none at {count(better.size)} of {count(gain.size)} "
        f"thresholds ({' to '.join(ends)}), most at {risk_text(curve.threshold[most])}: {number(gain[most], 3)} more "
        f"true positives per case ({sure})."
    )
