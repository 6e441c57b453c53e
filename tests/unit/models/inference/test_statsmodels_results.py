"""The way out to statsmodels: the same estimate, the same covariance, under every kind of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import open_fitted_rows, to_statsmodels

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


@pytest.mark.parametrize("weighting", ["none", "frequency", "importance", "class", "frequency and class"])
def test_estimate_and_errors_are_those_of_the_fit(rows: Rows, rng: np.random.Generator, weighting: str) -> None:
    weight = {"frequency": rng.integers(1, 4, 400), "importance": rng.uniform(0.2, 3, 400)}.get(weighting.split()[0])
    model = LogisticRiskModel(
        weight_kind="importance" if weighting == "importance" else "frequency",
        class_weight="natural" if "class" in weighting else None,
    )
    offset = rng.normal(size=400) / 2
    model.fit(rows.X, rows.y, weight, offset=offset)
    given = open_fitted_rows(model, rows.X, rows.y, sample_weight=weight, offset=offset)
    found = to_statsmodels(model.fit_result_, given)
    assert list(found.params.index) == ["Intercept", *rows.X.columns]
    np.testing.assert_allclose(found.params, model.params, rtol=1e-8)
    if weighting != "frequency and class":
        np.testing.assert_allclose(found.bse, model.bse, rtol=1e-6)
    if weighting in ("none", "frequency"):
        assert found.llf == pytest.approx(model.fit_result_.log_likelihood, rel=1e-10)


def test_groups_give_the_cluster_covariance(rows: Rows) -> None:
    groups = np.arange(400) % 50
    model = LogisticRiskModel().fit(rows.X, rows.y, groups=groups)
    given = open_fitted_rows(model, rows.X, rows.y)
    np.testing.assert_allclose(to_statsmodels(model.fit_result_, given, groups=groups).bse, model.bse, rtol=1e-7)
    with pytest.raises(InputError, match="^groups must be used as in fit, which was with 50; got none"):
        to_statsmodels(model.fit_result_, given)


@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
def test_aliased_columns_are_left_out(rows: Rows) -> None:
    fit, given = rows._replace(X=rows.X.assign(months=12 * rows.X["age"])).fit(fit_intercept=False)
    found = to_statsmodels(fit, given)
    assert list(found.params.index) == list(rows.X.columns)
    np.testing.assert_allclose(found.params, fit.coef[:-1], rtol=1e-8)


def test_more_outcomes_are_mnlogit(rows: Rows, rng: np.random.Generator) -> None:
    labels = rng.integers(0, 3, 400)
    model = LogisticRiskModel().fit(rows.X, labels)
    given = open_fitted_rows(model, rows.X, labels)
    found = to_statsmodels(model.fit_result_, given)
    np.testing.assert_allclose(found.params, model.params, rtol=1e-7)
    np.testing.assert_allclose(found.bse, model.bse, rtol=1e-7)
    weighted = LogisticRiskModel().fit(rows.X, labels, np.full(400, 2))
    again = open_fitted_rows(weighted, rows.X, labels, sample_weight=np.full(400, 2))
    with pytest.raises(InputError, match="^the fit must have neither weights nor an offset for MNLogit; got weights"):
        to_statsmodels(weighted.fit_result_, again)


def test_penalised_fits_are_refused(rows: Rows) -> None:
    message = (
        "^the fit must be a maximum of the likelihood for a statsmodels object; got estimates by firth. "
        "statsmodels would call a penalised estimate a maximum likelihood estimate.$"
    )
    with pytest.raises(InputError, match=message):
        to_statsmodels(*rows.fit(penalty="firth"))
