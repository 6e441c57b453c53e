"""Restricted cubic splines: smooth between their knots, straight beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import validate_data

from riskdec._base.checks import check_integer, check_numbers, refuse
from riskdec.errors import InputError
from riskdec.likelihood.splines.basis import spline_basis
from riskdec.likelihood.splines.knots import MIN_KNOTS, place_knots
from riskdec.models.faces import require_fitted
from riskdec.models.tables.knots import note_fewer_knots, warn_fewer_knots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray


def spline_names(name: str, knots: Sequence[float] | FloatArray) -> tuple[str, ...]:
    """Name the columns of `spline_basis` as rms does.

    >>> spline_names("age", (20.0, 40.0, 60.0, 80.0))
    ('age', "age'", "age''")
    """
    return tuple(name + "'" * j for j in range(max(len(knots) - 1, 1)))


class RestrictedCubicSpline(TransformerMixin, BaseEstimator):
    """Turn each numeric column into the columns of a restricted cubic spline, as ``rcs`` of R's rms does.

    Parameters
    ----------
    n_knots : int, default=4
        Knots of each column, at least 3, placed at Harrell's quantiles of the training rows.
    knots : sequence of numbers, or one such sequence per column, optional
        Where the knots are instead: at least 3, increasing.

    Attributes
    ----------
    knots_ : list of ndarray
        Knots of each column; empty for a column that stays a straight line.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Warns
    -----
    RiskdecWarning
        RD107, where a column gets fewer knots than asked for because its values coincide. With fewer than three
        it stays as it is: a straight line.

    See Also
    --------
    sklearn.preprocessing.SplineTransformer : B-splines of any degree.

    Notes
    -----
    A column ``x`` becomes ``x, x', x'', ...``: itself and ``k - 2`` columns, all in units of ``x``. Knots are
    learned in `fit`, from all rows alike: weights play no part. Missing values (nan) are left out in `fit` and
    stay missing in `transform`. The formula and the rule of the knots stand with
    `riskdec.likelihood.splines.basis.spline_basis` and `riskdec.likelihood.splines.knots.place_knots`.

    References
    ----------
    Harrell FE (2015). Regression Modeling Strategies, 2nd ed., section 2.4.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"age": range(20, 81)})
    >>> spline = RestrictedCubicSpline(n_knots=3).set_output(transform="pandas").fit(frame)
    >>> spline.knots_
    [array([24., 50., 76.])]
    >>> spline.transform(frame.tail(1))
         age  age'
    60  80.0  45.0
    """

    def __init__(self, *, n_knots: int = 4, knots: Sequence[Any] | None = None) -> None:
        self.n_knots = n_knots
        self.knots = knots

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Place the knots.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Numbers, finite or missing.
        y : object, optional
            Ignored; pipelines pass it.

        Returns
        -------
        self
            Fitted.

        Raises
        ------
        InputError
            For infinite values, a column without any value, or knots that are not at least three increasing
            numbers.
        """
        check_integer(self.n_knots, name="n_knots", low=MIN_KNOTS)
        rows = self._open(X, reset=True)
        if self.knots is not None:
            self.knots_ = _given_knots(self.knots, rows.shape[1])
            return self
        placed, notes = [], []
        for name, column in zip(self._names_in(), rows.T, strict=True):
            present = column[~np.isnan(column)]
            if not len(present):
                raise refuse(f"column {name!r}", "hold at least one value", "only missing ones", "Drop the column.")
            placed.append(place_knots(present, self.n_knots))
            if len(placed[-1]) < self.n_knots:
                notes.append(note_fewer_knots(f"column {name!r}", self.n_knots, len(placed[-1])))
        if notes:
            warn_fewer_knots(notes)
        self.knots_ = placed
        return self

    def transform(self, X: ArrayLike) -> FloatArray:
        """Give the columns of the splines: shape (n, sum of the columns), missing where X is."""
        placed: list[FloatArray] = require_fitted(self, "knots_")
        rows = self._open(X, reset=False)
        return np.hstack([spline_basis(column, knots) for column, knots in zip(rows.T, placed, strict=True)])

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> AnyArray:
        """Name the columns that `transform` gives: ``x, x', x''``.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the columns in; those of training where it is left out.
        """
        placed: list[FloatArray] = require_fitted(self, "knots_")
        names = self._names_in()
        if input_features is not None:
            given = [str(name) for name in np.asarray(input_features, dtype=object)]
            if len(given) != len(names):
                # scikit-learn's words, which its checks look for.
                message = f"input_features should have length equal to number of features ({len(names)}), got"
                raise InputError(f"{message} {len(given)}")
            if "feature_names_in_" in vars(self) and given != names:
                message = "input_features is not equal to feature_names_in_"
                raise InputError(message)
            names = given
        columns = zip(names, placed, strict=True)
        return np.array([out for name, knots in columns for out in spline_names(name, knots)], dtype=object)

    def _names_in(self) -> list[str]:
        names = vars(self).get("feature_names_in_")
        return [f"x{j}" for j in range(self.n_features_in_)] if names is None else [str(name) for name in names]

    def _open(self, X: object, *, reset: bool) -> FloatArray:
        try:
            rows: FloatArray = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite=False)
        except ValueError as err:
            raise InputError(str(err)) from err
        infinite = np.isinf(rows)
        if infinite.any():
            row, column = (int(i) for i in np.argwhere(infinite)[0])
            got = f"{rows[row, column]} in column {self._names_in()[column]!r} at row {row}"
            raise refuse("X", "be finite or missing (no inf)", f"{got} ({int(infinite.any(axis=1).sum())} rows)")
        return rows

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _given_knots(knots: Sequence[Any], n_columns: int) -> list[FloatArray]:
    shared = not len(knots) or np.ndim(knots[0]) == 0
    each = [knots] * n_columns if shared else list(knots)
    if len(each) != n_columns:
        raise refuse("knots", f"be one list for all columns, or one per column ({n_columns})", f"{len(each)} lists")
    return [check_knots(one, name="knots" if shared else f"knots[{j}]") for j, one in enumerate(each)]


def check_knots(knots: object, *, name: str) -> FloatArray:
    """Give at least three increasing numbers."""
    places = check_numbers(knots, name=name)
    if len(places) < MIN_KNOTS or (np.diff(places) <= 0).any():
        raise refuse(name, f"be at least {MIN_KNOTS} increasing numbers", str(places.tolist()))
    return places.copy()
