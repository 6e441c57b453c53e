"""Logistic regression by maximum likelihood, with scikit-learn's face and a statistician's inference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from riskdec._base.checks import refuse
from riskdec._base.frames import frame_kind
from riskdec._base.modelfile import decode_labels, encode_labels, write_model
from riskdec.likelihood import probabilities, risks
from riskdec.models.coefficients import CoefficientFaces
from riskdec.models.door import TrainingRows, open_for_prediction, open_for_training, open_offset
from riskdec.models.faces import RiskFaces
from riskdec.models.fit_weights import combine_weights
from riskdec.models.formula import FormulaDesign
from riskdec.models.formula_door import with_incomplete_rows
from riskdec.models.inference.faces import InferenceFaces
from riskdec.models.logistic_estimation import Problem, estimate
from riskdec.models.logistic_options import check_options, check_options_for
from riskdec.models.logistic_state import pack_fit, pack_options, unpack_fit, unpack_options
from riskdec.models.risk_intervals import wald_risk_intervals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.models.logistic_fit import LogisticFit
    from riskdec.models.separation import SeparationFinding

_LEARNED = ("fit_result_", "classes_", "coef_", "intercept_", "method_", "separation_", "n_iter_", "converged_")


class LogisticRiskModel(InferenceFaces, CoefficientFaces, RiskFaces, ClassifierMixin, BaseEstimator):
    """Logistic regression, binary or multinomial: maximum likelihood, proved to exist, with its inference.

    Parameters
    ----------
    penalty : {None, "firth", "flic", "flac"}, default=None
        None maximises the likelihood. "firth" adds Jeffreys' prior (bias-reduced, finite on every data set; it
        raises the average risk of rare events). "flic" is Firth with the intercept refitted, "flac" with its
        pseudo-rows told apart: with both the average risk equals the event rate; for two classes only. What shrinks
        for prediction, ridge, is in `TabularRiskModel`.
    class_weight : None, "balanced", "natural" or mapping of label to weight, default=None
        Weights the loss by class. Only the ratio matters; they are scaled so that the weights of the fit sum to
        what the row weights sum to. "natural", with two classes ``(|C1|, |C0|)``, is ``1 / |C_k|`` up to scale and
        hence the same fit as "balanced". **A weighted fit does not estimate risks**: it multiplies the odds by about
        the ratio; see `riskdec.compare_weighting`.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether ``sample_weight`` counts equal rows or says how much each single row matters. Importance and class
        weights switch the standard errors to the robust ones.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True. With more than two classes
        `predict_risk` and its like take ``event=`` as well.
    formula : str, optional
        Columns of a frame by a closed grammar that never runs code: ``"died ~ rcs(age, 4) * sex + C(ward)"``.
        Functions: ``rcs`` (restricted cubic spline), ``pol``, ``C``, ``log``, ``log2``, ``log10``, ``log1p``, ``sqrt``,
        ``exp``, ``abs``; operators ``+ - : * ^``; ``.`` for all other columns. Text columns are treatment-coded.
    missing : {"error", "drop"}, default="error"
        With a formula: what to do about rows that lack a value. "drop" leaves them out of the fit, with a finding,
        and gives them the risk nan.
    unseen : {"error", "reference"}, default="error"
        With a formula: what to do about a level that training did not have.
    fit_intercept : bool, default=True
        Whether to estimate an intercept.
    on_separation : {"firth", "error"}, default="firth"
        What to do when the outcomes are separated, so that no maximum likelihood estimate exists: fit "flic"
        ("firth" with more than two classes or without an intercept) instead, with a `SeparationWarning`, or raise
        `SeparationError`.
    tol : float, default=1e-8
        Largest absolute score over the sum of weights, on standardised columns.
    max_iter : int, default=100
        Most Newton steps.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        Sorted labels; the first is the reference.
    coef_, intercept_ : ndarray of shape (1, p) and (1,), or (K, p) and (K,)
        Log-odds of ``classes_[1]`` with two classes; with more, of each class against the first, whose own are 0.
    design_ : FormulaDesign or None
        Knots and levels that the formula learned.
    fit_result_ : LogisticFit
        Estimates, covariances and how they were reached.
    method_ : {"maximum likelihood", "firth", "flic", "flac"}
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
    Maximises ``sum w (eta_y - log sum_k exp(eta_k))``, ``eta_k = b_k0 + x'b_k`` with ``eta_0 = 0`` for the first
    class, by safeguarded Newton on standardised columns; with two classes ``sum w (y eta - log(1 + exp(eta)))``.
    Existence of the maximum is certified by the last step, or decided by a linear programme: see
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
    >>> stage = np.array(["early", "late", "none"])[rng.integers(0, 3, size=1000)]
    >>> LogisticRiskModel().fit(X, stage).predict_risk(X, event="late").shape
    (1000,)
    """

    def __init__(
        self,
        *,
        penalty: Literal["firth", "flic", "flac"] | None = None,
        class_weight: Literal["balanced", "natural"] | Mapping[Any, float] | None = None,
        weight_kind: WeightKind = "frequency",
        event: object = None,
        formula: str | None = None,
        missing: Literal["error", "drop"] = "error",
        unseen: Literal["error", "reference"] = "error",
        fit_intercept: bool = True,
        on_separation: Literal["firth", "error"] = "firth",
        tol: float = 1e-8,
        max_iter: int = 100,
    ) -> None:
        self.penalty = penalty
        self.class_weight = class_weight
        self.weight_kind = weight_kind
        self.event = event
        self.formula = formula
        self.missing = missing
        self.unseen = unseen
        self.fit_intercept = fit_intercept
        self.on_separation = on_separation
        self.tol = tol
        self.max_iter = max_iter

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
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
            Labels, at least two different ones; None with a formula that names the outcome.
        sample_weight : array-like of shape (n,), optional
            Not negative; meaning as ``weight_kind`` says. Rows of weight 0 are as if absent.
        offset : array-like of shape (n,), optional
            Part of the log-odds that is known. With K > 2 classes of shape (n, K), in the order of the sorted labels;
            only differences between columns matter.
        groups : array-like of shape (n,), optional
            Which rows belong together (a person, a site): standard errors become cluster-robust.

        Returns
        -------
        self
            Fitted.

        Raises
        ------
        InputError
            For NaN, one class, negative weights, wrong shapes.
        SeparationError
            For separated data with ``on_separation="error"``.
        """
        check_options(self)
        # A fit that fails must not leave old coefficients beside the names of new columns.
        for name in _LEARNED:
            if name in vars(self):
                delattr(self, name)
        rows = open_for_training(self, X, y, sample_weight=sample_weight, offset=offset, groups=groups)
        check_options_for(self, rows.classes)
        weights = combine_weights(
            rows.sample_weight, self.class_weight, kind=self.weight_kind, codes=rows.codes, classes=rows.classes
        )
        names = self._name_columns(rows)
        result = estimate(
            Problem(
                X=rows.X,
                codes=rows.codes,
                weights=weights,
                offset=rows.offset,
                groups=rows.groups,
                names=tuple(str(name) for name in names),
                outcomes=tuple(str(label) for label in rows.classes.tolist()),
                intercept=self._intercept,
                penalty=self.penalty,
                on_separation=self.on_separation,
                weight_kind=self.weight_kind,
                tol=self.tol,
                max_iter=self.max_iter,
                frame_kind=frame_kind(X),
            )
        )
        if rows.by_formula is not None:
            result = with_incomplete_rows(result, rows.by_formula)
        self._learn(result, rows.classes, has_offset=offset is not None)
        return self

    @classmethod
    def from_formula(
        cls, formula: str, data: ArrayLike, *, sample_weight: ArrayLike | None = None, **params: Any
    ) -> Self:
        """Fit by a formula: exactly ``cls(formula=formula, **params).fit(data, sample_weight=sample_weight)``.

        Parameters
        ----------
        formula : str
            As the option of the same name, with the outcome on the left side.
        data : frame of pandas, polars or pyarrow
            Rows.
        sample_weight : array-like of shape (n,), optional
            As in `fit`.
        **params
            Further options of the class; one that it does not have is a TypeError.
        """
        return cls(formula=formula, **params).fit(data, sample_weight=sample_weight)

    def _name_columns(self, rows: TrainingRows) -> tuple[str, ...]:
        """Give the names of the columns of the design, and keep what scikit-learn wants to know of the data."""
        self.design_: FormulaDesign | None = None
        if rows.by_formula is not None:
            self.design_ = rows.by_formula.design
            self.n_features_in_ = len(rows.by_formula.columns)
            self.feature_names_in_ = np.array(rows.by_formula.columns, dtype=object)
            return self.design_.names
        names = vars(self).get("feature_names_in_")
        if names is None:
            return tuple(f"x{j}" for j in range(rows.X.shape[1]))
        if self.fit_intercept and "Intercept" in names:
            cure = "Rename it, or pass fit_intercept=False if it is the column of ones."
            raise refuse("column names", "leave 'Intercept' to the model", "a column of that name", cure)
        return tuple(str(name) for name in names)

    @property
    def _intercept(self) -> bool:
        return self.fit_intercept and (self.design_ is None or self.design_.intercept)

    def _learn(self, result: LogisticFit, classes: AnyArray, *, has_offset: bool) -> None:
        first = int(self._intercept)
        self.classes_ = classes
        self.fit_result_ = result
        coef = np.atleast_2d(result.coef)
        if len(classes) > 2:
            coef = np.vstack([np.zeros(coef.shape[1]), coef])
        self.coef_ = coef[:, first:]
        self.intercept_ = coef[:, 0] if first else np.zeros(len(coef))
        self.method_ = result.method
        self.separation_: SeparationFinding | None = result.separation
        self.n_iter_ = max(result.n_iter, 1)
        self.converged_ = result.converged
        self._has_offset = has_offset

    def decision_function(self, X: ArrayLike, *, offset: ArrayLike | None = None) -> FloatArray:
        """Give the log-odds of ``classes_[1]``, shape (n,), or with K > 2 of each class against the first, (n, K).

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.
        offset : array-like of shape (n,) or (n, K), optional
            Needed exactly when the model was fitted with one.
        """
        self._fit()
        return self._log_odds(open_for_prediction(self, X, incomplete=True), offset)

    def _log_odds(self, rows: AnyArray, offset: ArrayLike | None) -> FloatArray:
        binary = len(self.classes_) == 2
        eta = self.intercept_[0] + rows @ self.coef_[0] if binary else self.intercept_ + rows @ self.coef_.T
        if self._has_offset != (offset is not None):
            had = "with" if self._has_offset else "without"
            given = "given" if offset is not None else "missing"
            cure = "Give predict_proba(X, offset=...) the offset, and its risks to riskdec.diagnose or riskdec.decide."
            raise refuse("offset", f"be used as in fit, which was {had} one", f"an offset that is {given}", cure)
        if offset is not None:
            eta = eta + open_offset(offset, rows.shape[0], len(self.classes_))
        return np.asarray(eta, dtype=np.float64)

    def predict_proba(self, X: ArrayLike, *, offset: ArrayLike | None = None) -> FloatArray:
        """Give the probability of each class, in the order of ``classes_``: shape (n, K)."""
        eta = self.decision_function(X, offset=offset)
        if eta.ndim == 1:
            return np.column_stack([risks(-eta), risks(eta)])
        return np.ascontiguousarray(probabilities(eta[:, 1:] - eta[:, :1])[0].T)

    def risk_interval(self, X: ArrayLike, confidence_level: float = 0.95, *, event: object = None) -> FloatArray:
        """Give Wald intervals of the risk of the event, made on the scale of its log-odds: shape (n, 2).

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.
        confidence_level : float, default=0.95
            Level of each interval.
        event : label, optional
            As in `predict_risk`.
        """
        fit = self._fit()
        rows = open_for_prediction(self, X, incomplete=True)
        eta = self._log_odds(rows, None)
        design = np.column_stack([np.ones(len(rows)), rows]) if self._intercept else rows
        return wald_risk_intervals(fit, eta, design, self._event_column(event), confidence_level=confidence_level)

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
            "design": None if self.design_ is None else self.design_.to_state(),
            "fit": header,
        }
        return state, arrays

    @classmethod
    def from_state(cls, header: dict[str, Any], arrays: dict[str, AnyArray]) -> Self:
        """Build a fitted model from what `to_state` gave."""
        model = cls(**unpack_options(header["options"]))
        model.design_ = None if header["design"] is None else FormulaDesign.from_state(header["design"])
        model.n_features_in_ = header["n_features"]
        if header["feature_names"] is not None:
            model.feature_names_in_ = np.array(header["feature_names"], dtype=object)
        model._learn(
            unpack_fit(header["fit"], arrays), decode_labels(header["classes"]), has_offset=header["has_offset"]
        )
        return model
