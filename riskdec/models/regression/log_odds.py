"""What a fitted logistic regression says of rows: log-odds, probabilities, intervals of risks."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import choose_event, refuse
from riskdec.likelihood import both_risks, probabilities
from riskdec.likelihood.wide.block_matrix import filled_chunks
from riskdec.models.doors.door import open_for_prediction, open_offset
from riskdec.models.faces import require_fitted
from riskdec.models.regression.risk_intervals import wald_risk_intervals

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray
    from riskdec.models.regression.logistic_fit import CovarianceKind


class LogOddsFaces:
    """Log-odds, probabilities and risk intervals from `coef_` and `intercept_`."""

    event: object
    classes_: AnyArray
    coef_: FloatArray
    intercept_: FloatArray
    _has_offset: bool

    @property
    def has_offset_(self) -> bool:
        """Whether the fit had an offset, which predictions then need too."""
        return self._has_offset

    @property
    @abstractmethod
    def _intercept(self) -> bool:
        """Whether the coefficients of the fit start with an intercept."""

    def decision_function(self, X: ArrayLike, *, offset: ArrayLike | None = None) -> FloatArray:
        """Give the log-odds of ``classes_[1]``, shape (n,), or with K > 2 of each class against the first, (n, K).

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.
        offset : array-like of shape (n,) or (n, K), optional
            Needed exactly when the model was fitted with one.
        """
        require_fitted(self, "fit_result_")
        return self._log_odds(open_for_prediction(self, X, incomplete=True), offset)

    def _log_odds(self, rows: AnyArray, offset: ArrayLike | None) -> FloatArray:
        binary = len(self.classes_) == 2
        eta = self.intercept_[0] + rows @ self.coef_[0] if binary else self.intercept_ + rows @ self.coef_.T
        if self.has_offset_ != (offset is not None):
            had = "with" if self.has_offset_ else "without"
            given = "given" if offset is not None else "missing"
            cure = "Pass offset=..., in the unit of log-odds." if self.has_offset_ else "Leave offset out."
            raise refuse("offset", f"be used as in fit, which was {had} one", f"an offset that is {given}", cure)
        if offset is not None:
            eta = eta + open_offset(offset, rows.shape[0], len(self.classes_))
        return np.asarray(eta, dtype=np.float64)

    def _probabilities(self, X: ArrayLike, offset: ArrayLike | None) -> FloatArray:
        return self.predict_proba(X, offset=offset)

    def predict_proba(self, X: ArrayLike, *, offset: ArrayLike | None = None) -> FloatArray:
        """Give the probability of each class, in the order of ``classes_``: shape (n, K)."""
        eta = self.decision_function(X, offset=offset)
        return from_log_odds(eta)

    def risk_interval(
        self,
        X: ArrayLike,
        confidence_level: float = 0.95,
        *,
        event: object = None,
        offset: ArrayLike | None = None,
        kind: CovarianceKind | None = None,
    ) -> FloatArray:
        """Give Wald intervals of the risk of the event, made on the scale of its log-odds: shape (n, 2).

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.
        confidence_level : float, default=0.95
            Level of each interval.
        event : label, optional
            As in `predict_risk`.
        offset : array-like of shape (n,) or (n, K), optional
            As in `decision_function`; taken as known without error.
        kind : {"model", "robust", "cluster"}, optional
            As in `conf_int`.
        """
        fit = require_fitted(self, "fit_result_")
        rows = open_for_prediction(self, X, incomplete=True)
        eta = self._log_odds(rows, offset)
        chosen = choose_event(self.classes_, self.event if event is None else event, name="y")
        column = int(self.classes_.tolist().index(chosen))
        parts = []
        for chunk in filled_chunks(rows):
            part = rows[chunk]
            design = np.column_stack([np.ones(len(part)), part]) if self._intercept else part
            parts.append(
                wald_risk_intervals(fit, eta[chunk], design, column, confidence_level=confidence_level, kind=kind)
            )
        return np.concatenate(parts)


def from_log_odds(eta: FloatArray) -> FloatArray:
    """Give the probability of each class from log-odds: one column for two classes, K columns for more."""
    if eta.ndim == 1:
        return both_risks(eta)
    return np.ascontiguousarray(probabilities(eta[:, 1:] - eta[:, :1])[0].T)
