"""The fitted regression as an answer: intervals, tables, JSON, locked arrays, and a state that comes back whole."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import norm, t

from riskdec import LogisticRiskModel
from riskdec._base.modelfile import read_model
from riskdec.errors import InputError
from riskdec.models import LogisticFit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

quiet = pytest.mark.filterwarnings("ignore::riskdec.errors.RiskdecWarning")


def fitted(rng: np.random.Generator, n: int = 200, **more: Any) -> LogisticRiskModel:
    X = pd.DataFrame({"age": rng.normal(50, 10, n), "dose": rng.integers(0, 4, n)})
    y = rng.random(n) < 1 / (1 + np.exp(1 - (X["age"] - 50) / 10))
    options = {name: more.pop(name) for name in tuple(more) if name not in ("sample_weight", "groups", "offset")}
    return LogisticRiskModel(**options).fit(X, y, **more)


def test_intervals_and_p_values_are_walds(rng: np.random.Generator) -> None:
    fit = fitted(rng).fit_result_
    error = fit.standard_errors()
    np.testing.assert_allclose(error, np.sqrt(np.diag(fit.model_covariance)))
    for level in (0.5, 0.95):
        half = norm.ppf(0.5 + level / 2) * error
        np.testing.assert_allclose(fit.intervals(level), np.c_[fit.coef - half, fit.coef + half], rtol=1e-13)
    np.testing.assert_allclose(fit.p_values(), 2 * norm.cdf(-np.abs(fit.coef / error)), rtol=1e-12)


@pytest.mark.parametrize(("n_groups", "few"), [(39, True), (40, False)])
def test_few_clusters_use_the_t_distribution(rng: np.random.Generator, n_groups: int, *, few: bool) -> None:
    fit = fitted(rng, groups=np.arange(200) % n_groups).fit_result_
    assert fit.n_groups == n_groups
    wanted = t.ppf(0.975, n_groups - 1) if few else norm.ppf(0.975)
    assert fit.quantile(0.95) == pytest.approx(wanted, rel=1e-12)
    assert fit.quantile(0.95, "model") == pytest.approx(norm.ppf(0.975), rel=1e-12)
    tails = t.sf if few else lambda z, _: norm.sf(z)
    statistic = np.abs(fit.coef) / fit.standard_errors()
    np.testing.assert_allclose(fit.p_values(), 2 * tails(statistic, n_groups - 1), rtol=1e-10)


def test_summary_of_a_two_by_two_table_is_its_arithmetic() -> None:
    # Events of the exposed 30 of 50, of the others 10 of 50: log odds ratio log(30 * 40 / (20 * 10)) = 1.7918,
    # its variance 1/30 + 1/20 + 1/10 + 1/40; the intercept is log(10 / 40) with variance 1/10 + 1/40.
    X = pd.DataFrame({"exposed": np.repeat([1.0, 1.0, 0.0, 0.0], [30, 20, 10, 40])})
    y = np.repeat([1, 0, 1, 0], [30, 20, 10, 40])
    assert str(LogisticRiskModel().fit(X, y).summary()).splitlines() == [
        "Logistic regression by maximum likelihood; log-odds of 1 against 0",
        "              coef  std err      z   P>|z|  95 % low  95 % high  odds ratio",
        "Intercept  -1.3863   0.3536  -3.92  <0.001   -2.0792    -0.6933        0.25",
        "exposed     1.7918   0.4564   3.93  <0.001    0.8972     2.6864           6",
        "100 rows, 40 of outcome 1 (40.0 %); log-likelihood -58.6707 (constant risk: -67.3012)",
        "standard errors: model-based (inverse information)",
        "converged after 5 steps: largest score below 1e-12 per row, condition number 1.5",
        "likelihood ratio of the model 17.26 on 1 degrees of freedom, p <0.001; R2 (Nagelkerke) 0.214",
        "heuristic shrinkage 0.942: on new rows expect this calibration slope (van Houwelingen and le Cessie)",
        "rows needed to develop such a model: 369, 148 of them events (criteria of Riley et al.); 100 are too few",
    ]
    # LR = 2 (67.3012 - 58.6707); (LR - 1) / LR; (1 - exp(-LR / n)) / (1 - exp(-2 * 67.3012 / n)); and Riley's third
    # criterion asks for most, (1.96 / 0.05)^2 * 0.4 * 0.6.
    assert [f"{v:.4g}" for v in (17.261, 16.261 / 17.261, -np.expm1(-0.17261) / -np.expm1(-1.346024))] == [
        "17.26", "0.9421", "0.2143",
    ]  # fmt: skip
    assert np.ceil((1.96 / 0.05) ** 2 * 0.24) == 369
    # The same by hand, so that the text above is not our own word for it.
    error = np.sqrt([1 / 10 + 1 / 40, 1 / 30 + 1 / 20 + 1 / 10 + 1 / 40])
    coef = np.log([10 / 40, 6])
    assert [f"{c:.4f} {e:.4f} {c / e:.2f}" for c, e in zip(coef, error, strict=True)] == [
        "-1.3863 0.3536 -3.92",
        "1.7918 0.4564 3.93",
    ]
    assert [f"{v:.4f}" for v in np.r_[coef - 1.959964 * error, coef + 1.959964 * error]] == [
        "-2.0792", "0.8972", "-0.6933", "2.6864",
    ]  # fmt: skip
    logs = 30 * np.log(0.6) + 20 * np.log(0.4) + 10 * np.log(0.2) + 40 * np.log(0.8)
    assert f"{logs:.4f} {40 * np.log(0.4) + 60 * np.log(0.6):.4f}" == "-58.6707 -67.3012"


def test_summary_says_which_errors_and_what_weights_did(rng: np.random.Generator) -> None:
    assert "standard errors: cluster-robust, 50 groups" in str(fitted(rng, groups=np.arange(200) % 50).summary())
    weighted = str(fitted(rng, class_weight={False: 1, True: 3}).summary())
    assert "standard errors: robust (HC0 sandwich)" in weighted
    assert "these are not risks; odds are multiplied by about 3" in weighted


def test_summary_shows_aliases_without_error(rng: np.random.Generator) -> None:
    X = rng.normal(size=(200, 2))
    with pytest.warns(UserWarning, match="RD102"):
        model = LogisticRiskModel().fit(np.c_[X, X[:, 0]], rng.random(200) < 0.5)
    row = model.summary().rows[3]
    assert row[:2] == ("x2", "0")
    assert "nan" not in str(model.summary())
    assert model.fit_result_.aliases == (("x2", "x0"),)


def test_few_events_are_a_finding(rng: np.random.Generator) -> None:
    X = rng.normal(size=(100, 3))
    model = LogisticRiskModel().fit(X, rng.permutation(np.arange(100) < 12))
    (finding,) = model.fit_result_.findings
    assert finding.code == "RD105"
    assert "12 rows of the rarer outcome for 3 coefficients (4.0 each)" in finding.sentence
    assert "RD105" in str(model.summary())
    assert LogisticRiskModel().fit(X, rng.permutation(np.arange(100) < 40)).fit_result_.findings == ()


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_frame_has_the_columns_of_the_summary(rng: np.random.Generator, make: Any) -> None:
    data = {"age": rng.normal(size=200), "dose": rng.normal(size=200)}
    model = LogisticRiskModel().fit(make(data), rng.random(200) < 0.4)
    frame = model.fit_result_.frame()
    assert isinstance(frame, make)
    assert list(frame.columns) == ["term", "coef", "std_err", "z", "p_value", "low", "high"]
    assert list(frame["term"]) == ["Intercept", "age", "dose"]
    np.testing.assert_array_equal(frame["coef"], model.params)
    np.testing.assert_array_equal(frame["std_err"], model.bse)
    np.testing.assert_array_equal(frame["low"], model.conf_int()["low"])


@quiet
def test_to_dict_is_json_and_complete(rng: np.random.Generator) -> None:
    X = rng.normal(size=(30, 2))
    model = LogisticRiskModel().fit(np.c_[X, X[:, 0]], X[:, 1] > 0)
    answer = json.loads(json.dumps(model.fit_result_.to_dict(), allow_nan=False))
    assert [row["term"] for row in answer["coefficients"]] == ["Intercept", "x0", "x1", "x2"]
    assert answer["coefficients"][3]["std_err"] is None
    assert answer["separated"] == ["Intercept", "x0", "x1"]
    assert answer["aliases"] == [["x2", "x0"]]
    assert answer["method"] == "flic"
    assert {"RD101", "RD105"} <= {finding["code"] for finding in answer["findings"]}
    not_told = {field.name for field in dataclasses.fields(LogisticFit)} - set(answer)
    assert not_told <= {
        "terms", "coef", "model_covariance", "robust_covariance", "cluster_covariance", "weight_kind", "by_class",
        "separation", "frame_kind",
    }  # fmt: skip


def test_arrays_are_locked_also_after_pickle_and_copy(rng: np.random.Generator) -> None:
    fit = fitted(rng, groups=np.arange(200) % 50).fit_result_
    for twin in (
        fit,
        pickle.loads(pickle.dumps(fit)),
        copy.copy(fit),
        copy.deepcopy(fit),
        dataclasses.replace(fit, n=1.0),
    ):
        for name in ("coef", "model_covariance", "robust_covariance", "cluster_covariance"):
            array = getattr(twin, name)
            np.testing.assert_array_equal(array, getattr(fit, name))
            with pytest.raises(ValueError, match="read-only"):
                array.flat[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.n = 3.0  # type: ignore[misc]


def test_changing_params_does_not_change_the_model(rng: np.random.Generator) -> None:
    model = fitted(rng)
    before = model.fit_result_.coef.copy()
    params, covariance = model.params, model.cov_params()
    params.iloc[0] = 99.0
    covariance.iloc[0, 0] = 99.0
    np.testing.assert_array_equal(model.fit_result_.coef, before)
    np.testing.assert_array_equal(model.params, before)


def test_repr_is_one_line_with_the_headline(rng: np.random.Generator) -> None:
    text = repr(fitted(rng).fit_result_)
    assert text.startswith("<LogisticFit: 3 coefficients by maximum likelihood, n=200")
    assert "\n" not in text


NUMPY_OPTIONS: dict[str, Any] = {
    "max_iter": np.int64(70),
    "tol": np.float32(1e-7),
    "event": np.int64(0),
    "class_weight": {0: np.int64(2), 1: np.float32(3)},
}
# Models that differ in everything a state has to carry, made from the same rows.
STATES: dict[str, Callable[[np.ndarray, np.ndarray], LogisticRiskModel]] = {
    "plain": lambda X, y: LogisticRiskModel().fit(X, y),
    "names": lambda X, y: LogisticRiskModel(event="no").fit(
        pd.DataFrame(X, columns=["age", "größe", "a b"]), np.where(y, "yes", "no")
    ),
    "polars": lambda X, y: LogisticRiskModel().fit(pl.DataFrame({"a": X[:, 0], "b": X[:, 1]}), y.astype(int)),
    "float labels": lambda X, y: LogisticRiskModel(event=2.0, class_weight={2.0: 3, -1.0: 1}).fit(
        X, np.where(y, 2.0, -1.0)
    ),
    "object labels": lambda X, y: LogisticRiskModel(event="b").fit(
        X, np.array(["a", "b"], dtype=object)[y.astype(int)]
    ),
    "numpy options": lambda X, y: LogisticRiskModel(**NUMPY_OPTIONS).fit(X, y.astype(int)),
    "weights": lambda X, y: LogisticRiskModel(weight_kind="importance", class_weight="natural").fit(
        X, y, sample_weight=1 + np.abs(X[:, 2])
    ),
    "groups": lambda X, y: LogisticRiskModel(fit_intercept=False, penalty="firth").fit(
        X, y, groups=np.arange(120) // 3
    ),
    "offset": lambda X, y: LogisticRiskModel(on_separation="error").fit(X, y, offset=X[:, 2]),
    "separated": lambda X, _: LogisticRiskModel().fit(X, X[:, 1] > 0.1),
    "aliased": lambda X, y: LogisticRiskModel().fit(np.c_[X, X[:, 0], np.ones(120)], y),
    "steps used up": lambda X, y: LogisticRiskModel(max_iter=1).fit(X, y),
}


@quiet
@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("through", ["json", "file"])
def test_state_comes_back_whole(rng: np.random.Generator, tmp_path: Path, name: str, through: str) -> None:
    X = rng.normal(size=(120, 3))
    model = STATES[name](X, rng.random(120) < 1 / (1 + np.exp(-X[:, 0])))
    header, arrays = model.to_state()
    if through == "json":
        header = json.loads(json.dumps(header, allow_nan=False))
    else:
        file = read_model(model.save(tmp_path / "model"))
        assert file.kind == "LogisticRiskModel"
        header, arrays = file.header, file.arrays
    twin = LogisticRiskModel.from_state(header, arrays)
    assert twin.get_params() == model.get_params()
    np.testing.assert_array_equal(twin.classes_, model.classes_)
    assert twin.classes_.dtype == model.classes_.dtype
    assert vars(twin).keys() == vars(model).keys()
    assert list(getattr(twin, "feature_names_in_", [])) == list(getattr(model, "feature_names_in_", []))
    for field in dataclasses.fields(LogisticFit):
        found, wanted = getattr(twin.fit_result_, field.name), getattr(model.fit_result_, field.name)
        if isinstance(wanted, np.ndarray):
            np.testing.assert_array_equal(found, wanted)
            assert not found.flags.writeable
        else:
            assert found == wanted, field.name
            assert type(found) is type(wanted), field.name
    assert str(twin.summary()) == str(model.summary())


def test_state_holds_no_row_and_no_live_object(rng: np.random.Generator) -> None:
    header, arrays = fitted(rng).to_state()
    assert {name: array.shape for name, array in arrays.items()} == {
        "coef": (3,),
        "model_covariance": (3, 3),
        "robust_covariance": (3, 3),
        "fingerprint": (8192,),
    }
    assert len(json.dumps(header)) < 4000


def test_unknown_kind_of_covariance_is_refused(rng: np.random.Generator) -> None:
    fit = fitted(rng).fit_result_
    kind: Any = "sandwich"
    for ask in (fit.covariance, fit.standard_errors, fit.p_values, lambda kind: fit.intervals(kind=kind)):
        with pytest.raises(InputError, match="kind must be"):
            ask(kind)
