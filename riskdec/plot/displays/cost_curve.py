"""The display of a cost curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec.decisions import CostCurve, cost_curve
from riskdec.plot.decision_curve import draw_cost_curve
from riskdec.plot.displays.base import Display, name_of, risk_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskdec._base.typing import ArrayLike


class CostCurveDisplay(Display[CostCurve]):
    """Mean cost of acting on risks against the threshold (a Murphy diagram); its mean height is the Brier score.

    Parameters
    ----------
    curve : CostCurve
        What is drawn.
    name : str, optional
        Of the model, for the legend.

    Attributes
    ----------
    curve, name
        As above.
    ax_, figure_
        Axes and figure of the last drawing.

    Examples
    --------
    >>> from riskdec.datasets import simulate_risks
    >>> data = simulate_risks(500, rng=0)
    >>> display = CostCurveDisplay.from_predictions(data.y, data.risk, name="truth")
    >>> bool(abs(display.curve.average[0] - ((data.risk - data.y) ** 2).mean()) < 1e-12)
    True
    """

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        event: object = None,
        thresholds: ArrayLike | None = None,
        density: tuple[float, float] = (1.0, 1.0),
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Axes | None = None,
        curve_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Predict with a fitted classifier, and draw.

        Parameters
        ----------
        estimator : fitted classifier
            With ``predict_proba`` and ``classes_``; a pipeline too.
        X, y : array-like
            Rows that it has not seen, and what happened.
        event : label, optional
            The class whose probability is the risk, against all others.
        thresholds, density, sample_weight
            As in `riskdec.cost_curve`.
        name : str, optional
            In the legend; by default that of the class.
        ax, curve_kwargs
            As in `plot`.
        """
        outcome, risk, chosen = risk_of(estimator, X, y, event)
        return cls.from_predictions(
            outcome,
            risk,
            event=chosen,
            thresholds=thresholds,
            density=density,
            sample_weight=sample_weight,
            name=name_of(estimator, name),
            ax=ax,
            curve_kwargs=curve_kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        event: object = None,
        thresholds: ArrayLike | None = None,
        density: tuple[float, float] = (1.0, 1.0),
        sample_weight: ArrayLike | None = None,
        name: str = "model",
        ax: Axes | None = None,
        curve_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the curve of risks.

        Parameters
        ----------
        y_true, y_proba : array-like
            What happened, and the risk of the event.
        event, thresholds, density, sample_weight
            As in `riskdec.cost_curve`.
        name : str
            In the legend.
        ax, curve_kwargs
            As in `plot`.
        """
        curve = cost_curve(
            y_true,
            {name: y_proba},
            thresholds=thresholds,
            density=density,
            sample_weight=sample_weight,
            event=event,
        )
        return cls(curve, name=name).plot(ax, curve_kwargs=curve_kwargs)

    def _draw(self, ax: Axes | None, *, name: str | None, curve_kwargs: Mapping[str, Any]) -> Axes | Figure:
        return draw_cost_curve(self.curve, ax, name=name, curve_kwargs=curve_kwargs)
