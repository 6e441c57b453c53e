"""Logistic regression by maximum likelihood, with scikit-learn's face and a statistician's inference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from riskdec._base.checks import check_integer, check_number, check_numbers, check_option, choose_event, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.modelfile import decode_labels, encode_labels, write_model
from riskdec.likelihood import risks
from riskdec.models.door import open_for_prediction, open_for_training
from riskdec.models.faces import RiskFaces, require_fitted
from riskdec.models.fit_weights import combine_weights
from riskdec.models.logistic_estimation import Problem, estimate
from riskdec.models.logistic_state import pack_fit, pack_options, unpack_fit, unpack_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from riskdec._base.table import Table
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.models.logistic_fit import CovarianceKind, LogisticFit
    from riskdec.models.separation import SeparationFinding

_PENALTIES = (None, "firth", "flic")
_LEARNED = ("fit_result_", "classes_", "coef_", "intercept_", "method_", "separation_", "n_iter_", "converged_")


class LogisticRiskModel(RiskFaces, ClassifierMixin, BaseEstimator):
    """Binary logistic regression: unpenalised maximum likelihood, proved to exist, with its inference.

    Parameters
    ----------
    penalty : {None, "firth", "flic"}, default=None
        None maximises the likelihood. "firth" adds Jeffreys' prior (bias-reduced, finite on every data set; it
        raises the average risk of rare events). "flic" is Firth with the intercept refitted, so that the average
        risk equals the event rate.
    class_weight : None, "balanced", "natural" or mapping of label to weight, default=None
        Weights the loss by class. Only the ratio matters; they are scaled so that the weights of the fit sum to
        what the row weights sum to. "natural", ``(|C1|, |C0|)``, is ``1 / |C_k|`` up to scale and hence the same
        fit as "balanced". **A weighted fit does not estimate risks**: it multiplies the odds by about the ratio;
        see `riskdec.compare_weighting`.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether ``sample_weight`` counts equal rows or says how much each single row matters. Importance and class
        weights switch the standard errors to the robust ones.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    fit_intercept : bool, default=True
        Whether to estimate an intercept.
    on_separation : {"firth", "error"}, default="firth"
        What to do when the outcomes are separated, so that no maximum likelihood estimate exists: fit "flic"
        instead, with a `SeparationWarning`, or raise `SeparationError`.
    tol : float, default=1e-8
        Largest absolute score over the sum of weights, on standardised columns.
    max_iter : int, default=100
        Most Newton steps.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Sorted labels.
    coef_, intercept_ : ndarray of shape (1, p) and (1,)
        Log-odds of ``classes_[1]``, in scikit-learn's form.
    fit_result_ : LogisticFit
        Estimates, covariances and how they were reached.
    method_ : {"maximum likelihood", "firth", "flic"}
        What was fitted in the end.
    separation_ : SeparationFinding or None
        How the outcomes are separated.
    n_iter_ : int
        Steps taken.
    converged_ : bool
        Whether the estimate is what ``method_`` says.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Notes
    -----
    Maximises ``sum w (y eta - log(1 + exp(eta)))``, ``eta = b0 + x'b``, by safeguarded Newton on standardised
    columns. Existence of the maximum is certified by the last step, or decided by a linear programme: see
    `riskdec.likelihood.fit_binomial`. Columns that earlier columns determine get the coefficient 0 (as in R) with
    a `CollinearityWarning`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1000, 2))
    >>> y = rng.random(1000) < 1 / (1 + np.exp(2 - X[:, 0]))
    >>> model = LogisticRiskModel().fit(X, y)
    >>> bool(abs(model.predict_risk(X).mean() - y.mean()) < 1e-9)  # calibrated in the large, by construction
    True
    """

    def __init__(
        self,
        *,
        penalty: Literal["firth", "flic"] | None = None,
        class_weight: Literal["balanced", "natural"] | Mapping[Any, float] | None = None,
        weight_kind: WeightKind = "frequency",
        event: object = None,
        fit_intercept: bool = True,
        on_separation: Literal["firth", "error"] = "firth",
        tol: float = 1e-8,
        max_iter: int = 100,
    ) -> None:
        self.penalty = penalty
        self.class_weight = class_weight
        self.weight_kind = weight_kind
        self.event = event
        self.fit_intercept = fit_intercept
        self.on_separation = on_separation
        self.tol = tol
        self.max_iter = max_iter

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        offset: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Estimate the coefficients and their covariances.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Finite numbers: an array, or a frame of pandas or polars.
        y : array-like of shape (n,)
            Two labels.
        sample_weight : array-like of shape (n,), optional
            Not negative; meaning as ``weight_kind`` says. Rows of weight 0 are as if absent.
        offset : array-like of shape (n,), optional
            Part of the log-odds that is known.
        groups : array-like of shape (n,), optional
            Which rows belong together (a person, a site): standard errors become cluster-robust.

        Returns
        -------
        self
            Fitted.

        Raises
        ------
        InputError
            For NaN, one class, more than two classes, negative weights, wrong shapes.
        SeparationError
            For separated data with ``on_separation="error"``.
        """
        self._check_options()
        # A fit that fails must not leave old coefficients beside the names of new columns.
        for name in _LEARNED:
            if name in vars(self):
                delattr(self, name)
        rows = open_for_training(self, X, y, sample_weight=sample_weight, offset=offset, groups=groups)
        if self.event is not None:
            choose_event(rows.classes, self.event, name="y")
        weights = combine_weights(
            rows.sample_weight,
            self.class_weight,
            kind=self.weight_kind,
            is_second=rows.is_second,
            classes=rows.classes,
        )
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            names = [f"x{j}" for j in range(rows.X.shape[1])]
        first, second = (str(label) for label in rows.classes.tolist())
        result = estimate(
            Problem(
                X=rows.X,
                is_second=rows.is_second,
                weights=weights,
                offset=rows.offset,
                groups=rows.groups,
                names=tuple(str(name) for name in names),
                outcomes=(first, second),
                intercept=self.fit_intercept,
                penalty=self.penalty,
                on_separation=self.on_separation,
                weight_kind=self.weight_kind,
                tol=self.tol,
                max_iter=self.max_iter,
                frame_kind=frame_kind(X),
            )
        )
        self._learn(result, rows.classes, has_offset=offset is not None)
        return self

    def _check_options(self) -> None:
        check_option(self.penalty, _PENALTIES, name="penalty")
        check_option(self.weight_kind, ("frequency", "importance"), name="weight_kind")
        check_option(self.on_separation, ("firth", "error"), name="on_separation")
        check_option(self.fit_intercept, (True, False), name="fit_intercept")
        if self.penalty == "flic" and not self.fit_intercept:
            cure = "FLIC refits the intercept: use penalty='firth', or fit an intercept."
            raise refuse("penalty", "be None or 'firth' without an intercept", "'flic'", cure)
        check_number(self.tol, name="tol", low=0, open_low=True)
        check_integer(self.max_iter, name="max_iter", low=1)

    def _learn(self, result: LogisticFit, classes: AnyArray, *, has_offset: bool) -> None:
        first = int(self.fit_intercept)
        self.classes_ = classes
        self.fit_result_ = result
        self.coef_ = result.coef[first:].reshape(1, -1)
        self.intercept_ = result.coef[:1] if first else np.zeros(1)
        self.method_ = result.method
        self.separation_: SeparationFinding | None = result.separation
        self.n_iter_ = max(result.n_iter, 1)
        self.converged_ = result.converged
        self._has_offset = has_offset

    def decision_function(self, X: ArrayLike, *, offset: ArrayLike | None = None) -> FloatArray:
        """Give the log-odds of ``classes_[1]``: shape (n,).

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.
        offset : array-like of shape (n,), optional
            Needed exactly when the model was fitted with one.
        """
        self._fit()
        rows = open_for_prediction(self, X)
        eta = self.intercept_[0] + rows @ self.coef_[0]
        if self._has_offset != (offset is not None):
            had = "with" if self._has_offset else "without"
            given = "given" if offset is not None else "missing"
            cure = "Give predict_proba(X, offset=...) the offset, and its risks to riskdec.diagnose or riskdec.decide."
            raise refuse("offset", f"be used as in fit, which was {had} one", f"an offset that is {given}", cure)
        if offset is not None:
            eta = eta + check_numbers(offset, name="offset", n=rows.shape[0])
        return np.asarray(eta, dtype=np.float64)

    def predict_proba(self, X: ArrayLike, *, offset: ArrayLike | None = None) -> FloatArray:
        """Give the probability of each class, in the order of ``classes_``: shape (n, 2)."""
        eta = self.decision_function(X, offset=offset)
        return np.column_stack([risks(-eta), risks(eta)])

    def predict(self, X: ArrayLike) -> AnyArray:
        """Give the likelier class of each row. To act on risks, use `decide` with your costs."""
        proba = self.predict_proba(X)
        return self.classes_[(proba[:, 1] > proba[:, 0]).astype(np.intp)]

    def risk_interval(self, X: ArrayLike, confidence_level: float = 0.95) -> FloatArray:
        """Give Wald intervals of the risk of the event, made on the log-odds scale: shape (n, 2)."""
        fit = self._fit()
        eta = self.decision_function(X)
        rows = open_for_prediction(self, X)
        design = np.column_stack([np.ones(len(rows)), rows]) if self.fit_intercept else rows
        covariance = np.nan_to_num(fit.covariance(), nan=0.0)
        variance = np.einsum("ij,jk,ik->i", design, covariance, design)
        half = fit.quantile(confidence_level) * np.sqrt(np.maximum(variance, 0))
        if self._event_column() == 0:
            eta = -eta
        return np.column_stack([risks(eta - half), risks(eta + half)])

    @property
    def params(self) -> pd.Series:
        """Coefficients by term, intercept first (statsmodels' name)."""
        return self._series(self._fit().coef)

    @property
    def bse(self) -> pd.Series:
        """Standard errors by term, of the default covariance of the fit (statsmodels' name)."""
        return self._series(self._fit().standard_errors())

    def conf_int(self, confidence_level: float = 0.95, *, kind: CovarianceKind | None = None) -> pd.DataFrame:
        """Give Wald intervals by term: a frame with the columns low and high.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Level of the intervals.
        kind : {"model", "robust", "cluster"}, optional
            Covariance to use; the default is "model", "robust" under importance or class weights, "cluster" with
            groups.
        """
        import pandas as pd

        fit = self._fit()
        limits = fit.intervals(confidence_level, kind)
        return pd.DataFrame(limits, index=list(fit.terms), columns=["low", "high"])

    def cov_params(self, kind: CovarianceKind | None = None) -> pd.DataFrame:
        """Give the covariance of the coefficients as a frame; ``kind`` as in `conf_int`."""
        import pandas as pd

        fit = self._fit()
        return pd.DataFrame(fit.covariance(kind), index=list(fit.terms), columns=list(fit.terms))

    def summary(self) -> Table:
        """Give the coefficient table with how it was reached; prints as text, Markdown or HTML."""
        return self._fit().summary()

    def save(self, path: str | Path) -> Path:
        """Write the model to one file without code and without training rows; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        header, arrays = self.to_state()
        return write_model(path, kind="LogisticRiskModel", header=header, arrays=arrays)

    def to_state(self) -> tuple[dict[str, Any], dict[str, AnyArray]]:
        """Give everything learned as a JSON-ready header and arrays."""
        header, arrays = pack_fit(self._fit())
        names = vars(self).get("feature_names_in_")
        state = {
            "options": pack_options(self.get_params()),
            "classes": encode_labels(self.classes_),
            "has_offset": self._has_offset,
            "n_features": int(self.n_features_in_),
            "feature_names": None if names is None else [str(name) for name in names],
            "fit": header,
        }
        return state, arrays

    @classmethod
    def from_state(cls, header: dict[str, Any], arrays: dict[str, AnyArray]) -> Self:
        """Build a fitted model from what `to_state` gave."""
        model = cls(**unpack_options(header["options"]))
        model.n_features_in_ = header["n_features"]
        if header["feature_names"] is not None:
            model.feature_names_in_ = np.array(header["feature_names"], dtype=object)
        model._learn(
            unpack_fit(header["fit"], arrays), decode_labels(header["classes"]), has_offset=header["has_offset"]
        )
        return model

    def _fit(self) -> LogisticFit:
        fit: LogisticFit = require_fitted(self, "fit_result_")
        return fit

    def _series(self, values: FloatArray) -> pd.Series:
        import pandas as pd

        return pd.Series(values, index=list(self._fit().terms))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
