"""The display of a reliability curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec.diagnostics import ReliabilityCurve, reliability_curve
from riskdec.plot.displays.base import Display, name_of, risk_of
from riskdec.plot.reliability import draw_reliability

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskdec._base.typing import ArrayLike, RngLike, WeightKind
    from riskdec.diagnostics.curves.binned_curve import IntervalName
    from riskdec.diagnostics.curves.curves import BandName, Method


class ReliabilityDisplay(Display[ReliabilityCurve]):
    """Reliability curve with its band, beside scikit-learn's ``CalibrationDisplay``.

    On axes of the caller the histogram of the risks is left out. Where several are drawn on the same axes, the first
    brings its band and the others their lines.

    Parameters
    ----------
    curve : ReliabilityCurve
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
    >>> display = ReliabilityDisplay.from_predictions(data.y, data.risk, name="truth", rng=0)
    >>> display.ax_.get_ylabel()
    'observed event rate'
    >>> both = ReliabilityDisplay.from_predictions(data.y, data.risk**2, name="too low", ax=display.ax_)
    >>> [text.get_text() for text in both.ax_.get_legend().get_texts()][1:]
    ['truth (isotonic, CORP)', 'too low (isotonic, CORP)']
    """

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        event: object = None,
        method: Method = "isotonic",
        band: BandName | None = "consistency",
        n_bins: int | None = None,
        interval: IntervalName | None = None,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        groups: ArrayLike | None = None,
        confidence_level: float = 0.95,
        n_resamples: int = 200,
        rng: RngLike = None,
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
        method, band, n_bins, interval, sample_weight, weight_kind, groups, confidence_level, n_resamples, rng
            As in `riskdec.reliability_curve`.
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
            method=method,
            band=band,
            n_bins=n_bins,
            interval=interval,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            groups=groups,
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            rng=rng,
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
        method: Method = "isotonic",
        band: BandName | None = "consistency",
        n_bins: int | None = None,
        interval: IntervalName | None = None,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        groups: ArrayLike | None = None,
        confidence_level: float = 0.95,
        n_resamples: int = 200,
        rng: RngLike = None,
        name: str | None = None,
        ax: Axes | None = None,
        curve_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the curve of risks.

        Parameters
        ----------
        y_true, y_proba : array-like
            What happened, and the risk of the event.
        event, method, band, n_bins, interval, sample_weight, weight_kind, groups, confidence_level, n_resamples, rng
            As in `riskdec.reliability_curve`.
        name : str, optional
            In the legend.
        ax, curve_kwargs
            As in `plot`.
        """
        curve = reliability_curve(
            y_true,
            y_proba,
            method=method,
            band=band,
            n_bins=n_bins,
            interval=interval,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            groups=groups,
            event=event,
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            rng=rng,
        )
        return cls(curve, name=name).plot(ax, curve_kwargs=curve_kwargs)

    def _draw(self, ax: Axes | None, *, name: str | None, curve_kwargs: Mapping[str, Any]) -> Axes | Figure:
        return draw_reliability(self.curve, ax, name=name, curve_kwargs=curve_kwargs)
