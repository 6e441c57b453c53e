"""The rows of a fit, given again: taken as fit took them, and refused where they are others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import open_fitted_rows

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


def test_log_likelihood_at_the_coefficients_is_that_of_the_fit(rows: Rows) -> None:
    for options in ({}, {"class_weight": "natural"}, {"penalty": "flic"}, {"fit_intercept": False}):
        fit, given = rows.fit(**options)
        assert given.log_likelihood(fit.coef) == pytest.approx(fit.log_likelihood, rel=1e-10)
        np.testing.assert_allclose(given.refit(fit).coef[1:], fit.coef[1:], rtol=1e-6)


def test_rows_are_read_as_fit_read_them(rows: Rows, rng: np.random.Generator) -> None:
    weight = rng.integers(0, 3, len(rows.y)).astype(float)
    offset = rng.normal(size=len(rows.y))
    labels = np.where(rows.y == 1, "yes", "no")
    model = LogisticRiskModel(weight_kind="importance").fit(rows.X, labels, weight, offset=offset)
    given = open_fitted_rows(model, rows.X, labels, sample_weight=weight, offset=offset)
    assert len(given.codes) == (weight > 0).sum()
    assert given.weights.single.mean() == pytest.approx(1)
    assert given.log_likelihood(model.fit_result_.coef) == pytest.approx(model.fit_result_.log_likelihood, rel=1e-12)


def test_more_outcomes_are_read_as_fit_read_them(rows: Rows, rng: np.random.Generator) -> None:
    labels = np.array(["a", "b", "c"])[rng.integers(0, 3, len(rows.y))]
    offset = rng.normal(size=(len(rows.y), 3))
    model = LogisticRiskModel().fit(rows.X, labels, offset=offset)
    given = open_fitted_rows(model, rows.X, labels, offset=offset)
    assert given.offset.shape == (len(rows.y), 2)
    assert given.log_likelihood(model.fit_result_.coef) == pytest.approx(model.fit_result_.log_likelihood, rel=1e-12)


def test_method_without_a_refit_here_is_refused(rows: Rows) -> None:
    fit, given = rows.fit()
    with pytest.raises(InputError, match=r"^the fit must be by maximum likelihood, Firth or FLIC; got flac\.$"):
        given.refit(dataclasses.replace(fit, method="flac"))


@pytest.mark.parametrize("change", ["outcomes", "fewer rows", "no weights", "no offset", "order of outcomes"])
def test_other_rows_are_refused(rows: Rows, rng: np.random.Generator, change: str) -> None:
    weight, offset = rng.integers(1, 3, len(rows.y)).astype(float), rng.normal(size=len(rows.y))
    model = LogisticRiskModel().fit(rows.X, rows.y, weight, offset=offset)
    X, y = rows.X, rows.y
    if change == "outcomes":
        y = 1 - y
    elif change == "order of outcomes":
        y = np.roll(y, 1)
    elif change == "fewer rows":
        X, y, weight, offset = X[:-1], y[:-1], weight[:-1], offset[:-1]
    given = {
        "sample_weight": None if change == "no weights" else weight,
        "offset": None if change == "no offset" else offset,
    }
    message = (
        r"^X, y, sample_weight and offset must be those of fit, where the log-likelihood was -\d.*; got rows where"
    )
    with pytest.raises(InputError, match=message):
        open_fitted_rows(model, X, y, **given)


def test_other_labels_and_other_columns_are_refused(rows: Rows) -> None:
    model = LogisticRiskModel().fit(rows.X, rows.y)
    with pytest.raises(InputError, match=r"^y must hold the outcomes of fit \(0, 1\); got 'no', 'yes'\.$"):
        open_fitted_rows(model, rows.X, np.where(rows.y == 1, "yes", "no"))
    with pytest.raises(InputError, match="feature names"):
        open_fitted_rows(model, rows.X.rename(columns={"age": "years"}), rows.y)
