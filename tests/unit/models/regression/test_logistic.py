"""The estimator: frames in, names out, options refused, offsets remembered, copies equal."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.stats import norm
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_predict

from riskdec import LogisticRiskModel
from riskdec.errors import CollinearityWarning, ConvergenceWarning, InputError, NotFittedError
from riskdec.likelihood import fit_flac


def rows(rng: np.random.Generator, n: int = 300) -> tuple[pd.DataFrame, pd.Series]:
    X = pd.DataFrame({"age": rng.normal(50, 10, n), "dose": rng.integers(0, 4, n), "male": rng.random(n) < 0.5})
    return X, pd.Series(rng.random(n) < 1 / (1 + np.exp(1 - (X["age"] - 50) / 10)), name="ill").astype(int)


def test_frames_of_any_make_and_arrays_give_the_same_fit(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    wanted = LogisticRiskModel().fit(X.to_numpy(dtype=float), y.to_numpy())
    table = {name: X[name].to_numpy() for name in X}
    frames = [
        (X, y),
        (pl.DataFrame(table), pl.Series(y.to_numpy())),
        (pa.table(table), pa.chunked_array([y.to_numpy()])),
    ]
    for frame, outcome in frames:
        model = LogisticRiskModel().fit(frame, outcome)
        # Rows and columns in another memory order are summed in another order.
        np.testing.assert_allclose(model.coef_, wanted.coef_, rtol=1e-13)
        np.testing.assert_allclose(model.predict_risk(frame), wanted.predict_risk(X.to_numpy(dtype=float)), rtol=1e-13)
        assert model.feature_names_in_.tolist() == ["age", "dose", "male"]
        assert type(model.fit_result_.frame()) is (type(frame))
    assert not hasattr(wanted, "feature_names_in_")


def test_terms_are_named_by_column(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    names = ["Intercept", "age", "dose", "male"]
    assert model.params.index.tolist() == names
    assert model.bse.index.tolist() == names
    assert model.conf_int().index.tolist() == names
    assert model.conf_int().columns.tolist() == ["low", "high"]
    assert model.cov_params().index.tolist() == model.cov_params().columns.tolist() == names
    assert LogisticRiskModel().fit(X.to_numpy(float), y).params.index.tolist() == ["Intercept", "x0", "x1", "x2"]
    assert LogisticRiskModel(fit_intercept=False).fit(X, y).params.index.tolist() == names[1:]


def test_learned_attributes_agree_with_each_other(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    np.testing.assert_array_equal(np.r_[model.intercept_, model.coef_[0]], model.params)
    assert (model.coef_.shape, model.intercept_.shape) == ((1, 3), (1,))
    assert model.n_features_in_ == 3
    assert model.converged_
    assert model.method_ == "maximum likelihood"
    assert model.separation_ is None
    eta = model.decision_function(X)
    np.testing.assert_allclose(eta, X.to_numpy(float) @ model.coef_[0] + model.intercept_[0])
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba[:, 1], 1 / (1 + np.exp(-eta)), rtol=1e-13)
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_array_equal(model.predict(X), (proba[:, 1] > 0.5).astype(int))
    assert model.score(X, y) == pytest.approx((model.predict(X) == y).mean())


@pytest.mark.parametrize("event", [0, 1])
@pytest.mark.parametrize("level", [0.5, 0.95])
@pytest.mark.parametrize("intercept", [True, False])
def test_risk_interval_is_walds_on_the_log_odds(
    rng: np.random.Generator, event: int, level: float, *, intercept: bool
) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel(event=event, fit_intercept=intercept).fit(X, y)
    design = np.c_[np.ones(300), X.to_numpy(float)] if intercept else X.to_numpy(float)
    half = norm.ppf((1 + level) / 2) * np.sqrt(np.diag(design @ model.cov_params().to_numpy() @ design.T))
    eta = design @ model.params.to_numpy() * (1 if event else -1)
    low, high = model.risk_interval(X, level).T
    np.testing.assert_allclose(low, 1 / (1 + np.exp(half - eta)), rtol=1e-9)
    np.testing.assert_allclose(high, 1 / (1 + np.exp(-half - eta)), rtol=1e-9)
    risk = model.predict_risk(X)
    assert ((low < risk) & (risk < high)).all()


def test_risk_interval_covers_the_true_risk_as_often_as_it_says() -> None:
    covered = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(250, 2))
        risk = 1 / (1 + np.exp(1 - X[:, 0]))
        model = LogisticRiskModel().fit(X, rng.random(250) < risk)
        low, high = model.risk_interval(X[:1], 0.9)[0]
        covered.append(low <= risk[0] <= high)
    # 300 repetitions: the standard error of a share of 0.9 is 0.017.
    assert np.mean(covered) == pytest.approx(0.9, abs=0.06)


def test_default_covariance_follows_the_weights_and_groups(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    groups, weight = np.arange(300) // 3, rng.uniform(0.5, 2, 300)
    cases: list[tuple[LogisticRiskModel, dict[str, Any], str]] = [
        (LogisticRiskModel(), {}, "model"),
        (LogisticRiskModel(), {"sample_weight": np.full(300, 2)}, "model"),
        (LogisticRiskModel(weight_kind="importance"), {}, "model"),
        (LogisticRiskModel(weight_kind="importance"), {"sample_weight": weight}, "robust"),
        (LogisticRiskModel(class_weight="balanced"), {}, "robust"),
        (LogisticRiskModel(class_weight="balanced"), {"groups": groups}, "cluster"),
        (LogisticRiskModel(), {"groups": groups}, "cluster"),
    ]
    for model, more, kind in cases:
        model.fit(X, y, **more)
        np.testing.assert_array_equal(model.cov_params(), model.cov_params(kind))  # type: ignore[arg-type]
        np.testing.assert_array_equal(model.conf_int(), model.conf_int(kind=kind))  # type: ignore[arg-type]
        np.testing.assert_array_equal(model.bse, np.sqrt(np.diag(model.cov_params())))
    with pytest.raises(InputError, match="kind must be 'model' or 'robust' here; got 'cluster'. Fit with groups="):
        cases[0][0].cov_params("cluster")
    with pytest.raises(InputError, match="kind must be one of 'model', 'robust', 'cluster'; got 'hc3'"):
        cases[0][0].conf_int(kind="hc3")  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, float("nan"), "0.95", True])
def test_levels_outside_zero_and_one_are_refused(rng: np.random.Generator, level: Any) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    for ask in (lambda: model.conf_int(level), lambda: model.risk_interval(X, level)):
        with pytest.raises(InputError, match="confidence_level must lie strictly between 0 and 1; got .*0.95 for 95 %"):
            ask()


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("penalty", "l2", "penalty must be one of None, 'ridge', 'firth', 'flic', 'flac'; got 'l2'"),
        ("penalty", 1, "penalty must be one of"),
        ("weight_kind", "counts", "weight_kind must be one of 'frequency', 'importance'; got 'counts'"),
        ("on_separation", "ignore", "on_separation must be one of 'firth', 'error'; got 'ignore'"),
        ("fit_intercept", 1, "fit_intercept must be one of True, False; got 1"),
        ("tol", 0, "tol must be a number above 0; got 0"),
        ("tol", "1e-8", "tol must be a number above 0; got '1e-8'"),
        ("max_iter", 0, "max_iter must be a whole number of at least 1; got 0"),
        ("max_iter", 10.0, "max_iter must be a whole number of at least 1; got 10.0"),
        ("class_weight", "equal", "class_weight must be None, 'balanced', 'natural'"),
    ],
)
def test_strange_options_are_refused_in_fit(rng: np.random.Generator, option: str, value: Any, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        LogisticRiskModel(**{option: value}).fit(*rows(rng))


def test_flic_without_intercept_is_refused(rng: np.random.Generator) -> None:
    # FLIC is a refitted intercept: without one there is nothing to refit, least of all the first slope.
    with pytest.raises(InputError, match="flic"):
        LogisticRiskModel(penalty="flic", fit_intercept=False).fit(*rows(rng))


def test_unknown_and_positional_options_are_type_errors(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    with pytest.raises(TypeError, match="C"):
        LogisticRiskModel(C=1.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        LogisticRiskModel("firth")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="weights"):
        LogisticRiskModel().fit(X, y, weights=y)  # type: ignore[call-arg]


def test_offset_is_needed_exactly_when_fitted_with_one(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    offset = rng.normal(size=300)
    model = LogisticRiskModel().fit(X, y, offset=offset)
    assert model.predict_proba(X, offset=offset)[:, 1].mean() == pytest.approx(y.mean(), rel=1e-9)
    np.testing.assert_allclose(
        model.decision_function(X, offset=offset) - offset, model.decision_function(X, offset=0 * offset)
    )
    asked = (
        model.decision_function,
        model.predict_proba,
        model.predict_risk,
        model.predict,
        model.risk_interval,
        lambda X: model.diagnose(X, y),
        lambda X: model.decide(X, {"false_positive": 1, "false_negative": 5}),
    )
    for ask in asked:
        with pytest.raises(InputError, match=r"offset must be used as in fit, which was with one; .* Pass offset="):
            ask(X)
    with pytest.raises(InputError, match="offset must be used as in fit, which was without one"):
        LogisticRiskModel().fit(X, y).predict_proba(X, offset=offset)
    with pytest.raises(InputError, match=r"offset must have one entry per row \(300\); got 2 entries"):
        model.predict_proba(X, offset=[0, 0])


def test_clone_and_parameters_survive(rng: np.random.Generator) -> None:
    options = {"penalty": "flic", "class_weight": {0: 1, 1: 2}, "weight_kind": "importance", "event": 0, "tol": 1e-6}
    model = LogisticRiskModel(**options)  # type: ignore[arg-type]
    copied = clone(model)
    assert copied.get_params() == model.get_params()
    assert {name: copied.get_params()[name] for name in options} == options
    assert "penalty='flic'" in repr(model)
    fitted = model.fit(*rows(rng))
    assert fitted is model
    assert model.get_params() == copied.get_params()


def test_pickle_and_copy_keep_everything(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel(class_weight="balanced").fit(X, y, groups=np.arange(300) // 2)
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(twin.predict_risk(X), model.predict_risk(X))
        assert twin.fit_result_.to_dict() == model.fit_result_.to_dict()
        assert not twin.fit_result_.coef.flags.writeable


def test_refit_forgets_the_fit_before(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y, offset=np.ones(300), groups=np.arange(300) // 2)
    model.fit(X.to_numpy(float)[:, :2], y)
    fresh = LogisticRiskModel().fit(X.to_numpy(float)[:, :2], y)
    assert not hasattr(model, "feature_names_in_")
    np.testing.assert_array_equal(
        model.predict_risk(X.to_numpy(float)[:, :2]), fresh.predict_risk(X.to_numpy(float)[:, :2])
    )
    assert model.fit_result_.to_dict() == fresh.fit_result_.to_dict()


def test_fit_that_failed_leaves_no_half_of_a_model(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    risk = model.predict_risk(X)
    wider = X.assign(more=1.5)
    with pytest.raises(InputError, match="got one class"):
        model.fit(wider, np.zeros(300))
    # Either the model before or none, but not the columns of one with the coefficients of the other.
    try:
        np.testing.assert_array_equal(model.predict_risk(X), risk)
    except NotFittedError:
        assert not hasattr(model, "coef_")


def test_fit_changes_neither_rows_nor_weights(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    array, outcome, weight = X.to_numpy(float), y.to_numpy(), np.arange(300.0) % 3
    for part in (array, outcome, weight):
        part.flags.writeable = False
    LogisticRiskModel(weight_kind="importance").fit(array, outcome, sample_weight=weight)
    np.testing.assert_array_equal(array, X.to_numpy(float))
    assert array.dtype == float


def test_collinear_columns_warn_once_and_change_no_risk(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    wider = X.assign(months=12 * X["age"], one=1.0)
    with pytest.warns(CollinearityWarning) as caught:
        model = LogisticRiskModel().fit(wider, y)
    assert len(caught) == 1
    assert str(caught[0].message).startswith("RD102 collinear columns: ")
    assert "'months' (by 'age'); 'one' (by 'the intercept')" in str(caught[0].message)
    assert caught[0].filename == __file__
    np.testing.assert_allclose(model.predict_risk(wider), LogisticRiskModel().fit(X, y).predict_risk(X), rtol=1e-9)
    assert model.params["months"] == model.params["one"] == 0
    assert model.bse[["months", "one"]].isna().all()
    assert np.isfinite(model.risk_interval(wider)).all()
    assert [code for code in (f.code for f in model.fit_result_.findings) if code == "RD102"] == ["RD102"]


def test_column_of_zeros_is_not_blamed_on_an_intercept_that_is_not_there(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    with pytest.warns(CollinearityWarning, match="'none'") as caught:
        LogisticRiskModel(fit_intercept=False).fit(X.assign(none=0.0), y)
    assert "intercept" not in str(caught[0].message)


def test_steps_used_up_warn_and_say_so(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    with pytest.warns(ConvergenceWarning, match="RD103 .*max_iter") as caught:
        model = LogisticRiskModel(max_iter=1).fit(X, y)
    assert len(caught) == 1
    assert not model.converged_
    assert [code for code in (f.code for f in model.fit_result_.findings) if code == "RD103"] == ["RD103"]
    assert "RD103" in str(model.summary())


def test_grid_search_over_numpy_values_runs(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    grid = {"max_iter": np.array([50, 60]), "tol": np.array([1e-6, 1e-8]), "penalty": [None, "firth"]}
    search = GridSearchCV(LogisticRiskModel(), grid, cv=3, scoring="neg_log_loss").fit(X, y)
    header, _ = search.best_estimator_.to_state()
    json.dumps(header, allow_nan=False)
    risk = cross_val_predict(LogisticRiskModel(), X, y, method="predict_proba", cv=4)[:, 1]
    assert np.isfinite(risk).all()


def test_model_keeps_no_training_rows(rng: np.random.Generator) -> None:
    def size(n: int) -> int:
        X, y = rows(np.random.default_rng(1), n)
        return len(pickle.dumps(LogisticRiskModel().fit(X, y, groups=np.arange(n) // 2)))

    assert size(4000) == pytest.approx(size(400), abs=64)


def test_flac_is_that_of_the_likelihood_room_and_averages_right(rng: np.random.Generator) -> None:
    X = rng.normal(size=(150, 3))
    y = (rng.random(150) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)
    model = LogisticRiskModel(penalty="flac").fit(X, y)
    assert model.method_ == "flac"
    np.testing.assert_array_equal(model.params, fit_flac(X, y).coef)
    assert model.predict_risk(X).mean() == pytest.approx(y.mean(), abs=1e-12)
    assert "FLAC" in str(model.summary())
    with pytest.raises(InputError, match="penalty must be None, 'ridge' or 'firth' without an intercept; got 'flac'"):
        LogisticRiskModel(penalty="flac", fit_intercept=False).fit(X, y)
