"""Cost curves (Murphy diagrams): mean cost at every threshold, and its average over the thresholds one might have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number, check_weights, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, number
from riskdec.decisions.curves.ranking import place_in_cuts, sum_flagged
from riskdec.decisions.curves.thresholds import check_thresholds
from riskdec.decisions.judging.event_rows import check_event, check_event_risks
from riskdec.decisions.zones.regions import risk_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, BoolArray, FloatArray

# Lines of a printed table.
_MOST_LINES = 10


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CostCurve(Framed):
    """Mean cost of acting on risks, over thresholds, where a false alarm costs 2 t and a miss 2 (1 - t).

    `frame` gives one line per model and threshold: name, threshold, cost.

    Attributes
    ----------
    threshold : ndarray of shape (T,)
        Risk from which acting pays.
    names : tuple of str
        The S models.
    cost : ndarray of shape (S, T)
        Mean cost per case.
    act_on_all, act_on_none : ndarray of shape (T,)
        Mean cost of acting on everybody, and on nobody.
    average : ndarray of shape (S,)
        Mean cost averaged over all thresholds with the weights of `density`, exactly: not only those drawn. With
        uniform weights it is the Brier score.
    density : tuple of two float
        Parameters of the beta distribution of thresholds; (1, 1) is uniform.
    n : int
        Rows.
    prevalence : float
        Share of events.
    """

    threshold: FloatArray
    names: tuple[str, ...]
    cost: FloatArray
    act_on_all: FloatArray
    act_on_none: FloatArray
    average: FloatArray
    density: tuple[float, float]
    n: int
    prevalence: float

    def summary(self) -> Table:
        """Give the average cost of each model, and its cost at about ten of the thresholds."""
        size = self.threshold.size
        shown = np.unique(np.linspace(0, size - 1, min(size, _MOST_LINES)).round().astype(int)).tolist()
        rows = [("average", *map(number, self.average.tolist()), "", "")]
        for j in shown:
            ends = (number(self.act_on_all[j]), number(self.act_on_none[j]))
            rows.append((risk_text(self.threshold[j]), *map(number, self.cost[:, j].tolist()), *ends))
        uniform = self.density == (1.0, 1.0)
        a, b = map(number, self.density)
        weights = "evenly: the Brier score" if uniform else f"with the weights of a beta distribution ({a}, {b})"
        notes = (f"A false alarm costs 2t, a miss 2(1 - t). Averaged over all thresholds {weights}.",)
        header = ("threshold", *self.names, "act on all", "act on none")
        return Table(title=f"Mean cost on {count(self.n)} rows", header=header, rows=tuple(rows), notes=notes)

    def _columns(self) -> dict[str, Any]:
        size = self.threshold.size
        names = np.repeat(np.array(self.names), size)
        return {"model": names, "threshold": np.tile(self.threshold, len(self.names)), "cost": self.cost.ravel()}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        return self._plain_fields()

    def _headline(self) -> str:
        averages = [f"{name} {number(cost)}" for name, cost in zip(self.names, self.average.tolist(), strict=True)]
        return f"average cost {', '.join(averages)}; {count(self.n)} rows"


def cost_curve(
    y_true: ArrayLike,
    predictions: Mapping[str, ArrayLike],
    *,
    thresholds: ArrayLike | None = None,
    density: tuple[float, float] = (1.0, 1.0),
    sample_weight: ArrayLike | None = None,
    event: object = None,
) -> CostCurve:
    """Give the mean cost of acting on risks at every threshold, and its average over thresholds.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Outcomes.
    predictions : dict
        Name and risks of each model.
    thresholds : array-like, optional
        Where to draw, strictly between 0 and 1, ascending; by default 0.01 to 0.99.
    density : two float
        Parameters `a, b` of a beta distribution that says which thresholds are likely to be used, such as (2, 18) for
        "somewhere around 0.1".
    sample_weight : array-like of shape (n,), optional
        Row weights, of either kind.
    event : object, optional
        The label that means the event; 1 and True need not be named.

    Returns
    -------
    CostCurve
        Cost at each threshold and on average.

    Raises
    ------
    InputError
        For thresholds outside (0, 1), and values that are no risks.

    Notes
    -----
    A case without event costs `2 t` at every threshold up to its risk p, one with the event `2 (1 - t)` above it:
    averaged evenly over t, `p^2` and `(1 - p)^2`, the Brier score. With beta weights the two are
    `2 a/(a+b) I_p(a + 1, b)` and `2 b/(a+b) (1 - I_p(a, b + 1))`, `I` the regularised incomplete beta function.

    References
    ----------
    W. Ehm, T. Gneiting, A. Jordan and F. Krueger, Of quantiles and expectiles, JRSS B 78, 2016.
    J. Hernandez-Orallo, P. Flach and C. Ferri, A unified view of performance metrics, JMLR 13, 2012.

    Examples
    --------
    >>> curve = cost_curve([0, 0, 1, 1], {"model": [0.1, 0.6, 0.4, 0.9]}, thresholds=[0.2, 0.5])
    >>> curve.cost, curve.average
    (array([[0.1, 0.5]]), array([0.185]))
    """
    a, b = (check_number(value, name="density", low=0, open_low=True) for value in density)
    threshold = check_thresholds(thresholds)
    rows = check_event(y_true, event)
    is_event, n = rows.is_event, rows.is_event.shape[0]
    if not predictions:
        raise refuse("predictions", "hold at least one model", "none")
    given = check_weights(sample_weight, n)
    weight = np.ones(n) if given is None else given
    shares = weight / weight.sum()
    risks = {
        str(name): check_event_risks(risk, rows, name=f"predictions[{name!r}]") for name, risk in predictions.items()
    }
    prevalence = float(shares[is_event].sum())
    return CostCurve(
        threshold=threshold,
        names=tuple(risks),
        cost=np.array([_costs(risk, is_event, shares, threshold) for risk in risks.values()]),
        act_on_all=2 * threshold * (1 - prevalence),
        act_on_none=2 * (1 - threshold) * prevalence,
        average=np.array([float(shares @ _averages(risk, is_event, a, b)) for risk in risks.values()]),
        density=(a, b),
        n=int(np.count_nonzero(weight)),
        prevalence=prevalence,
        frame_kind=frame_kind(y_true, *predictions.values()),
    )


def _costs(risk: FloatArray, is_event: BoolArray, shares: FloatArray, threshold: FloatArray) -> FloatArray:
    place = place_in_cuts(risk, threshold)
    events, others = (sum_flagged(place[rows], shares[rows], threshold.size) for rows in (is_event, ~is_event))
    return np.asarray(2 * threshold * others + 2 * (1 - threshold) * (shares[is_event].sum() - events))


def _averages(risk: FloatArray, is_event: BoolArray, a: float, b: float) -> FloatArray:
    """Give the cost of each case, averaged over the thresholds."""
    if (a, b) == (1.0, 1.0):
        return np.asarray((risk - is_event) ** 2)
    from scipy.special import betainc

    cost = np.empty(risk.shape)
    cost[~is_event] = 2 * a / (a + b) * betainc(a + 1, b, risk[~is_event])
    cost[is_event] = 2 * b / (a + b) * (1 - betainc(a, b + 1, risk[is_event]))
    return cost
