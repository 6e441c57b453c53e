"""What every risk model can do with its probabilities: give a risk, be diagnosed, decide."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import NotFittedError as SklearnNotFittedError

from riskdec._base.checks import choose_event
from riskdec.errors import NotFittedError

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.decisions import CostMatrix, Decisions
    from riskdec.diagnostics import CalibrationReport


class ModelNotFittedError(NotFittedError, SklearnNotFittedError):
    """Not fitted yet, in riskdec's and in scikit-learn's terms."""


class RiskFaces:
    """Risk, diagnosis and decision on top of `predict_proba`, `classes_` and `event`.

    A class that uses it is a fitted-or-not estimator with two classes; nothing here is overridden.
    """

    event: object
    classes_: AnyArray

    @abstractmethod
    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Give the probability of each class, in the order of ``classes_``: shape (n, 2)."""

    def predict_risk(self, X: ArrayLike) -> FloatArray:
        """Give the probability of the event.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1].

        Raises
        ------
        InputError
            If the classes are not 0/1 or False/True and the model was made without ``event=``.
        """
        proba = self.predict_proba(X)
        return np.ascontiguousarray(proba[:, self._event_column()])

    def diagnose(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        costs: CostMatrix | dict[str, float] | None = None,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        groups: ArrayLike | None = None,
        confidence_level: float = 0.95,
        n_resamples: int = 200,
        rng: RngLike = None,
    ) -> CalibrationReport:
        """Diagnose the calibration of the risks on rows that the model has not seen.

        Parameters
        ----------
        X, y : array-like
            Rows and their outcomes.
        costs, sample_weight, weight_kind, groups, confidence_level, n_resamples, rng
            As in `riskdec.diagnose`.

        Returns
        -------
        CalibrationReport
            What `riskdec.diagnose` gives.
        """
        from riskdec.diagnostics import diagnose

        return diagnose(
            y,
            self.predict_risk(X),
            costs=costs,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            groups=groups,
            event=self._event(),
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            rng=rng,
        )

    def decide(self, X: ArrayLike, costs: CostMatrix | dict[str, float]) -> Decisions:
        """Choose the action of least expected cost for each row.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to decide on.
        costs : CostMatrix or dict
            The costs of each action under each outcome; the second outcome is the event.

        Returns
        -------
        Decisions
            Actions, never class labels: see `riskdec.decide`.
        """
        from riskdec.decisions import decide

        return decide(self.predict_risk(X), costs)

    def _event(self) -> object:
        return choose_event(self.classes_, self.event, name="y")

    def _event_column(self) -> int:
        return int(self.classes_.tolist().index(self._event()))


def require_fitted(model: Any, attribute: str) -> Any:
    """Give a learned attribute, or raise the error that both riskdec and scikit-learn understand."""
    try:
        return vars(model)[attribute]
    except KeyError:
        name = type(model).__name__
        message = f"This {name} is not fitted yet. Call 'fit' with rows and outcomes first."
        raise ModelNotFittedError(message) from None
