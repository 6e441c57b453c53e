"""Laws of the logistic regression that hold on every data set."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskdec import LogisticRiskModel

PENALTIES = [None, "firth", "flic"]
# Newton's last step has all digits; Firth's iteration stops at a score of 1e-10 per row.
DIGITS = {None: 1e-9, "firth": 1e-7, "flic": 1e-7}


class Data(NamedTuple):
    """Rows that no direction separates."""

    X: np.ndarray
    y: np.ndarray
    counts: np.ndarray
    groups: np.ndarray
    rng: np.random.Generator


@st.composite
def data_sets(draw: st.DrawFn) -> Data:
    """Draw rows with ties, columns in any units, a rare or a frequent event, and a few dependent groups."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, p = draw(st.integers(100, 200)), draw(st.integers(1, 3))
    Z = rng.normal(size=(n, p))
    if draw(st.booleans()):
        Z[:, 0] = rng.integers(0, 4, size=n)
    y = rng.random(n) < 1 / (1 + np.exp(draw(st.sampled_from([1.2, 0.0, -1.2])) - 0.5 * Z[:, 0]))
    X = Z * 10.0 ** rng.integers(-3, 4, size=p)
    return Data(X, y.astype(int), rng.integers(1, 4, size=n), rng.integers(0, 50, size=n), rng)


def fitted(data: Data, *, weight: Any = None, groups: Any = None, **options: Any) -> LogisticRiskModel:
    return LogisticRiskModel(**options).fit(data.X, data.y, sample_weight=weight, groups=groups)


def assert_same_fit(found: LogisticRiskModel, wanted: LogisticRiskModel, digits: float) -> None:
    """Compare estimates and every covariance in units of the standard errors."""
    a: Any = found.fit_result_
    b: Any = wanted.fit_result_
    size = b.standard_errors("model")
    np.testing.assert_allclose(a.coef / size, b.coef / size, rtol=0, atol=digits)
    kinds: list[Any] = ["model", "robust"] + ["cluster"] * (b.cluster_covariance is not None)
    for kind in kinds:
        error = b.standard_errors(kind)
        scale = np.outer(error, error)
        np.testing.assert_allclose(a.covariance(kind) / scale, b.covariance(kind) / scale, rtol=0, atol=10 * digits)
    assert a.covariance_kind == b.covariance_kind


laws = settings(max_examples=25)


@laws
@given(data_sets(), st.booleans())
def test_score_equations_and_average_risk(data: Data, weighted: bool) -> None:
    weight = data.counts if weighted else np.ones(len(data.y))
    model = fitted(data, weight=weight if weighted else None)
    residual = weight * (data.y - model.predict_risk(data.X))
    scale = np.abs(data.X).max(axis=0)
    assert np.abs(residual @ (data.X / scale)).max() < 1e-8
    assert abs(residual.sum()) < 1e-8
    assert model.fit_result_.log_likelihood >= model.fit_result_.null_log_likelihood


@laws
@given(data_sets(), st.booleans())
def test_flic_keeps_the_average_risk_and_firth_moves_it_towards_one_half(data: Data, weighted: bool) -> None:
    weight = data.counts if weighted else np.ones(len(data.y))
    rate = np.average(data.y, weights=weight)
    flic, firth = (fitted(data, weight=weight, penalty=penalty) for penalty in ("flic", "firth"))
    assert np.average(flic.predict_risk(data.X), weights=weight) == pytest.approx(rate, abs=1e-11)
    np.testing.assert_array_equal(flic.coef_, firth.coef_)
    if abs(rate - 0.5) > 0.1:
        shrunken = np.average(firth.predict_risk(data.X), weights=weight)
        assert abs(shrunken - 0.5) < abs(rate - 0.5)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("penalty", PENALTIES)
@laws
@given(data=data_sets())
def test_whole_weights_equal_repeated_rows(data: Data, penalty: Any, class_weight: Any) -> None:
    again = np.repeat(np.arange(len(data.y)), data.counts)
    repeated = data._replace(X=data.X[again], y=data.y[again])
    options = {"penalty": penalty, "class_weight": class_weight}
    one = fitted(data, weight=data.counts, groups=data.groups, **options)
    other = fitted(repeated, groups=data.groups[again], **options)
    assert_same_fit(one, other, DIGITS[penalty])
    assert one.fit_result_.n == other.fit_result_.n == data.counts.sum()
    assert one.fit_result_.n_second == other.fit_result_.n_second
    for field in ("log_likelihood", "null_log_likelihood"):
        assert getattr(one.fit_result_, field) == pytest.approx(getattr(other.fit_result_, field), rel=1e-9)


@pytest.mark.parametrize("kind", ["frequency", "importance"])
@pytest.mark.parametrize("penalty", PENALTIES)
@laws
@given(data=data_sets())
def test_rows_of_weight_zero_are_as_if_absent(data: Data, penalty: Any, kind: Any) -> None:
    weight = data.counts * (data.rng.random(len(data.y)) < 0.8)
    keep = weight > 0
    rest = Data(data.X[keep], data.y[keep], weight[keep], data.groups[keep], data.rng)
    options = {"penalty": penalty, "weight_kind": kind, "class_weight": {0: 1, 1: 3}}
    one = fitted(data, weight=weight, groups=data.groups, **options)
    other = fitted(rest, weight=rest.counts, groups=rest.groups, **options)
    np.testing.assert_array_equal(one.params, other.params)
    np.testing.assert_array_equal(one.cov_params(), other.cov_params())
    assert one.fit_result_.to_dict() == other.fit_result_.to_dict()


@pytest.mark.parametrize("penalty", PENALTIES)
@laws
@given(data=data_sets())
def test_order_of_rows_does_not_matter(data: Data, penalty: Any) -> None:
    order = data.rng.permutation(len(data.y))
    mixed = Data(data.X[order], data.y[order], data.counts[order], data.groups[order], data.rng)
    one = fitted(data, weight=data.counts, groups=data.groups, penalty=penalty)
    other = fitted(mixed, weight=mixed.counts, groups=mixed.groups, penalty=penalty)
    assert_same_fit(other, one, DIGITS[penalty])


@pytest.mark.parametrize("penalty", PENALTIES)
@laws
@given(data=data_sets())
def test_order_of_columns_permutes_the_coefficients(data: Data, penalty: Any) -> None:
    order = data.rng.permutation(data.X.shape[1])
    place = np.r_[0, 1 + order]
    one = fitted(data, groups=data.groups, penalty=penalty)
    other = fitted(data._replace(X=data.X[:, order]), groups=data.groups, penalty=penalty)
    size = one.bse.to_numpy()[place]
    np.testing.assert_allclose(other.params / size, one.params.to_numpy()[place] / size, rtol=0, atol=DIGITS[penalty])
    covariance = one.cov_params().to_numpy()[np.ix_(place, place)] / np.outer(size, size)
    np.testing.assert_allclose(other.cov_params() / np.outer(size, size), covariance, rtol=0, atol=1e-7)


@pytest.mark.parametrize("penalty", PENALTIES)
@laws
@given(data=data_sets())
def test_units_and_origins_of_columns_do_not_change_risks(data: Data, penalty: Any) -> None:
    p = data.X.shape[1]
    scale = data.rng.choice([-1, 1], p) * 10.0 ** data.rng.integers(-6, 7, p)
    moved = (data.X / np.abs(data.X).max(axis=0) + data.rng.normal(size=p)) * scale
    one = fitted(data, penalty=penalty)
    other = fitted(data._replace(X=moved), penalty=penalty)
    np.testing.assert_allclose(other.predict_risk(moved), one.predict_risk(data.X), rtol=0, atol=DIGITS[penalty])
    np.testing.assert_allclose(other.risk_interval(moved), one.risk_interval(data.X), rtol=0, atol=10 * DIGITS[penalty])


@pytest.mark.parametrize("penalty", PENALTIES)
@laws
@given(data=data_sets())
def test_names_of_labels_do_not_change_risks(data: Data, penalty: Any) -> None:
    risk = fitted(data, penalty=penalty).predict_risk(data.X)
    for no, yes in (("no", "yes"), ("b", "a"), (2, 7), (7, 2)):
        named = data._replace(y=np.array([no, yes])[data.y])
        found = fitted(named, penalty=penalty, event=yes).predict_risk(data.X)
        np.testing.assert_allclose(found, risk, rtol=0, atol=DIGITS[penalty])
        other = fitted(named, penalty=penalty, event=no)
        np.testing.assert_allclose(other.predict_risk(data.X), 1 - risk, rtol=0, atol=DIGITS[penalty])
    np.testing.assert_array_equal(fitted(data._replace(y=data.y == 1), penalty=penalty).predict_risk(data.X), risk)


@pytest.mark.parametrize("penalty", PENALTIES)
@laws
@given(data=data_sets(), weighted=st.booleans())
def test_only_the_ratio_of_class_weights_matters(data: Data, penalty: Any, weighted: bool) -> None:
    weight = data.counts if weighted else None
    n0, n1 = (np.sum((data.y == k) * (1 if weight is None else weight)) for k in (0, 1))
    wanted = fitted(data, weight=weight, penalty=penalty, class_weight="natural")
    assert wanted.fit_result_.covariance_kind == "robust"
    for class_weight in ("balanced", {0: n1, 1: n0}, {0: 1e-4, 1: 1e-4 * n0 / n1}, {1: n0 / n1}):
        found = fitted(data, weight=weight, penalty=penalty, class_weight=class_weight)
        assert_same_fit(found, wanted, DIGITS[penalty])


@pytest.mark.parametrize("penalty", PENALTIES)
@laws
@given(data=data_sets())
def test_importance_weights_have_no_scale(data: Data, penalty: Any) -> None:
    weight = data.rng.uniform(0.1, 3, len(data.y))
    options = {"penalty": penalty, "weight_kind": "importance"}
    one = fitted(data, weight=weight, groups=data.groups, **options)
    for scale in (1e-5, 1000.0):
        assert_same_fit(fitted(data, weight=weight * scale, groups=data.groups, **options), one, DIGITS[penalty])


@laws
@given(data_sets(), st.floats(0.05, 50))
def test_class_weights_shift_the_intercept_of_a_saturated_model_by_their_log_ratio(data: Data, ratio: float) -> None:
    level = data.rng.integers(0, 3, len(data.y))
    saturated = data._replace(X=np.c_[level == 1, level == 2].astype(float))
    plain, weighted = fitted(saturated), fitted(saturated, class_weight={0: 1.0, 1: ratio})
    shift = weighted.params - plain.params
    np.testing.assert_allclose(shift, [np.log(ratio), 0, 0], rtol=0, atol=1e-9)
    # A saturated model's robust errors do not see the weights: both bread and meat change with them.
    np.testing.assert_allclose(weighted.bse, plain.fit_result_.standard_errors("robust"), rtol=1e-8)


@laws
@given(data_sets())
def test_clusters_of_one_row_give_the_robust_covariance(data: Data) -> None:
    n, k = len(data.y), data.X.shape[1] + 1
    model = fitted(data, groups=np.arange(n))
    factor = n / (n - 1) * (n - 1) / (n - k)
    np.testing.assert_allclose(model.cov_params(), factor * model.cov_params("robust"), rtol=1e-9)
