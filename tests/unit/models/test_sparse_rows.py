"""Sparse matrices and categories of frames: what dense rows give, existence and names included."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from riskdec import LogisticRiskModel, load
from riskdec.errors import InputError, RiskdecWarning, SeparationError, SeparationWarning
from riskdec.models.doors.row_keys import matrix_keys

N = 600
FORMATS = ("csr_array", "csc_array", "coo_array", "csr_matrix", "csc_matrix", "coo_matrix")
PENALTIES: list[dict[str, Any]] = [
    {},
    {"penalty": "firth"},
    {"penalty": "flac"},
    {"penalty": "ridge", "alpha": 2.0},
    {"penalty": "ridge", "alpha": "cv"},
    {"class_weight": "balanced"},
]


@pytest.fixture
def codes(rng):
    return rng.integers(0, 9, N), rng.integers(0, 15, N)


@pytest.fixture
def numbers(rng):
    return rng.normal(size=(N, 2)) * [1, 20] + [0, 500]


@pytest.fixture
def y(rng, codes, numbers):
    eta = -1 + numbers[:, 0] + rng.normal(size=9)[codes[0]]
    return (rng.random(N) < 1 / (1 + np.exp(-eta))).astype(int)


@pytest.fixture
def dense(codes, numbers):
    return np.hstack([numbers[:, :1], np.eye(9)[codes[0]][:, 1:], np.eye(15)[codes[1]][:, 1:], numbers[:, 1:]])


@pytest.fixture
def frame(codes, numbers):
    ward, drug = (
        pd.Categorical.from_codes(c, [f"{name}{level:02}" for level in range(k)])
        for c, k, name in zip(codes, (9, 15), "wd", strict=True)
    )
    return pd.DataFrame({"age": numbers[:, 0], "ward": ward, "drug": drug, "dose": numbers[:, 1]})


def full(codes, numbers):
    return np.hstack([numbers[:, :1], np.eye(9)[codes[0]], np.eye(15)[codes[1]], numbers[:, 1:]])


@pytest.mark.parametrize("options", PENALTIES)
def test_sparse_rows_give_what_dense_rows_give(dense, y, options):
    expected = LogisticRiskModel(**options).fit(dense, y)
    for name in FORMATS:
        X = getattr(sparse, name)(dense)
        model = LogisticRiskModel(**options).fit(X, y)
        np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(dense), atol=1e-9)
        assert model.fit_result_.terms == expected.fit_result_.terms
    covariance, wanted = model.fit_result_.covariance(), expected.fit_result_.covariance()
    np.testing.assert_allclose(covariance, wanted, rtol=1e-5, atol=1e-9 * np.abs(wanted).max())


def test_sparse_multinomial_rows_give_what_dense_rows_give(dense, rng, y):
    three = y + (rng.random(N) < 0.3)
    X = sparse.csr_array(dense)
    for options in ({}, {"penalty": "ridge", "alpha": 3.0}, {"penalty": "ridge", "alpha": "cv"}):
        one, other = (LogisticRiskModel(**options).fit(rows, three) for rows in (X, dense))
        np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(dense), atol=1e-9)


@pytest.mark.parametrize("options", [{}, {"penalty": "ridge", "alpha": 2.0}])
def test_weights_groups_and_zero_weights_work_on_sparse_rows(dense, y, rng, options):
    weight, groups = rng.integers(0, 3, N), np.arange(N) // 3
    one, other = (
        LogisticRiskModel(**options).fit(rows, y, weight, groups=groups) for rows in (sparse.csc_array(dense), dense)
    )
    np.testing.assert_allclose(one.coef_, other.coef_, rtol=1e-8, atol=1e-9)
    ours, theirs = one.fit_result_.covariance("cluster"), other.fit_result_.covariance("cluster")
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-8 * np.abs(theirs).max())


def test_faces_of_a_model_work_on_sparse_rows(dense, y):
    X = sparse.csr_array(dense)
    one, other = (LogisticRiskModel().fit(rows, y) for rows in (X, dense))
    np.testing.assert_allclose(one.risk_interval(X), other.risk_interval(dense), atol=1e-9)
    costs = {"false_positive": 1, "false_negative": 4}
    np.testing.assert_array_equal(one.decide(X, costs).action_index, other.decide(dense, costs).action_index)
    assert one.diagnose(X, y, n_resamples=2, rng=0).brier == pytest.approx(
        other.diagnose(dense, y, n_resamples=2, rng=0).brier
    )
    profile = one.conf_int(method="profile", X=X, y=y)
    np.testing.assert_allclose(profile, other.conf_int(method="profile", X=dense, y=y), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(one.marginal_effects(X).effect, other.marginal_effects(dense).effect, atol=1e-9)
    assert one.predict_proba(X[:0]).shape == (0, 2)


@pytest.mark.parametrize("options", PENALTIES)
def test_categories_of_a_frame_are_the_columns_of_their_levels(frame, dense, codes, numbers, y, options):
    shrunken = options.get("penalty") == "ridge"
    design = full(codes, numbers) if shrunken else dense
    expected = LogisticRiskModel(**options).fit(design, y)
    for rows in (frame, pl.from_pandas(frame)):
        model = LogisticRiskModel(**options).fit(rows, y)
        np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(model.predict_proba(rows), expected.predict_proba(design), atol=1e-9)
        first = 0 if shrunken else 1
        assert model.fit_result_.terms[:3] == ("Intercept", "age", f"ward[w{first:02}]")
        assert list(model.feature_names_in_) == ["age", "ward", "drug", "dose"]
        assert model.n_features_in_ == 4


def test_columns_are_found_by_name_and_codes_may_be_others(frame, y):
    model = LogisticRiskModel(penalty="ridge", alpha=1.0).fit(frame, y)
    other = frame[["drug", "dose", "age", "ward"]].assign(outcome=y)
    other["ward"] = other["ward"].cat.reorder_categories(list(other["ward"].cat.categories)[::-1])
    np.testing.assert_allclose(model.predict_risk(other), model.predict_risk(frame), rtol=1e-12)
    enum = pl.from_pandas(frame).with_columns(pl.col("drug").cast(pl.Enum([f"d{k:02}" for k in range(14, -1, -1)])))
    np.testing.assert_allclose(model.predict_risk(enum), model.predict_risk(frame), rtol=1e-12)
    text = frame.assign(ward=frame["ward"].astype(str))
    np.testing.assert_allclose(model.predict_risk(text), model.predict_risk(frame), rtol=1e-12)


def test_declared_levels_without_rows_have_no_column(frame, y):
    wide = frame.assign(ward=frame["ward"].cat.add_categories(["nowhere"]))
    assert LogisticRiskModel().fit(wide, y).fit_result_.terms == LogisticRiskModel().fit(frame, y).fit_result_.terms


def test_levels_that_training_did_not_have_are_answered_as_asked(frame, y):
    strange = frame.head(3).assign(ward=pd.Categorical(["w01", "new", "w02"]))
    model = LogisticRiskModel().fit(frame, y)
    with pytest.raises(InputError, match="column 'ward' must hold a level seen in training; got 'new' at position 1"):
        model.predict_risk(strange)
    lenient = LogisticRiskModel(unseen="reference").fit(frame, y)
    with pytest.warns(RiskdecWarning, match="1 of 3 rows in column 'ward'"):
        risk = lenient.predict_risk(strange)
    reference = frame.head(3).assign(ward=pd.Categorical(["w01", "w00", "w02"]))
    np.testing.assert_allclose(risk, lenient.predict_risk(reference))
    with pytest.raises(InputError, match="unseen must be left at 'error' without categories"):
        LogisticRiskModel(unseen="reference").fit(frame[["age", "dose"]], y)


def test_what_frames_with_categories_may_not_hold_is_told(frame, y):
    with pytest.raises(InputError, match="column 'ward' must not have missing values"):
        LogisticRiskModel().fit(frame.assign(ward=frame["ward"].where(np.arange(N) > 2)), y)
    with pytest.raises(InputError, match="column 'age' must not have missing values"):
        LogisticRiskModel().fit(frame.assign(age=frame["age"].where(np.arange(N) > 2)), y)
    with pytest.raises(InputError, match="column 'note' must hold numbers, booleans or declared categories"):
        LogisticRiskModel().fit(frame.assign(note="x"), y)
    with pytest.raises(InputError, match="y must be given"):
        LogisticRiskModel().fit(frame)
    with pytest.raises(InputError, match="X must be a data frame, as in training"):
        LogisticRiskModel().fit(frame, y).predict_risk(np.ones((2, 4)))


def test_models_of_categories_survive_files_and_pickles(frame, y, tmp_path):
    for options in ({}, {"penalty": "ridge", "alpha": "cv"}):
        model = LogisticRiskModel(**options).fit(frame, y)
        for again in (load(model.save(tmp_path / "m")), pickle.loads(pickle.dumps(model))):
            np.testing.assert_array_equal(again.predict_proba(frame), model.predict_proba(frame))


@pytest.mark.parametrize("form", ["sparse", "frame"])
def test_levels_without_events_are_named_as_for_dense_rows(frame, dense, codes, y, form):
    y = np.where(np.isin(codes[1], [2, 5, 6, 9, 10, 11, 13]), 0, y)
    X = frame if form == "frame" else sparse.csr_array(dense)
    with pytest.warns(SeparationWarning) as told:
        model = LogisticRiskModel().fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = LogisticRiskModel().fit(dense, y)
    found, wanted = model.separation_, expected.separation_
    place = {name: j for j, name in enumerate(model.fit_result_.terms)}
    other = {name: j for j, name in enumerate(expected.fit_result_.terms)}
    assert [place[name] for name in found.columns] == [other[name] for name in wanted.columns]
    assert len(found.columns) == 7
    assert found.signs == wanted.signs == (-1,) * 7
    assert found.n_rows == wanted.n_rows
    assert "and 2 more" in str(told[0].message)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-9, atol=1e-9)
    with pytest.raises(SeparationError, match="and 2 more would be infinite"):
        LogisticRiskModel(on_separation="error").fit(X, y)


def test_dependent_columns_are_named_as_for_dense_rows(codes, numbers, y):
    X = full(codes, numbers)
    with pytest.warns(RiskdecWarning, match="RD102"):
        dense = LogisticRiskModel().fit(X, y)
    with pytest.warns(RiskdecWarning, match="RD102"):
        model = LogisticRiskModel().fit(sparse.csr_array(X), y)
    assert model.fit_result_.aliases == dense.fit_result_.aliases
    np.testing.assert_allclose(model.predict_proba(sparse.csr_array(X)), dense.predict_proba(X), atol=1e-9)


def test_keys_of_rows_do_not_depend_on_how_zeros_are_kept(dense, y):
    from riskdec.likelihood.wide.sparse_blocks import split_sparse

    np.testing.assert_array_equal(matrix_keys(split_sparse(sparse.csr_array(dense))), matrix_keys(dense))


def test_more_columns_than_room_are_refused_with_the_way_out(rng):
    X = sparse.random_array((50, 12_000), density=0.001, rng=rng, format="csr")
    y = np.arange(50) % 2
    with pytest.raises(InputError, match="at most 10,000 columns without ridge; got 12,000. Fit LogisticRiskModel"):
        LogisticRiskModel().fit(X, y)
    with pytest.raises(InputError, match="10,000 columns beside its largest block"):
        LogisticRiskModel(penalty="ridge", alpha=1.0).fit(X, y)


def test_thousands_of_levels_are_fitted_without_their_covariance(rng):
    n, k = 20_000, 3_000
    level = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    frame = pd.DataFrame(
        {"x": rng.normal(size=n), "site": pd.Categorical.from_codes(level, [str(j) for j in range(k)])}
    )
    y = rng.random(n) < 1 / (1 + np.exp(-frame["x"]))
    model = LogisticRiskModel(penalty="ridge", alpha=5_000.0).fit(frame, y)
    fit = model.fit_result_
    assert model.converged_
    assert fit.posterior_variance.shape == (k + 2,)
    with pytest.raises(InputError, match="at most 2,000 coefficients for a covariance matrix; got 3,002"):
        fit.covariance()
    # The score of each level, less the pull of the penalty, is nothing.
    residual = y - model.predict_risk(frame)
    share = np.bincount(level, minlength=k) / n
    pull = 5_000.0 * share * (1 - share) * model.coef_[0, 1:]
    np.testing.assert_allclose(np.bincount(level, residual, k), pull, atol=1e-6)
    assert "more: see frame()" in str(model.summary())
