"""Displays as scikit-learn has them: made from an estimator or from predictions, drawn now or again later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import choose_event, refuse, sorted_labels
from riskdec.decisions import decision_curve
from riskdec.diagnostics import reliability_curve
from riskdec.plot.dispatch import draw

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.decisions import DecisionCurve
    from riskdec.diagnostics import ReliabilityCurve


class _Display:
    """A result that knows how to be drawn, with the attributes that scikit-learn's displays have.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn last.
    figure_ : matplotlib Figure
        The figure of those axes.
    """

    ax_: Axes
    figure_: Figure

    def __init__(self, result: Any) -> None:
        self._result = result

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw, on the axes given or on a new figure; give the display itself.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        """
        drawn = draw(self._result, ax)
        self.figure_ = drawn.figure  # type: ignore[assignment]  # a figure of axes, or the figure itself
        self.ax_ = ax if ax is not None else self.figure_.axes[0]
        return self

    def frame(self) -> Any:
        """Give the numbers behind the drawing as a data frame of the caller's kind."""
        return self._result.frame()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._result!r}>"


class ReliabilityDisplay(_Display):
    """Reliability curve with its band, beside scikit-learn's ``CalibrationDisplay``.

    Attributes
    ----------
    curve : ReliabilityCurve
        What is drawn.
    ax_, figure_
        Axes and figure of the last drawing.

    Examples
    --------
    >>> from riskdec.datasets import simulate_risks
    >>> data = simulate_risks(500, rng=0)
    >>> display = ReliabilityDisplay.from_predictions(data.y, data.risk, rng=0)
    >>> display.ax_.get_ylabel()
    'observed event rate'
    """

    @property
    def curve(self) -> ReliabilityCurve:
        """What is drawn."""
        curve: ReliabilityCurve = self._result
        return curve

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        event: object = None,
        method: Literal["isotonic", "lowess", "spline", "binned"] = "isotonic",
        band: Literal["simultaneous", "consistency", "pointwise"] | None = "consistency",
        rng: RngLike = None,
        ax: Axes | None = None,
    ) -> Self:
        """Predict with a fitted classifier, and draw.

        Parameters
        ----------
        estimator : fitted classifier
            With ``predict_proba`` and ``classes_``; a pipeline too.
        X, y : array-like
            Rows that it has not seen, and what happened.
        event : label, optional
            The class whose probability is the risk.
        sample_weight, weight_kind, method, band, rng
            As in `riskdec.reliability_curve`.
        ax : matplotlib Axes, optional
            Where to draw.
        """
        risk, chosen = _risk_of(estimator, X, event)
        return cls.from_predictions(
            y,
            risk,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            event=chosen,
            method=method,
            band=band,
            rng=rng,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        event: object = None,
        method: Literal["isotonic", "lowess", "spline", "binned"] = "isotonic",
        band: Literal["simultaneous", "consistency", "pointwise"] | None = "consistency",
        rng: RngLike = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the curve of risks.

        Parameters
        ----------
        y_true, y_proba : array-like
            What happened, and the risk of the event.
        sample_weight, weight_kind, event, method, band, rng
            As in `riskdec.reliability_curve`.
        ax : matplotlib Axes, optional
            Where to draw.
        """
        curve = reliability_curve(
            y_true,
            y_proba,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            event=event,
            method=method,
            band=band,
            rng=rng,
        )
        return cls(curve).plot(ax)


class DecisionCurveDisplay(_Display):
    """Net benefit against the threshold, with the curves of acting on everybody and on nobody.

    Attributes
    ----------
    curve : DecisionCurve
        What is drawn.
    ax_, figure_
        Axes and figure of the last drawing.
    """

    @property
    def curve(self) -> DecisionCurve:
        """What is drawn."""
        curve: DecisionCurve = self._result
        return curve

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        event: object = None,
        thresholds: ArrayLike | None = None,
        name: str | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Predict with a fitted classifier, and draw.

        Parameters
        ----------
        estimator : fitted classifier
            With ``predict_proba`` and ``classes_``; a pipeline too.
        X, y : array-like
            Rows that it has not seen, and what happened.
        sample_weight, event, thresholds
            As in `riskdec.decision_curve`.
        name : str, optional
            In the legend; by default that of the class.
        ax : matplotlib Axes, optional
            Where to draw.
        """
        risk, chosen = _risk_of(estimator, X, event)
        shown = type(estimator).__name__ if name is None else name
        return cls.from_predictions(
            y, risk, sample_weight=sample_weight, event=chosen, thresholds=thresholds, name=shown, ax=ax
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        event: object = None,
        thresholds: ArrayLike | None = None,
        name: str = "model",
        ax: Axes | None = None,
    ) -> Self:
        """Draw the curve of risks.

        Parameters
        ----------
        y_true, y_proba : array-like
            What happened, and the risk of the event.
        sample_weight, event, thresholds
            As in `riskdec.decision_curve`.
        name : str
            In the legend.
        ax : matplotlib Axes, optional
            Where to draw.
        """
        curve = decision_curve(y_true, {name: y_proba}, sample_weight=sample_weight, event=event, thresholds=thresholds)
        return cls(curve).plot(ax)


def _risk_of(estimator: Any, X: ArrayLike, event: object) -> tuple[FloatArray, object]:
    """Give the risk of the event under a classifier, and the event."""
    try:
        classes = sorted_labels(np.asarray(estimator.classes_), name="the classes of the estimator")
    except AttributeError as err:
        cure = "Fit it first; it needs predict_proba too."
        raise refuse("estimator", "be a fitted classifier", type(estimator).__name__, cure) from err
    named = getattr(estimator, "event", None) if event is None else event
    chosen = choose_event(classes, named, name="y")
    proba = np.asarray(estimator.predict_proba(X), dtype=np.float64)
    return np.ascontiguousarray(proba[:, classes.tolist().index(chosen)]), chosen
