"""The default on tables: a mixed frame in, risks of the event out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from riskdec._base.checks import check_groups, check_labels, check_option, check_weights
from riskdec._base.frames import frame_kind, is_frame
from riskdec._base.table import Table, number
from riskdec.models.columns import CategoryColumn, keep_rows, open_columns
from riskdec.models.encoding import TableEncoding
from riskdec.models.faces import RiskFaces, require_fitted
from riskdec.models.logistic import LogisticRiskModel
from riskdec.models.logistic_state import pack_options, unpack_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.models.columns import Column


class TabularRiskModel(RiskFaces, ClassifierMixin, BaseEstimator):
    """Logistic regression on a mixed frame: numbers, booleans, categories and missing values.

    Parameters
    ----------
    missing : {"indicate", "error"}, default="indicate"
        Whether missing values are marked by columns (or levels) of their own, or refused in training.
    unseen : {"error", "reference"}, default="error"
        What to do in prediction about a level that training did not have, or a missing value in a column
        that had none: refuse, or read it as the reference level (the mean) with a warning.
    class_weight, weight_kind, event, on_separation
        As in `LogisticRiskModel`.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Sorted labels.
    encoding_ : TableEncoding
        What was learned about the columns.
    model_ : LogisticRiskModel
        The fitted model on the encoded columns, with all its inference.
    n_features_in_, feature_names_in_
        Columns of the frame, as in scikit-learn; an array has no names, its columns are called x0, x1, ...

    See Also
    --------
    LogisticRiskModel : For numbers only, with more options.

    Notes
    -----
    Columns are found by name in prediction, and further columns are ignored: the outcome may still be among
    them. Dates are refused. With a missing-value column in the model the risks do not depend on the mean that
    stands in for the missing numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"dose": [1.0, 2.0, None, 4.0, 5.0, None] * 4, "ward": ["a", "b", "b"] * 8})
    >>> model = TabularRiskModel().fit(frame, [0, 1, 0, 1, 0, 1, 1, 1] * 3)
    >>> model.encoding_.names
    ('dose', 'dose[missing]', 'ward[b]')
    >>> model.predict_risk(frame.head(2)).shape
    (2,)
    """

    def __init__(
        self,
        *,
        missing: Literal["indicate", "error"] = "indicate",
        unseen: Literal["error", "reference"] = "error",
        class_weight: Literal["balanced", "natural"] | Mapping[Any, float] | None = None,
        weight_kind: WeightKind = "frequency",
        event: object = None,
        on_separation: Literal["firth", "error"] = "firth",
    ) -> None:
        self.missing = missing
        self.unseen = unseen
        self.class_weight = class_weight
        self.weight_kind = weight_kind
        self.event = event
        self.on_separation = on_separation

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Learn the columns, then estimate by maximum likelihood.

        Parameters
        ----------
        X : DataFrame of shape (n, p), or array of numbers
            Rows of pandas, polars or pyarrow.
        y : array-like of shape (n,)
            Two labels.
        sample_weight : array-like of shape (n,), optional
            Not negative; meaning as ``weight_kind`` says. Rows of weight 0 are as if absent.
        groups : array-like of shape (n,), optional
            Which rows belong together (a person, a site): standard errors become cluster-robust.

        Returns
        -------
        self
            Fitted.

        Raises
        ------
        InputError
            For columns that cannot be encoded (see `TableEncoding`) and all that `LogisticRiskModel` refuses.
        SeparationError
            For separated data with ``on_separation="error"``.
        """
        check_option(self.unseen, ("error", "reference"), name="unseen")
        rows: object = X
        n = len(next(iter(open_columns(rows).values())))
        labels = check_labels(y, name="y", n=n)
        weight = check_weights(sample_weight, n)
        numbers = check_groups(groups, n)
        if weight is not None and not weight.all():
            keep = weight > 0
            rows, labels, weight = keep_rows(rows, keep), labels[keep], weight[keep]
            numbers = None if numbers is None else numbers[keep]
        encoding = TableEncoding.learn(rows, weight=weight, missing=self.missing)
        model = LogisticRiskModel(
            class_weight=self.class_weight,
            weight_kind=self.weight_kind,
            event=self.event,
            on_separation=self.on_separation,
        )
        model.fit(_named(encoding.encode(rows), encoding, rows), labels, weight, groups=numbers)
        self._learn(encoding, model, named=is_frame(X))
        return self

    def _learn(self, encoding: TableEncoding, model: LogisticRiskModel, *, named: bool) -> None:
        self.encoding_ = encoding
        self.model_ = model
        self.classes_ = model.classes_
        self.n_features_in_ = len(encoding.columns)
        if named:
            self.feature_names_in_ = np.array([column.name for column in encoding.columns], dtype=object)
        elif "feature_names_in_" in vars(self):
            del self.feature_names_in_

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Give the probability of each class, in the order of ``classes_``: shape (n, 2)."""
        model: LogisticRiskModel = require_fitted(self, "model_")
        return model.predict_proba(_named(self.encoding_.encode(X, unseen=self.unseen), self.encoding_, X))

    def predict(self, X: ArrayLike) -> AnyArray:
        """Give the likelier class of each row. To act on risks, use `decide` with your costs."""
        proba = self.predict_proba(X)
        return self.classes_[(proba[:, 1] > proba[:, 0]).astype(np.intp)]

    def summary(self) -> Table:
        """Give the coefficient table, and below it what was learned about each column of the frame."""
        model: LogisticRiskModel = require_fitted(self, "model_")
        table = model.summary()
        columns = Table(
            title="Columns",
            header=("", "kind", "levels", "reference", "missing in training"),
            rows=tuple(_column_row(column) for column in self.encoding_.columns),
        )
        return dataclasses.replace(table, sections=(*table.sections, columns))

    def save(self, path: str | Path) -> Path:
        """Write the model to one file without code and without training rows; `riskdec.load` reads it.

        The file holds column names, category levels and means of training.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        from riskdec._base.modelfile import write_model

        header, arrays = self.to_state()
        return write_model(path, kind="TabularRiskModel", header=header, arrays=arrays)

    def to_state(self) -> tuple[dict[str, Any], dict[str, AnyArray]]:
        """Give everything learned as a JSON-ready header and arrays."""
        model: LogisticRiskModel = require_fitted(self, "model_")
        inner, arrays = model.to_state()
        header = {
            "options": pack_options(self.get_params()),
            "named": "feature_names_in_" in vars(self),
            "encoding": self.encoding_.to_state(),
            "model": inner,
        }
        return header, arrays

    @classmethod
    def from_state(cls, header: dict[str, Any], arrays: dict[str, AnyArray]) -> Self:
        """Build a fitted model from what `to_state` gave."""
        inner = LogisticRiskModel.from_state(header["model"], arrays)
        model = cls(**unpack_options(header["options"]))
        model._learn(TableEncoding.from_state(header["encoding"]), inner, named=header["named"])
        return model


def _named(design: FloatArray, encoding: TableEncoding, rows: object) -> Any:
    """Give the design as a frame, so that coefficients carry the names of the columns."""
    import narwhals.stable.v2 as nw

    # scikit-learn reads names from pandas and polars.
    kind: Literal["pandas", "polars"] = "polars" if frame_kind(rows) == "polars" else "pandas"
    return nw.from_numpy(design, list(encoding.names), backend=kind).to_native()


def _column_row(column: Column) -> tuple[str, ...]:
    missing = str(column.n_missing) if column.n_missing else ""
    if isinstance(column, CategoryColumn):
        return column.name, "category", str(len(column.levels)), column.levels[0], missing
    return column.name, "number", "", f"mean {number(column.mean)}" if column.n_missing else "", missing
