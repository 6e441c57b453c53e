"""The default on tables: a mixed frame in, risks of the event out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from riskdec._base.checks import check_rng
from riskdec._base.frames import frame_kind, is_frame
from riskdec.calibration import Calibrator
from riskdec.likelihood import risks
from riskdec.models.callbacks import tells_callbacks
from riskdec.models.doors.follow_up import ask_about_follow_up, refuse_time_and_status
from riskdec.models.faces import RiskFaces, require_fitted
from riskdec.models.fingerprint import SeenRows, kept_places, take_fingerprint, unpack_fingerprint
from riskdec.models.fit_faces import FitFaces
from riskdec.models.regression.logistic import LogisticRiskModel
from riskdec.models.shrinking.ridge_fit import RidgeFit
from riskdec.models.tables.columns import take_rows
from riskdec.models.tables.encoding import TableEncoding
from riskdec.models.tables.tabular_door import check_options, open_rows, open_table
from riskdec.models.tables.tabular_estimation import estimate_learner, estimate_likelihood, estimate_shrunken
from riskdec.models.tables.tabular_learner import log_odds_of
from riskdec.models.tables.tabular_rows import Recalibration, recalibrated
from riskdec.models.tables.tabular_state import pack_table_model, unpack_table_model
from riskdec.models.tables.tabular_summary import columns_table, learner_summary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskdec._base.table import Table
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.calibration.methods import Method
    from riskdec.models.fingerprint import RowMarks
    from riskdec.models.regression.logistic_fit import LogisticFit
    from riskdec.models.tables.tabular_estimation import Estimated
    from riskdec.models.tables.tabular_rows import TableRows

_LEARNED = (
    "encoding_",
    "model_",
    "fit_result_",
    "classes_",
    "alpha_choice_",
    "recalibration_",
    "findings_",
    "fingerprint_",
    "feature_names_in_",
)


class TabularRiskModel(RiskFaces, FitFaces, ClassifierMixin, BaseEstimator):
    """A mixed frame in (numbers, booleans, categories, missing values), risks of one of two outcomes out.

    The default is a logistic regression that can bend and is shrunken: restricted cubic splines for numbers, a column
    for each category, ridge at the strength that predicts rows left out best. On such risks the rule of least expected
    cost is worth using; see the notes.

    Parameters
    ----------
    learner : "logistic" or classifier, default="logistic"
        A scikit-learn classifier is fitted on the encoded columns instead; numbers then stay as they are, and
        ``shape``, ``penalty`` and ``alpha`` play no part.
    shape : {"splines", "linear"}, default="splines"
        Whether numbers become restricted cubic splines of five knots (fewer for few distinct values) or straight
        lines.
    penalty : {"ridge", None}, default="ridge"
        None is maximum likelihood, with all inference of `LogisticRiskModel` in ``model_``.
    alpha : "cv" or float, default="cv"
        Strength of the ridge penalty ``alpha/2 sum (s_j b_j)^2``, s_j the standard deviation of column j. "cv" takes
        the strength of the best cross-validated logarithmic score between 0.01 and about 30,000.
    missing : {"indicate", "error"}, default="indicate"
        Whether missing values are marked by columns (or levels) of their own, or refused in training.
    unseen : {"reference", "error"}, default="reference"
        What to do in prediction about a level that training did not have, or a missing value in a column that had
        none: read it, with a warning, as the pooled rare levels or, where there are none, as an average level (the
        first, with ``penalty=None``; the mean of a number), or refuse.
    calibration : "auto", name of a calibrator, Calibrator or None, default="auto"
        "platt" refits intercept and slope of the log-odds to rows left out in turn. "auto" does so for a ``learner``,
        and for ``alpha="cv"``, whose folds are at hand, with a slope of at most 1; otherwise nothing, and nothing under
        ``class_weight``, whose shift "platt" would undo. Other names that `CalibratedRiskModel` knows, and
        unfitted calibrators, are fitted to the same rows left out.
    class_weight, weight_kind, event
        As in `LogisticRiskModel`.
    on_separation : {"firth", "error"}, default="firth"
        As in `LogisticRiskModel`, for ``penalty=None``: shrunken estimates exist on all data.
    random_state : int, Generator or None, default=None
        Deals rows into folds. None deals them in one fixed way, so that the same rows give the same model.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Sorted labels.
    encoding_ : TableEncoding
        What was learned about the columns.
    model_ : RidgeFit, LogisticRiskModel or classifier
        What gives the risks of encoded rows.
    fit_result_ : RidgeFit, LogisticFit or None
        Estimates of the logistic learner.
    alpha_choice_ : AlphaChoice or None
        The scores that chose ``alpha``.
    recalibration_ : Recalibration, Calibrator or None
        What ``calibration`` did to the log-odds: intercept and slope for "platt" and "auto", otherwise the calibrator.
    findings_ : tuple of Finding
        Events per effective parameter, heuristic shrinkage, and what else a reader must know.
    fingerprint_ : Fingerprint or None
        By which `diagnose` recognises training rows; no row can be read from it.
    n_features_in_, feature_names_in_
        Columns of the frame, as in scikit-learn; an array has no names, its columns are called x0, x1, ...

    See Also
    --------
    LogisticRiskModel : Maximum likelihood on numbers, with more options.

    Notes
    -----
    Levels of fewer than 10 training rows are pooled as "other", and fewer than 10 missing values are read as the mean
    (or as "other") without a mark. Splines bend ``asinh((x - c)/s)``, linear in x around the middle and logarithmic
    far out. All of this, and the strength, is learned from training rows; in cross-validation from those of the fold.

    Ten folds are used below 5,000 rows and five above; rows of one group stay together. Rows are dealt by what they
    hold, and a row of weight 3 as three rows: neither their order nor writing a row three times changes anything.

    Columns are found by name in prediction, and further columns are ignored: the outcome may still be among them.
    Dates are refused.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"dose": [1.0, 2.0, None, 4.0, 5.0, None] * 8, "ward": ["a", "b", "b"] * 16})
    >>> model = TabularRiskModel().fit(frame, [0, 1, 0, 1, 0, 1, 1, 1] * 6)
    >>> model.encoding_.names
    ('dose', 'dose[missing]', 'ward[a]', 'ward[b]')
    >>> model.predict_risk(frame.head(2)).shape
    (2,)
    """

    def __init__(
        self,
        *,
        learner: Any = "logistic",
        shape: Literal["splines", "linear"] = "splines",
        penalty: Literal["ridge"] | None = "ridge",
        alpha: Literal["cv"] | float = "cv",
        missing: Literal["indicate", "error"] = "indicate",
        unseen: Literal["reference", "error"] = "reference",
        calibration: Method | Literal["auto"] | Calibrator | None = "auto",
        class_weight: Literal["balanced", "natural"] | Mapping[Any, float] | None = None,
        weight_kind: WeightKind = "frequency",
        event: object = None,
        on_separation: Literal["firth", "error"] = "firth",
        random_state: Any = None,
    ) -> None:
        self.learner = learner
        self.shape = shape
        self.penalty = penalty
        self.alpha = alpha
        self.missing = missing
        self.unseen = unseen
        self.calibration = calibration
        self.class_weight: Literal["balanced", "natural"] | Mapping[Any, float] | None = class_weight
        self.weight_kind = weight_kind
        self.event = event
        self.on_separation = on_separation
        self.random_state = random_state

    @tells_callbacks
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Learn the columns, choose the strength, and estimate.

        Parameters
        ----------
        X : DataFrame of shape (n, p), or array of numbers
            Rows of pandas, polars or pyarrow.
        y : array-like of shape (n,)
            Two labels.
        sample_weight : array-like of shape (n,), optional
            Not negative; meaning as ``weight_kind`` says. Rows of weight 0 are as if absent.
        groups : array-like of shape (n,), optional
            Which rows belong together (a person, a site): they share a fold, and standard errors become
            cluster-robust.

        Returns
        -------
        self
            Fitted.

        Raises
        ------
        InputError
            For columns that cannot be encoded (see `TableEncoding`), options that are none, outcomes that are not two,
            and too few rows of an outcome for ``alpha="cv"``.
        SeparationError
            For separated data with ``penalty=None, on_separation="error"``.
        """
        check_options(self)
        refuse_time_and_status(y)
        for name in _LEARNED:
            if name in vars(self):
                delattr(self, name)
        rows = open_rows(self, X, y, sample_weight=sample_weight, groups=groups)
        counts = rows.weights.multiplicity
        encoding = TableEncoding.learn(
            rows.table, weight=rows.sample_weight, counts=counts, missing=self.missing, rules=rows.rules
        )
        self._learn(encoding, self._estimate(rows, encoding), rows.classes, named=is_frame(X))
        places = kept_places(len(rows.codes))
        proba = self._before_calibrator(take_rows(rows.table, places))
        self.fingerprint_ = take_fingerprint(proba, rows.codes[places], n_rows=len(rows.codes))
        if self.penalty == "ridge" or not isinstance(self.learner, str):
            # Without a penalty LogisticRiskModel asks.
            ask_about_follow_up(X, y, vars(self).get("feature_names_in_"))
        return self

    def _estimate(self, rows: TableRows, encoding: TableEncoding) -> Estimated:
        rng = check_rng(0 if self.random_state is None else self.random_state, name="random_state")
        if isinstance(self.learner, str) and self.penalty == "ridge":
            return estimate_shrunken(
                rows,
                encoding,
                alpha=None if self.alpha == "cv" else float(self.alpha),
                calibration=self.calibration,
                rng=rng,
                weight_kind=self.weight_kind,
                frame_kind=frame_kind(rows.table),
            )
        if not isinstance(self.learner, str):
            calibration = None if self._is_auto() and self.class_weight is not None else self.calibration
            return estimate_learner(rows, encoding, self.learner, calibration=calibration, rng=rng)
        model = LogisticRiskModel(
            class_weight=self.class_weight,
            weight_kind=self.weight_kind,
            event=self.event,
            on_separation=self.on_separation,
        )
        design = _named(encoding.fill(encoding.take(rows.table))[0], encoding, rows.table)
        calibration = None if self._is_auto() else self.calibration
        return estimate_likelihood(rows, encoding, model, design, calibration=calibration, rng=rng)

    def _n_tasks(self) -> int:
        # Folds, where there are any, and the fit of a learner on all rows.
        is_learner = not isinstance(self.learner, str)
        has_folds = self.calibration is not None or (self.penalty == "ridge" and self.alpha == "cv")
        return int(is_learner) + int(has_folds)

    def _is_auto(self) -> bool:
        return isinstance(self.calibration, str) and self.calibration == "auto"

    def _learn(self, encoding: TableEncoding, found: Estimated, classes: AnyArray, *, named: bool) -> None:
        self.encoding_ = encoding
        self.model_ = found.model
        self.fit_result_: RidgeFit | LogisticFit | None = None
        if isinstance(found.model, RidgeFit):
            self.fit_result_ = found.model
        elif isinstance(found.model, LogisticRiskModel):
            self.fit_result_ = found.model.fit_result_
        self.alpha_choice_ = found.choice
        self.recalibration_ = found.recalibration
        self.findings_ = found.findings
        self.classes_ = classes
        self.fingerprint_ = None
        self.n_features_in_ = len(encoding.columns)
        if named:
            self.feature_names_in_ = np.array([column.name for column in encoding.columns], dtype=object)

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Give the probability of each class, in the order of ``classes_``: shape (n, 2)."""
        model = require_fitted(self, "model_")
        design = self._encode(X)
        if not isinstance(model, RidgeFit | LogisticRiskModel) and self.recalibration_ is None:
            return np.asarray(model.predict_proba(design), dtype=np.float64) if len(design) else np.empty((0, 2))
        eta = self._log_odds(model, design)
        if self.recalibration_ is not None and len(eta):
            return recalibrated(self.recalibration_, eta)
        return np.column_stack([risks(-eta), risks(eta)])

    def _encode(self, X: ArrayLike) -> FloatArray:
        return self.encoding_.encode(open_table(self, X, reset=False), unseen=self.unseen)

    def _before_calibrator(self, X: ArrayLike) -> FloatArray:
        """Give probabilities by which rows can be told apart: those of an isotonic fit are few."""
        if not isinstance(self.recalibration_, Calibrator):
            return self.predict_proba(X)
        eta = self._log_odds(self.model_, self._encode(X))
        return np.column_stack([risks(-eta), risks(eta)])

    def _row_marks(self, X: ArrayLike) -> RowMarks | None:
        marks = self.fingerprint_
        if marks is None or not isinstance(self.recalibration_, Calibrator):
            return marks
        return SeenRows(((marks, self._before_calibrator(X)),))

    def _log_odds(self, model: Any, design: FloatArray) -> FloatArray:
        if isinstance(model, RidgeFit):
            return np.asarray(model.coef[0] + design @ model.coef[1:])
        if isinstance(model, LogisticRiskModel):
            return np.asarray(model.intercept_[0] + design @ model.coef_[0])
        return log_odds_of(model.predict_proba(design)) if len(design) else np.empty(0)

    def summary(self) -> Table:
        """Give the coefficients and findings, and below them what was learned about each column of the frame."""
        model = require_fitted(self, "model_")
        fit = self.fit_result_
        table: Table = learner_summary(model, self.findings_) if fit is None else fit.summary()
        notes, sections, recalibration = table.notes, table.sections, self.recalibration_
        if isinstance(recalibration, Recalibration):
            intercept, slope, _ = recalibration
            notes += (f"recalibrated on rows left out: log-odds become {intercept:.4f} + {slope:.4f} times log-odds",)
        elif recalibration is not None:
            notes += ("recalibrated on rows left out",)
            sections += (recalibration.summary(),)
        return dataclasses.replace(table, notes=notes, sections=(*sections, columns_table(self.encoding_)))

    def save(self, path: str | Path) -> Path:
        """Write the model to one file without code and without training rows; `riskdec.load` reads it.

        The file holds column names, category levels, knots and means of training.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.

        Raises
        ------
        InputError
            For a model with a ``learner`` of its own: what such an object learned can only be stored as code.
        """
        from riskdec._base.modelfile import write_model

        header, arrays = self.to_state()
        return write_model(path, kind="TabularRiskModel", header=header, arrays=arrays)

    def to_state(self) -> tuple[dict[str, Any], dict[str, AnyArray]]:
        """Give everything learned as a JSON-ready header and arrays."""
        require_fitted(self, "model_")
        header, arrays = pack_table_model(self)
        if self.fingerprint_ is None:
            return header | {"fingerprint": None}, arrays
        marks = {"fingerprint_of_table": self.fingerprint_.bits}
        return header | {"fingerprint": self.fingerprint_.to_state()}, arrays | marks

    @classmethod
    def from_state(cls, header: dict[str, Any], arrays: dict[str, AnyArray]) -> Self:
        """Build a fitted model from what `to_state` gave."""
        options, encoding, found, classes = unpack_table_model(header, arrays)
        model = cls(**options)
        model._learn(encoding, found, classes, named=header["named"])
        model.fingerprint_ = unpack_fingerprint(header["fingerprint"], arrays.get("fingerprint_of_table"))
        return model

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def _named(design: FloatArray, encoding: TableEncoding, rows: object) -> Any:
    """Give the design as a frame, so that coefficients carry the names of the columns."""
    import narwhals.stable.v2 as nw

    # scikit-learn reads names from pandas and polars.
    kind: Literal["pandas", "polars"] = "polars" if frame_kind(rows) == "polars" else "pandas"
    return nw.from_numpy(design, list(encoding.names), backend=kind).to_native()
