"""Logistic regressions of several completed data sets, used as one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from riskdec._base.checks import check_level, refuse
from riskdec._base.codes import each_once
from riskdec._base.frames import is_frame
from riskdec._base.modelfile import write_model
from riskdec.errors import ModelFileError
from riskdec.likelihood import risks
from riskdec.likelihood.wide.block_matrix import filled_chunks
from riskdec.models.doors.door import open_for_prediction
from riskdec.models.faces import RiskFaces
from riskdec.models.imputations.pooled_fit import df_complete, pool_fits
from riskdec.models.imputations.rubin import pool
from riskdec.models.inference.faces import fit_of
from riskdec.models.regression.log_odds import from_log_odds
from riskdec.models.regression.logistic import LogisticRiskModel
from riskdec.models.regression.risk_intervals import risk_log_odds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from riskdec._base.table import Table
    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.models.imputations.pooled_fit import PooledFit


class PooledRiskModel(RiskFaces):
    """Logistic regressions of m completed data sets, used as one model; made by `pool_imputations`.

    Parameters
    ----------
    models : sequence of LogisticRiskModel
        Fitted, one for each imputation.
    fit : PooledFit
        What they have in common.

    Attributes
    ----------
    models_ : tuple of LogisticRiskModel
        One for each imputation.
    fit_result_ : PooledFit
        Pooled coefficients, their covariance, degrees of freedom and missing information.
    classes_ : ndarray of shape (K,)
        Sorted labels.
    event, class_weight
        As the models were made with.
    design_ : FormulaDesign or None
        Knots and levels of the formula, the same in all models.

    Notes
    -----
    Rows to predict are complete, or given as a list of m completed copies, in the order of the imputations. The risk is
    the one whose log-odds are the mean of the log-odds of the m models.
    """

    def __init__(self, models: Sequence[LogisticRiskModel], fit: PooledFit) -> None:
        first = models[0]
        self.models_ = tuple(models)
        self.fit_result_ = fit
        self.classes_ = first.classes_
        self.event = first.event
        self.class_weight = first.class_weight
        self.design_ = first.design_

    def __repr__(self) -> str:
        return f"<PooledRiskModel: {len(self.models_)} imputations, {self.fit_result_.coef.size} coefficients>"

    @property
    def params(self) -> pd.Series | pd.DataFrame:
        """Pooled coefficients, in the form of `LogisticRiskModel.params`."""
        return self._by_term(self.fit_result_.coef)

    @property
    def bse(self) -> pd.Series | pd.DataFrame:
        """Pooled standard errors, in the form of `LogisticRiskModel.bse`."""
        return self._by_term(self.fit_result_.standard_errors())

    def conf_int(self, confidence_level: float = 0.95) -> pd.DataFrame:
        """Give t intervals with the degrees of freedom of Barnard and Rubin: the columns low and high."""
        import pandas as pd

        limits = self.fit_result_.intervals(confidence_level).reshape(-1, 2)
        return pd.DataFrame(limits, index=self._names(), columns=["low", "high"])

    def cov_params(self) -> pd.DataFrame:
        """Give the total covariance of the coefficients as a frame."""
        import pandas as pd

        return pd.DataFrame(self.fit_result_.covariance, index=self._names(), columns=self._names())

    def _repr_html_(self) -> str:
        return self.summary().to_html()

    def summary(self) -> Table:
        """Give pooled coefficients with intervals and missing information."""
        return self.fit_result_.summary()

    def predict_proba(self, X: ArrayLike, *, offset: ArrayLike | None = None) -> FloatArray:
        """Give the probability of each class, in the order of ``classes_``: shape (n, K).

        Parameters
        ----------
        X : array-like of shape (n, p), or list of m of them
            Rows to predict; where they were imputed too, the m completed copies.
        offset : array-like, optional
            Needed exactly when the models were fitted with one.
        """
        with each_once():
            eta = np.mean(
                [model.decision_function(rows, offset=offset) for model, rows in self._completed(X)],
                axis=0,
            )
        return from_log_odds(np.asarray(eta))

    def _probabilities(self, X: ArrayLike, offset: ArrayLike | None) -> FloatArray:
        return self.predict_proba(X, offset=offset)

    def risk_interval(
        self,
        X: ArrayLike,
        confidence_level: float = 0.95,
        *,
        event: object = None,
        offset: ArrayLike | None = None,
    ) -> FloatArray:
        """Give intervals of the risk of the event, pooled on the scale of its log-odds: shape (n, 2).

        Parameters
        ----------
        X, offset
            As in `predict_proba`.
        confidence_level : float, default=0.95
            Level of each interval.
        event : label, optional
            As in `predict_risk`.
        """
        from scipy.stats import t

        column, level = self._event_column(event), check_level(confidence_level)
        with each_once():
            parts = [self._log_odds_of(model, rows, column, offset) for model, rows in self._completed(X)]
        logits, variances = (np.array(part) for part in zip(*parts, strict=True))
        found = pool(logits, variances, df_complete(self.models_[0].fit_result_))
        half = t.ppf(0.5 + level / 2, found.df) * np.sqrt(found.total)
        return np.column_stack([risks(found.estimate - half), risks(found.estimate + half)])

    def _log_odds_of(
        self, model: LogisticRiskModel, X: ArrayLike, column: int, offset: ArrayLike | None
    ) -> tuple[FloatArray, FloatArray]:
        eta, rows = model.decision_function(X, offset=offset), open_for_prediction(model, X, incomplete=True)
        ones = int(self.fit_result_.terms[:1] == ("Intercept",))
        logit, variance = np.empty(len(eta)), np.empty(len(eta))
        for chunk in filled_chunks(rows):
            part = rows[chunk]
            design = np.column_stack([np.ones((len(part), ones)), part])
            logit[chunk], variance[chunk] = risk_log_odds(model.fit_result_, eta[chunk], design, column)
        return logit, variance

    def _completed(self, X: Any) -> list[tuple[LogisticRiskModel, ArrayLike]]:
        """Pair each model with the rows that it predicts."""
        if isinstance(X, (list, tuple)) and X and all(is_frame(part) or np.ndim(part) == 2 for part in X):
            if len(X) != len(self.models_):
                rule = f"be one table of rows, or one for each of the {len(self.models_)} imputations"
                raise refuse("X", rule, f"{len(X)} tables", "Impute the rows to predict as often as those of fit.")
            return list(zip(self.models_, X, strict=True))
        return [(model, X) for model in self.models_]

    def save(self, path: str | Path) -> Path:
        """Write the model to one file without code and without training rows; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        header, arrays = self.to_state()
        return write_model(path, kind="PooledRiskModel", header=header, arrays=arrays)

    def to_state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give everything learned as a JSON-ready header and arrays."""
        states = [model.to_state() for model in self.models_]
        arrays = {f"{j}.{name}": array for j, (_, parts) in enumerate(states) for name, array in parts.items()}
        return {"models": [header for header, _ in states]}, arrays

    @classmethod
    def from_state(cls, header: dict[str, Any], arrays: dict[str, Any]) -> Self:
        """Build a pooled model from what `to_state` gave."""
        models = []
        for j, state in enumerate(header["models"]):
            start = f"{j}."
            parts = {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
            models.append(LogisticRiskModel.from_state(state, parts))
        if len(models) < 2:
            raise ModelFileError("a pooled model must hold two models at least. Save the model again.")
        return cls(models, pool_fits([fit_of(model) for model in models]))

    def _names(self) -> pd.Index:
        import pandas as pd

        fit = self.fit_result_
        if len(self.classes_) == 2:
            return pd.Index(list(fit.terms))
        return pd.MultiIndex.from_product([self.classes_.tolist()[1:], list(fit.terms)], names=["class", "term"])

    def _by_term(self, values: FloatArray) -> pd.Series | pd.DataFrame:
        import pandas as pd

        terms = list(self.fit_result_.terms)
        if values.ndim == 1:
            return pd.Series(values, index=terms)
        return pd.DataFrame(values.T, index=terms, columns=self.classes_.tolist()[1:])
