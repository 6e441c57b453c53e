"""Profile intervals of fits: which likelihood, which scale, which ends, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import chi2, norm, t

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import open_fitted_rows, profile_intervals

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows

quiet = pytest.mark.filterwarnings("ignore::riskdec.errors.RiskdecWarning")


def test_large_samples_have_the_wald_intervals(rng: np.random.Generator) -> None:
    X = rng.normal(size=(40_000, 2))
    y = rng.random(40_000) < 1 / (1 + np.exp(1 - X[:, 0]))
    model = LogisticRiskModel().fit(X, y)
    found = profile_intervals(model.fit_result_, open_fitted_rows(model, X, y), confidence_level=0.9)
    wald = model.conf_int(0.9).to_numpy()
    error = model.bse.to_numpy()[:, None]
    np.testing.assert_allclose(np.c_[found.low, found.high] / error, wald / error, atol=0.02)


def test_interval_holds_a_value_exactly_when_its_likelihood_ratio_is_small(rows: Rows) -> None:
    fit, given = rows.fit()
    found = profile_intervals(fit, given)
    beyond = rows.X.drop(columns="age")
    for value in np.linspace(found.low[1] - 0.01, found.high[1] + 0.01, 9):
        held = LogisticRiskModel().fit(beyond, rows.y, offset=value * rows.X["age"]).fit_result_
        ratio = 2 * (fit.log_likelihood - held.log_likelihood)
        assert (ratio <= chi2.ppf(0.95, 1)) == (found.low[1] <= value <= found.high[1])


def test_chosen_terms_are_those_of_all(rows: Rows) -> None:
    fit, given = rows.fit()
    every, some = profile_intervals(fit, given), profile_intervals(fit, given, terms=["noise", "age"])
    assert some.terms == ("noise", "age")
    np.testing.assert_allclose(some.low, every.low[[4, 1]], rtol=1e-12)
    np.testing.assert_array_equal(some.estimate, fit.coef[[4, 1]])


@pytest.mark.parametrize("weighting", ["class", "importance", "groups"])
def test_scaled_intervals_stretch_the_quantile(rows: Rows, rng: np.random.Generator, weighting: str) -> None:
    n = len(rows.y)
    options = {"class_weight": "natural"} if weighting == "class" else {"weight_kind": "importance"}
    given = {
        "class": {},
        "importance": {"sample_weight": rng.uniform(0.2, 3, n)},
        "groups": {"groups": np.arange(n) % 30},
    }[weighting]
    model = LogisticRiskModel(**options).fit(rows.X, rows.y, **given)
    fit = model.fit_result_
    again = open_fitted_rows(model, rows.X, rows.y, sample_weight=given.get("sample_weight"))
    found = profile_intervals(fit, again, scaled=True, terms=["age", "noise"])
    robust = fit.covariance("cluster" if weighting == "groups" else "robust")
    ratio = np.diag(robust)[[1, 4]] / np.diag(fit.model_covariance)[[1, 4]]
    np.testing.assert_allclose(found.scale, ratio, rtol=1e-12)
    # The definition: 2 (l_max - l_profile(end)) = lambda times the squared quantile.
    quantile = t.ppf(0.975, 29) if weighting == "groups" else norm.ppf(0.975)
    for line, term in enumerate(found.terms):
        for end in (found.low[line], found.high[line]):
            held = LogisticRiskModel(**options).fit(
                rows.X.drop(columns=term), rows.y, given.get("sample_weight"), offset=end * rows.X[term]
            )
            fallen = 2 * (fit.log_likelihood - held.fit_result_.log_likelihood)
            assert fallen == pytest.approx(ratio[line] * quantile**2, rel=1e-6)
    assert set(found.interval_methods) == {"scaled profile"}


@quiet
def test_penalised_fits_have_penalised_intervals_and_flic_a_wald_intercept(separated: Rows) -> None:
    firth, flic = separated.fit(penalty="firth"), separated.fit(penalty="flic")
    one, other = profile_intervals(*firth), profile_intervals(*flic)
    assert one.interval_methods == ("penalised profile",) * 3
    assert other.interval_methods == ("Wald", "penalised profile", "penalised profile")
    np.testing.assert_allclose(one.low[1:], other.low[1:], rtol=1e-7)
    np.testing.assert_allclose(one.high[1:], other.high[1:], rtol=1e-7)
    np.testing.assert_allclose([other.low[0], other.high[0]], flic[0].intervals()[0])
    assert np.isfinite([one.low, one.high]).all()
    # Separation makes the profile lopsided, which Wald's interval hides.
    assert one.high[1] - one.estimate[1] > 1.5 * (one.estimate[1] - one.low[1])


@quiet
def test_separated_data_show_which_ends_are_infinite(separated: Rows) -> None:
    found = profile_intervals(*separated.fit(), unpenalised=True)
    assert found.estimate[1] == np.inf
    assert found.high[1] == np.inf
    assert np.isfinite([*found.low, found.high[0], found.high[2]]).all()
    other = separated._replace(X=-separated.X)
    mirrored = profile_intervals(*other.fit(), unpenalised=True)
    assert mirrored.estimate[1] == -np.inf
    np.testing.assert_allclose(mirrored.high[1:], -found.low[1:], rtol=1e-7)
    # The dose has an estimate: that of the rows that are not exposed.
    rest = separated.X["exposed"] == 0
    alone = LogisticRiskModel().fit(separated.X.loc[rest, ["dose"]], separated.y[rest])
    np.testing.assert_allclose(found.estimate[2], alone.params["dose"], rtol=1e-4)
    text = str(found.summary())
    assert "inf" in text
    assert "nan" not in text
    line = json.loads(json.dumps(found.to_dict(), allow_nan=False))["intervals"][1]
    assert line["high"] is None
    assert (line["low_infinite"], line["high_infinite"]) == (False, True)


@quiet
def test_aliased_columns_are_left_out(rows: Rows) -> None:
    twice = rows._replace(X=rows.X.assign(months=12 * rows.X["age"]))
    fit, given = twice.fit()
    found = profile_intervals(fit, given)
    assert found.interval_methods[-1] == "left out"
    assert np.isnan([found.low[-1], found.high[-1]]).all()
    np.testing.assert_allclose(found.low[:-1], profile_intervals(*rows.fit()).low, rtol=1e-7)


def test_more_outcomes_have_one_interval_for_each_coefficient(rows: Rows, rng: np.random.Generator) -> None:
    labels = np.array(["a", "b", "c"])[rng.integers(0, 3, len(rows.y))]
    model = LogisticRiskModel().fit(rows.X, labels)
    found = profile_intervals(model.fit_result_, open_fitted_rows(model, rows.X, labels), terms=["age", "c: noise"])
    assert found.terms == ("b: age", "c: age", "c: noise")
    wald = model.fit_result_.intervals().reshape(-1, 2)[[1, 6, 9]]
    error = (wald[:, 1] - wald[:, 0]) / 2 / norm.ppf(0.975)
    np.testing.assert_allclose(found.low / error, wald[:, 0] / error, atol=0.1)


def test_weights_are_refused_with_the_reason_and_the_cure(rows: Rows, rng: np.random.Generator) -> None:
    cure = (
        r"Pass scaled=True, which divides the likelihood ratio by robust variance over model variance, or use "
        r"method='wald', whose covariance is robust\.$"
    )
    rule = r"^the fit must weigh independent rows by counts, or not at all, for profile intervals; got "
    with pytest.raises(InputError, match=rule + r"class weights 0\.\d+, \d\.\d+\. " + cure):
        profile_intervals(*rows.fit(class_weight="natural"))
    with pytest.raises(InputError, match=rule + r"40 groups of dependent rows\. " + cure):
        profile_intervals(*rows.fit(groups=np.arange(len(rows.y)) % 40))
    weight = rng.uniform(0.5, 2, len(rows.y))
    model = LogisticRiskModel(weight_kind="importance").fit(rows.X, rows.y, weight)
    given = open_fitted_rows(model, rows.X, rows.y, sample_weight=weight)
    with pytest.raises(InputError, match=rule + r"importance weights\. " + cure):
        profile_intervals(model.fit_result_, given)


def test_scaling_a_penalised_fit_is_refused(rows: Rows) -> None:
    message = (
        r"^the fit must be a maximum of the likelihood for scaled profile intervals; got estimates by firth\. "
        r"Firth's penalty depends on the scale of the weights: fit without a penalty, or use Wald intervals\.$"
    )
    with pytest.raises(InputError, match=message):
        profile_intervals(*rows.fit(penalty="firth", class_weight="natural"), scaled=True)


def test_taking_away_a_penalty_that_is_not_there_is_refused(rows: Rows) -> None:
    with pytest.raises(InputError, match="^unpenalised must be False for a fit that has no penalty; got True"):
        profile_intervals(*rows.fit(), unpenalised=True)
    with pytest.raises(InputError, match="^terms must name coefficients of the fit .*; got 'Age'"):
        profile_intervals(*rows.fit(), terms=["Age"])
    with pytest.raises(InputError, match="^confidence_level must lie strictly between 0 and 1; got 95"):
        profile_intervals(*rows.fit(), confidence_level=95)


def test_frame_and_repr(rows: Rows) -> None:
    found = profile_intervals(*rows.fit(), confidence_level=0.9)
    frame = found.frame()
    assert list(frame.columns) == ["term", "coef", "low", "high", "method", "scale"]
    np.testing.assert_array_equal(frame["low"], found.low)
    assert repr(found) == "<ProfileIntervals: 5 intervals at level 0.9, n=400>"
    assert "90 % low" in str(found.summary())
