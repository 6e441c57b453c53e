"""The rows of a fit once more: no estimator keeps them, so who needs them asks again and checks them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from sklearn.base import clone

from riskdec._base.checks import refuse
from riskdec.likelihood import fit_binomial, fit_firth, fit_multinomial, fit_multinomial_firth, probabilities
from riskdec.likelihood.binomial import Rows
from riskdec.likelihood.multinomial import MultinomialRows
from riskdec.models.doors.door import open_for_prediction, open_for_training
from riskdec.models.doors.fit_weights import FitWeights, combine_weights
from riskdec.models.inference.terms import has_intercept

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.likelihood import LogitFit
    from riskdec.likelihood.protocol import Likelihood
    from riskdec.models.regression.logistic_fit import LogisticFit

# Rows read once as float32 and once as float64 agree to this; other rows do not.
_SAME = 1e-5


class FittedModel(Protocol):
    """What the rows of a fit are checked against."""

    fit_result_: LogisticFit
    classes_: AnyArray
    class_weight: Any
    weight_kind: WeightKind
    formula: str | None


class FittedRows(NamedTuple):
    """The clean rows that a model was fitted on; lives as long as one question.

    Attributes
    ----------
    X : ndarray of shape (n, p)
        The columns of the fit, without the intercept.
    codes : ndarray of shape (n,)
        Place of each row's outcome: bool with two outcomes, int with more.
    n_outcomes : int
        K.
    weights : FitWeights
        Row and class weights.
    offset : ndarray of shape (n,) or (n, K - 1), or None
        Known part of the linear predictors.
    intercept : bool
        Whether the model has an intercept.
    """

    X: AnyArray
    codes: AnyArray
    n_outcomes: int
    weights: FitWeights
    offset: FloatArray | None
    intercept: bool

    def linear_predictors(self, coef: FloatArray) -> FloatArray:
        """Give the log-odds of each outcome against the first, offset included: shape (n, K - 1)."""
        return linear_predictors(self.X, coef, offset=self.offset, intercept=self.intercept)

    def log_likelihood(self, coef: FloatArray) -> float:
        """Give the weighted log-likelihood at some coefficients."""
        log_proba = probabilities(self.linear_predictors(coef))[1]
        terms = log_proba[self.codes.astype(np.intp), np.arange(len(self.codes))]
        return float(terms.sum() if self.weights.total is None else self.weights.total @ terms)

    def likelihood(self) -> Likelihood:
        """Give the likelihood of the rows."""
        if self.n_outcomes == 2:
            return self.binary_likelihood()
        return MultinomialRows(self.codes, self.n_outcomes, self.weights.total, self.offset)

    def binary_likelihood(self) -> Rows:
        """Give the likelihood of two outcomes."""
        return Rows(self.codes.astype(np.float64), self.weights.total, self.offset)

    def refit(self, fit: LogisticFit) -> LogitFit:
        """Fit again by the method of a fit, up to FLIC's shift of the intercept."""
        if fit.method not in ("maximum likelihood", "firth", "flic"):
            raise refuse("the fit", "be by maximum likelihood, Firth or FLIC", fit.method)
        penalised = fit.method != "maximum likelihood"
        maximise: Callable[..., LogitFit] = fit_firth if penalised else fit_binomial
        if self.n_outcomes > 2:
            maximise = partial(fit_multinomial_firth if penalised else fit_multinomial, n_outcomes=self.n_outcomes)
        return maximise(
            self.X,
            self.codes,
            weight=self.weights.total,
            offset=self.offset,
            intercept=self.intercept,
        )


def linear_predictors(X: AnyArray, coef: FloatArray, *, offset: FloatArray | None, intercept: bool) -> FloatArray:
    """Give the log-odds of each outcome against the first: shape (n, K - 1)."""
    blocks, first = np.atleast_2d(coef), int(intercept)
    eta = np.asarray(X @ blocks[:, first:].T, dtype=np.float64)
    if first:
        eta += blocks[:, 0]
    return eta if offset is None else eta + offset.reshape(len(eta), -1)


def open_fitted_rows(
    model: FittedModel,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
) -> FittedRows:
    """Check the rows that `fit` was given, given again.

    Parameters
    ----------
    model : LogisticRiskModel
        Fitted.
    X, y, sample_weight, offset
        What `fit` was given. Rows of weight zero are as if absent.

    Raises
    ------
    InputError
        For other rows than those of the fit: the log-likelihood at the coefficients tells.
    """
    if model.formula is None:
        open_for_prediction(model, X)
    given = open_for_training(clone(model), X, y, sample_weight=sample_weight, offset=offset, groups=None)
    classes = model.classes_
    if given.classes.tolist() != classes.tolist():
        known, found = (", ".join(map(repr, labels.tolist()[:5])) for labels in (classes, given.classes))
        raise refuse("y", f"hold the outcomes of fit ({known})", found)
    weights = combine_weights(
        given.sample_weight, model.class_weight, kind=model.weight_kind, codes=given.codes, classes=classes
    )
    known_part = given.offset
    if known_part is not None and len(classes) > 2:
        known_part = known_part[:, 1:] - known_part[:, :1]
    rows = FittedRows(given.X, given.codes, len(classes), weights, known_part, has_intercept(model.fit_result_))
    check_same_rows(model.fit_result_, rows)
    return rows


def check_same_rows(fit: LogisticFit, rows: FittedRows) -> None:
    """Refuse rows at which the coefficients do not have the log-likelihood of the fit."""
    found = rows.log_likelihood(fit.coef)
    if not abs(found - fit.log_likelihood) <= _SAME * max(1.0, abs(fit.log_likelihood)):
        raise refuse(
            "X, y, sample_weight and offset",
            f"be those of fit, where the log-likelihood was {fit.log_likelihood:.6g}",
            f"rows where it is {found:.6g}",
            "A model keeps no rows, so what needs them asks for them again.",
        )
