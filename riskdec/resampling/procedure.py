"""The whole procedure, from rows to risks: a fresh copy of an estimator, fitted on the rows of one resample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from riskdec._base.frames import is_frame, open_frame
from riskdec.errors import RiskdecError
from riskdec.models import CalibratedRiskModel, LogisticRiskModel, TabularRiskModel
from riskdec.models.faces import RiskFaces

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray


class Refitted(NamedTuple):
    """What one refit gives.

    Attributes
    ----------
    risk : ndarray of shape (m,)
        Risks of the event.
    fell_back : bool
        Whether Firth's likelihood answered separated rows.
    """

    risk: FloatArray
    fell_back: bool


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Procedure:
    """An estimator and the rows on which it is fitted again and again.

    Attributes
    ----------
    estimator : classifier
        Copied, never fitted itself.
    X : array-like of shape (n, p)
        Rows in the caller's own kind.
    labels : ndarray of shape (n,)
        Outcomes as the caller writes them.
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    event : object
        The label of the event.
    groups : ndarray of int, shape (n,), or None
        Group numbers.
    counts : ndarray of shape (n,) or None
        Frequency weights, whole numbers.
    finds_outcome : bool
        Whether the estimator takes the outcomes out of X itself, by its formula.
    findings : tuple of Finding
        What the reader must know of the rows.
    """

    estimator: Any
    X: Any
    labels: AnyArray
    is_event: BoolArray
    event: object
    groups: IntArray | None
    counts: FloatArray | None
    finds_outcome: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of different rows."""
        return len(self.labels)

    @property
    def weight(self) -> FloatArray:
        """How often each row counts: shape (n,)."""
        return np.ones(self.n_rows) if self.counts is None else self.counts

    def fit(self, multiplicity: FloatArray | None, stream: np.random.Generator) -> Any:
        """Fit a fresh copy on the rows, each as often as it counts.

        Parameters
        ----------
        multiplicity : ndarray of shape (n,) or None
            How often each row stands in the training rows; None means as given.
        stream : numpy Generator
            Seeds random states that the estimator leaves open.
        """
        fresh = clone(self.estimator)
        _seed(fresh, stream)
        times = self.counts if multiplicity is None else multiplicity
        if times is None:
            return self._fit_rows(fresh, self.X, self.labels, self.groups)
        rows = np.repeat(np.arange(self.n_rows), times.astype(np.intp))
        # Copies of a row must share a fold where the procedure deals rows into folds, or it sees what it is tested on.
        units = rows if self.groups is None else self.groups[rows]
        return self._fit_rows(fresh, take_rows(self.X, rows), self.labels[rows], units)

    def _fit_rows(self, fresh: Any, X: Any, labels: AnyArray, groups: IntArray | None) -> Any:
        if self.finds_outcome:
            return fresh.fit(X)
        # The models that are told which rows must share a fold.
        told = isinstance(fresh, TabularRiskModel | CalibratedRiskModel)
        options = {} if groups is None or not told else {"groups": groups}
        return fresh.fit(X, labels, **options)

    def try_fit(self, multiplicity: FloatArray, stream: np.random.Generator, X: Any = None) -> Refitted | None:
        """Fit as `fit` does, and predict; None where the resample lacks an outcome or the estimator refuses it."""
        events = float(multiplicity @ self.is_event)
        if not 0 < events < multiplicity.sum():
            return None
        try:
            fitted = self.fit(multiplicity, stream)
            return Refitted(self.risk(fitted, X), fell_back(fitted))
        except (ValueError, ArithmeticError, RiskdecError):
            return None

    def risk(self, fitted: Any, X: Any = None) -> FloatArray:
        """Give the risks of the event, shape (n,), of other rows or of the procedure's own."""
        column = fitted.classes_.tolist().index(self.event)
        proba = np.asarray(fitted.predict_proba(self.X if X is None else X), dtype=np.float64)
        return np.ascontiguousarray(proba[:, column])


def take_rows(table: Any, rows: IntArray) -> Any:
    """Give rows by number, in any order and repeated, of a frame, an array or a sparse matrix in its own kind."""
    if is_sparse(table):
        return table.tocsr()[rows]
    if not is_frame(table):
        return np.asarray(table)[rows]
    import narwhals.stable.v2 as nw

    # Row labels that repeat mean nothing, and pipelines may join on them.
    return nw.maybe_reset_index(open_frame(table)[rows]).to_native()


def last_step(fitted: Any) -> Any:
    """Give what a pipeline ends in, or the estimator itself."""
    while isinstance(fitted, Pipeline):
        fitted = fitted.steps[-1][1]
    return fitted


def fell_back(fitted: Any) -> bool:
    """Tell whether a logistic model of riskdec met separated data and fitted Firth's likelihood instead."""
    inner = last_step(fitted)
    if isinstance(inner, TabularRiskModel):
        inner = inner.model_
    return isinstance(inner, LogisticRiskModel) and inner.penalty is None and inner.separation_ is not None


def is_sparse(table: object) -> bool:
    """Tell whether a table is a sparse matrix of scipy."""
    return bool(issparse(table))


def _seed(fresh: Any, stream: np.random.Generator) -> None:
    """Fix random states that were left open, so that one seed gives one answer, whatever the number of workers."""
    for name, value in sorted(fresh.get_params(deep=True).items()):
        # Models of riskdec do the same each time when none is given.
        is_open = value is None and not (name == "random_state" and isinstance(fresh, RiskFaces))
        if is_open and name.rpartition("__")[2] == "random_state":
            fresh.set_params(**{name: int(stream.integers(2**31))})
