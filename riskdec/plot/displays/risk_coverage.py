"""The display of selective evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec.decisions import CostMatrix, RiskCoverage, as_costs, risk_coverage
from riskdec.plot.displays.base import Display, name_of, named_event, proba_of
from riskdec.plot.risk_coverage import draw_risk_coverage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskdec._base.typing import ArrayLike

_ERRORS = {"false_positive": 1, "false_negative": 1}


class RiskCoverageDisplay(Display[RiskCoverage]):
    """Mean cost against the share of cases that are decided, the surest first.

    Parameters
    ----------
    curve : RiskCoverage
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
    >>> costs = {"false_positive": 1, "false_negative": 5, "defer": 0.4}
    >>> display = RiskCoverageDisplay.from_predictions(data.y, data.risk, costs, name="truth")
    >>> display.frame().columns.tolist()
    ['coverage', 'accepted_cost', 'generalised_cost', 'total_cost']
    """

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        costs: CostMatrix | Mapping[str, object] | None = None,
        *,
        event: object = None,
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
        costs : CostMatrix or dict, optional
            As in `riskdec.risk_coverage`: for two outcomes, or for as many as there are classes; these are found by
            the names of the classes or stand in the order of ``classes_``.
        event : label, optional
            With costs for two outcomes, the class that is the event.
        sample_weight
            As in `riskdec.risk_coverage`.
        name : str, optional
            In the legend; by default that of the class.
        ax, curve_kwargs
            As in `plot`.
        """
        # Whoever draws predictions alone needs no models.
        from riskdec.models.deciding import name_outcomes, outcome_columns

        proba, classes = proba_of(estimator, X)
        named = as_costs(_ERRORS if costs is None else costs)
        is_binary = len(named.outcomes) == 2
        chosen = named_event(estimator, event) if is_binary else event
        columns = outcome_columns(named, classes, event=chosen)
        return cls.from_predictions(
            name_outcomes(y, named, classes, event=chosen),
            proba[:, columns[1]] if is_binary else proba[:, columns],
            named,  # type: ignore[arg-type]  # other costs are refused by the function behind
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
        costs: CostMatrix | Mapping[str, object] | None = None,
        *,
        event: object = None,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Axes | None = None,
        curve_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the curve of risks, or of probabilities of several outcomes.

        Parameters
        ----------
        y_true, y_proba, costs, event, sample_weight
            As in `riskdec.risk_coverage`.
        name : str, optional
            In the legend.
        ax, curve_kwargs
            As in `plot`.
        """
        curve = risk_coverage(y_true, y_proba, costs, sample_weight=sample_weight, event=event)
        return cls(curve, name=name).plot(ax, curve_kwargs=curve_kwargs)

    def _draw(self, ax: Axes | None, *, name: str | None, curve_kwargs: Mapping[str, Any]) -> Axes | Figure:
        return draw_risk_coverage(self.curve, ax, name=name, curve_kwargs=curve_kwargs)
