"""One weighting scheme on one set of training rows: how often a row of each outcome counts, and how that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Way = Literal["weights", "undersample", "oversample", "smote"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scheme:
    """How much each outcome counts in the fit; only the ratio matters.

    Attributes
    ----------
    name : str
        What tables call it.
    labels : tuple of two labels
        Non-event and event.
    weights : tuple of (float, float)
        Their weights; with resampling the average number of copies of one of their rows.
    way : {"weights", "undersample", "oversample", "smote"}
        Whether rows get weights, are left out at random, repeated, or joined by made-up ones.
    """

    name: str
    labels: tuple[Any, Any]
    weights: tuple[float, float]
    way: Way = "weights"

    @property
    def ratio(self) -> float:
        """Weight of an event over that of a non-event."""
        return self.weights[1] / self.weights[0]

    @property
    def is_none(self) -> bool:
        """Whether it is the fit without weights, to which the others are compared."""
        return self.name == "none"

    @property
    def is_invertible(self) -> bool:
        """Whether probabilities under it are an exact map of those without it; made-up rows have no such map."""
        return self.way != "smote"

    @property
    def class_weight(self) -> dict[Any, float]:
        """The weights by label, in scikit-learn's form."""
        return dict(zip(self.labels, self.weights, strict=True))

    @property
    def keep_rates(self) -> dict[Any, float]:
        """Share of the rows of each label that undersampling keeps, as `undo_sampling` takes it."""
        largest = max(self.weights)
        return {label: weight / largest for label, weight in self.class_weight.items()}
