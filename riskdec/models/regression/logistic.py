"""Logistic regression by maximum likelihood, with scikit-learn's face and a statistician's inference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from riskdec._base.checks import refuse
from riskdec._base.frames import frame_kind
from riskdec._base.modelfile import decode_labels, encode_labels, write_model
from riskdec.likelihood.wide.block_matrix import take_rows
from riskdec.models.callbacks import tells_callbacks
from riskdec.models.doors.door import TrainingRows, open_for_training
from riskdec.models.doors.fit_weights import combine_weights
from riskdec.models.doors.follow_up import ask_about_follow_up, refuse_time_and_status
from riskdec.models.doors.formula_door import with_incomplete_rows
from riskdec.models.faces import RiskFaces
from riskdec.models.fingerprint import kept_rows, take_fingerprint, unpack_fingerprint
from riskdec.models.fit_faces import FitFaces
from riskdec.models.formula import FormulaDesign
from riskdec.models.inference.faces import InferenceFaces
from riskdec.models.regression.coefficients import CoefficientFaces
from riskdec.models.regression.log_odds import LogOddsFaces, from_log_odds
from riskdec.models.regression.logistic_estimation import Problem, estimate
from riskdec.models.regression.logistic_options import check_options, check_options_for
from riskdec.models.regression.logistic_state import check_input, pack_fit, pack_options, unpack_fit, unpack_options
from riskdec.models.shrinking.ridge_estimation import estimate_shrunken
from riskdec.models.shrinking.ridge_fit import RidgeFit
from riskdec.models.shrinking.ridge_state import pack_choice, pack_ridge, unpack_choice, unpack_ridge
from riskdec.models.tables.encoding import TableEncoding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskdec._base.typing import AnyArray, ArrayLike, WeightKind
    from riskdec.models.regression.logistic_fit import LogisticFit
    from riskdec.models.regression.separation import SeparationFinding

_LEARNED = (
    "fit_result_",
    "classes_",
    "coef_",
    "intercept_",
    "method_",
    "separation_",
    "n_iter_",
    "converged_",
    "fingerprint_",
)
_LEARNED_BY_RIDGE = ("alpha_", "alpha_choice_")


class LogisticRiskModel(
    InferenceFaces, CoefficientFaces, LogOddsFaces, RiskFaces, FitFaces, ClassifierMixin, BaseEstimator
):
    """Logistic regression, binary or multinomial: maximum likelihood, proved to exist, with its inference.

    Parameters
    ----------
    penalty : {None, "ridge", "firth", "flic", "flac"}, default=None
        None maximises the likelihood. "ridge" shrinks for prediction: risks average the event rate and are drawn
        towards it. "firth" adds Jeffreys' prior (bias-reduced, finite on every data set; it raises the average risk
        of rare events). "flic" is Firth with the intercept refitted, "flac" with its pseudo-rows told apart: with both
        the average risk equals the event rate; for two classes only. `summary` says what each does to calibration.
    alpha : float or "cv", optional
        With "ridge", and only with it: the strength of the penalty ``alpha/2 sum (s_j b_j)^2``, s_j the standard
        deviation of column j, on the sum over rows of the log-likelihood. With K > 2 classes it is
        ``alpha/2 sum_j s_j^2 sum_k (b_kj - mean_k b_kj)^2``, the same whichever class comes first. "cv" takes the
        strength between 0.01 and about 30,000 of the best cross-validated logarithmic score (ten folds, five from
        5,000 rows; rows of a group together; dealt by what rows hold, so that neither their order nor writing a row of
        weight 3 three times changes anything).
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
        What to do about a level that training did not have: refuse, or read it with a warning as the reference level
        (with ridge, as an average one).
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
    encoding_ : TableEncoding or None
        Levels of the categories of a frame.
    fit_result_ : LogisticFit, or RidgeFit with "ridge"
        Estimates, covariances and how they were reached.
    method_ : {"maximum likelihood", "ridge", "firth", "flic", "flac"}
        What was fitted in the end.
    alpha_ : float
        With "ridge": the strength used.
    alpha_choice_ : AlphaChoice or None
        With "ridge": the scores that chose the strength; None where it was given.
    separation_ : SeparationFinding or None
        How the outcomes are separated.
    n_iter_ : int
        Steps taken.
    converged_ : bool
        Whether the estimate is what ``method_`` says.
    gradient_norm_ : float
        Largest absolute score over the sum of weights, on standardised columns.
    condition_number_ : float
        Of the information matrix on standardised columns.
    fingerprint_ : Fingerprint or None
        By which `diagnose` recognises training rows; no row can be read from it.
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
        penalty: Literal["ridge", "firth", "flic", "flac"] | None = None,
        alpha: Literal["cv"] | float | None = None,
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
        self.alpha = alpha
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

    @tells_callbacks
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
        X : array-like or sparse matrix of shape (n, p)
            Finite numbers: an array, a frame of pandas or polars, or a scipy sparse matrix (csr, csc, coo). Declared
            categories of a frame (Categorical, Enum) become a column for each level but the first, with ridge for
            each level. Zeros of sparse matrices and of levels are never written out as a whole.
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
        refuse_time_and_status(y)
        # A fit that fails must not leave old coefficients beside the names of new columns.
        for name in (*_LEARNED, *_LEARNED_BY_RIDGE):
            if name in vars(self):
                delattr(self, name)
        rows = open_for_training(self, X, y, sample_weight=sample_weight, offset=offset, groups=groups)
        check_options_for(self, rows.classes)
        weights = combine_weights(
            rows.sample_weight, self.class_weight, kind=self.weight_kind, codes=rows.codes, classes=rows.classes
        )
        names = self._name_columns(rows)
        outcome = None if self.design_ is None else self.design_.outcome
        ask_about_follow_up(X, y, vars(self).get("feature_names_in_"), outcome=outcome)
        problem = Problem(
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
        result: LogisticFit | RidgeFit
        if self.penalty == "ridge":
            result, self.alpha_choice_ = estimate_shrunken(problem, None if self.alpha == "cv" else self.alpha)
        else:
            result = estimate(problem)
        if rows.by_formula is not None:
            result = with_incomplete_rows(result, rows.by_formula)
        self._learn(result, rows.classes, has_offset=offset is not None)
        places = kept_rows(len(rows.codes))
        eta = self._log_odds(take_rows(rows.X, places), None if rows.offset is None else rows.offset[places])
        self.fingerprint_ = take_fingerprint(from_log_odds(eta), rows.codes[places], n_rows=len(rows.codes))
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

    def _n_tasks(self) -> int:
        return int(self.penalty == "ridge" and isinstance(self.alpha, str))

    def _name_columns(self, rows: TrainingRows) -> tuple[str, ...]:
        """Give the names of the columns of the design, and keep what scikit-learn wants to know of the data."""
        self.design_: FormulaDesign | None = None
        self.encoding_: TableEncoding | None = rows.encoding
        if rows.encoding is not None:
            return rows.encoding.names
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

    def _learn(self, result: LogisticFit | RidgeFit, classes: AnyArray, *, has_offset: bool) -> None:
        first = int(self._intercept)
        self.classes_ = classes
        self.fit_result_ = result
        coef = np.atleast_2d(result.coef)
        if len(classes) > 2:
            coef = np.vstack([np.zeros(coef.shape[1]), coef])
        self.coef_ = coef[:, first:]
        self.intercept_ = coef[:, 0] if first else np.zeros(len(coef))
        self.method_ = result.method
        self.separation_: SeparationFinding | None = None
        if isinstance(result, RidgeFit):
            self.alpha_ = result.alpha
        else:
            self.separation_ = result.separation
        self.n_iter_ = max(result.n_iter, 1)
        self.converged_ = result.converged
        self.gradient_norm_ = result.gradient
        self.condition_number_ = result.condition
        self._has_offset = has_offset
        self.fingerprint_ = None

    def save(self, path: str | Path) -> Path:
        """Write the model to one file without code and without training rows; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        header, arrays = self.to_state()
        return write_model(path, kind="LogisticRiskModel", header=header, arrays=arrays)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def to_state(self) -> tuple[dict[str, Any], dict[str, AnyArray]]:
        """Give everything learned as a JSON-ready header and arrays."""
        fit = self._fit()
        header, arrays = pack_ridge(fit) if isinstance(fit, RidgeFit) else pack_fit(fit)
        names = vars(self).get("feature_names_in_")
        state = {
            "options": pack_options(self.get_params()),
            "classes": encode_labels(self.classes_),
            "has_offset": self._has_offset,
            "n_features": int(self.n_features_in_),
            "feature_names": None if names is None else [str(name) for name in names],
            "design": None if self.design_ is None else self.design_.to_state(),
            "encoding": None if self.encoding_ is None else self.encoding_.to_state(),
            "fit": header,
            "alpha_choice": pack_choice(vars(self).get("alpha_choice_")),
            "fingerprint": None if self.fingerprint_ is None else self.fingerprint_.to_state(),
        }
        marks = {} if self.fingerprint_ is None else {"fingerprint": self.fingerprint_.bits}
        return state, arrays | marks

    @classmethod
    def from_state(cls, header: dict[str, Any], arrays: dict[str, AnyArray]) -> Self:
        """Build a fitted model from what `to_state` gave."""
        check_input(header)
        model = cls(**unpack_options(header["options"]))
        model.design_ = None if header["design"] is None else FormulaDesign.from_state(header["design"])
        model.encoding_ = None if header["encoding"] is None else TableEncoding.from_state(header["encoding"])
        model.n_features_in_ = header["n_features"]
        if header["feature_names"] is not None:
            model.feature_names_in_ = np.array(header["feature_names"], dtype=object)
        fit: LogisticFit | RidgeFit
        choice = unpack_choice(header["alpha_choice"])
        if model.penalty == "ridge":
            fit = unpack_ridge(header["fit"], arrays)
            model.alpha_choice_ = choice
        else:
            fit = unpack_fit(header["fit"], arrays)
        model._learn(fit, decode_labels(header["classes"]), has_offset=header["has_offset"])
        model.fingerprint_ = unpack_fingerprint(header["fingerprint"], arrays.get("fingerprint"))
        return model
