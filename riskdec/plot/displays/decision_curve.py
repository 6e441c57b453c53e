"""The display of a decision curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec.decisions import DecisionCurve, decision_curve
from riskdec.plot.decision_curve import draw_decision_curve
from riskdec.plot.displays.base import Display, name_of, risk_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskdec._base.typing import ArrayLike, WeightKind


class DecisionCurveDisplay(Display[DecisionCurve]):
    """Net benefit against the threshold, with the curves of acting on everybody and on nobody.

    For differences between models with their intervals give `riskdec.decision_curve` all of them at once.

    Parameters
    ----------
    curve : DecisionCurve
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
    >>> display = DecisionCurveDisplay.from_predictions(data.y, data.risk, name="truth", thresholds=[0.1, 0.2])
    >>> display.curve.names
    ('truth',)
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
        defer: float | None = None,
        harm: float | None = None,
        prevalence: float | None = None,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        groups: ArrayLike | None = None,
        confidence_level: float = 0.95,
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
        thresholds, defer, harm, prevalence, sample_weight, weight_kind, groups, confidence_level
            As in `riskdec.decision_curve`.
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
            defer=defer,
            harm=harm,
            prevalence=prevalence,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            groups=groups,
            confidence_level=confidence_level,
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
        defer: float | None = None,
        harm: float | None = None,
        prevalence: float | None = None,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        groups: ArrayLike | None = None,
        confidence_level: float = 0.95,
        name: str = "model",
        ax: Axes | None = None,
        curve_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the curve of risks.

        Parameters
        ----------
        y_true, y_proba : array-like
            What happened, and the risk of the event.
        event, thresholds, defer, harm, prevalence, sample_weight, weight_kind, groups, confidence_level
            As in `riskdec.decision_curve`.
        name : str
            In the legend.
        ax, curve_kwargs
            As in `plot`.
        """
        curve = decision_curve(
            y_true,
            {name: y_proba},
            thresholds=thresholds,
            defer=defer,
            harm=harm,
            prevalence=prevalence,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            groups=groups,
            event=event,
            confidence_level=confidence_level,
        )
        return cls(curve, name=name).plot(ax, curve_kwargs=curve_kwargs)

    def _draw(self, ax: Axes | None, *, name: str | None, curve_kwargs: Mapping[str, Any]) -> Axes | Figure:
        return draw_decision_curve(self.curve, ax, name=name, curve_kwargs=curve_kwargs)
