"""Separated data: said once, at the caller's line, with names; answered as asked."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import LogisticRiskModel
from riskdec.errors import RiskdecWarning, SeparationError, SeparationWarning
from riskdec.likelihood import Separation
from riskdec.models.regression.separation import describe_separation

quiet = pytest.mark.filterwarnings("ignore::riskdec.errors.SeparationWarning")


def quasi(rng: np.random.Generator, n: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    """Give rows in which the three people of level 'rare' had no event."""
    X = pd.DataFrame({"age": rng.normal(50, 10, n), "rare": (np.arange(n) < 3).astype(float), "ward": np.arange(n) % 2})
    return X, (rng.random(n) < 1 / (1 + np.exp(1 - (X["age"] - 50) / 10))).to_numpy() & (X["rare"] == 0).to_numpy()


def fit_and_tell_line(model: Any, X: pd.DataFrame, y: np.ndarray) -> int:
    model.fit(X, y)
    frame = inspect.currentframe()
    assert frame is not None
    return frame.f_lineno - 3


def complete() -> tuple[pd.DataFrame, np.ndarray]:
    return pd.DataFrame({"dose": np.arange(10.0)}), np.arange(10) > 4


def separate(objective: np.ndarray, rows: np.ndarray) -> Any:
    answer: Any = linprog(objective, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1))
    return answer.x


def test_warning_comes_once_with_code_names_and_numbers(rng: np.random.Generator) -> None:
    X, y = quasi(rng)
    with pytest.warns(SeparationWarning) as caught:
        LogisticRiskModel().fit(X, y)
    assert len(caught) == 1
    text = str(caught[0].message)
    assert text.startswith("RD101 separated data: ")
    for part in ("quasi-completely separated", "3 rows", "the coefficient of 'rare'", "on_separation='error'"):
        assert part in text
    assert "'age'" not in text


@pytest.mark.parametrize("piped", [False, True])
def test_warning_points_at_the_callers_line(rng: np.random.Generator, *, piped: bool) -> None:
    X, y = quasi(rng)
    model = make_pipeline(StandardScaler(), LogisticRiskModel()) if piped else LogisticRiskModel()
    with pytest.warns(SeparationWarning) as caught:
        line = fit_and_tell_line(model, X, y)
    assert (caught[0].filename, caught[0].lineno) == (__file__, line)


def test_error_names_the_columns_when_asked_for(rng: np.random.Generator) -> None:
    X, y = quasi(rng)
    with pytest.raises(
        SeparationError, match="quasi-completely separated .3 rows.*'rare' would be infinite.*Drop or join"
    ):
        LogisticRiskModel(on_separation="error").fit(X, y)
    with pytest.raises(SeparationError, match="completely separated: 'dose' tells all 10 rows apart, so"):
        LogisticRiskModel(on_separation="error").fit(*complete())


def test_many_columns_are_counted_not_listed() -> None:
    terms = tuple(f"x{j}" for j in range(500))
    direction = np.linspace(-1, 1, 500)
    separation = Separation(direction, tuple(range(500)), (0,) * 500, complete=False, n_rows=1000)
    sentence = describe_separation(separation, terms).sentence()
    assert "'x4' and 495 more would be infinite" in sentence
    assert len(sentence) < 400


@quiet
def test_fallback_is_flic_and_says_so(rng: np.random.Generator) -> None:
    X, y = quasi(rng)
    model = LogisticRiskModel().fit(X, y)
    asked = LogisticRiskModel(penalty="flic").fit(X, y)
    assert model.method_ == "flic"
    np.testing.assert_array_equal(model.params, asked.params)
    assert model.predict_risk(X).mean() == pytest.approx(y.mean(), rel=1e-10)
    assert model.separation_ is not None
    assert model.separation_.columns == ("rare",)
    assert (model.separation_.n_rows, model.separation_.complete) == (3, False)
    assert asked.separation_ is None
    assert [finding.code for finding in model.fit_result_.findings if finding.code == "RD101"] == ["RD101"]


@quiet
def test_fallback_without_intercept_is_firth() -> None:
    X, y = complete()
    model = LogisticRiskModel(fit_intercept=False).fit(X - 4.5, y)
    assert model.method_ == "firth"
    np.testing.assert_array_equal(
        model.coef_, LogisticRiskModel(penalty="firth", fit_intercept=False).fit(X - 4.5, y).coef_
    )


def test_firth_asked_for_does_not_warn(rng: np.random.Generator) -> None:
    X, y = quasi(rng)
    for penalty in ("firth", "flic"):
        assert LogisticRiskModel(penalty=penalty).fit(X, y).converged_


@quiet
def test_summary_says_it_first_and_prints_inf(rng: np.random.Generator) -> None:
    X, y = quasi(rng)
    lines = str(LogisticRiskModel().fit(X, y).summary()).splitlines()
    assert lines[0].startswith("NOT maximum likelihood estimates")
    cells = {line.split()[0]: line for line in lines[2:6]}
    assert cells["rare"].endswith("MLE: -inf")
    assert "MLE" not in cells["age"] + cells["ward"] + cells["Intercept"]
    opposite = str(LogisticRiskModel().fit(X, ~y).summary())
    assert "MLE: inf" in opposite
    assert "-inf" not in opposite


@quiet
def test_markdown_and_html_of_the_summary_have_one_cell_for_each_head(rng: np.random.Generator) -> None:
    summary = LogisticRiskModel().fit(*quasi(rng)).summary()
    assert {len(row) for row in summary.rows} == {len(summary.header)}


@quiet
def test_sign_of_an_infinite_estimate_is_printed_only_where_it_is_certain() -> None:
    # Among completely separated data many directions separate; where they disagree on a coefficient, the
    # likelihood does not tell from one of them to which side it runs.
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(12, 3))
        y = X @ rng.normal(size=3) > 0
        if y.min() == y.max():
            continue
        model = LogisticRiskModel().fit(X, y)
        rows = (2.0 * y - 1)[:, None] * np.c_[np.ones(12), X]
        printed = [row[-1] for row in model.summary().rows]
        for j, unit in enumerate(np.eye(4)):
            limits = [separate(s * unit, rows)[j] for s in (1, -1)]
            certain = min(limits) >= -1e-9 or max(limits) <= 1e-9
            wanted = ("MLE: inf" if max(limits) > 1e-9 else "MLE: -inf") if certain else "MLE: not finite"
            assert printed[j] == wanted, (seed, j, limits)


@quiet
def test_verdict_ignores_rows_of_weight_zero_and_the_size_of_weights(rng: np.random.Generator) -> None:
    X, y = quasi(rng)
    y[0] = True  # one event at the rare level: no separation
    assert LogisticRiskModel().fit(X, y).separation_ is None
    without = np.where(np.arange(len(y)) == 0, 0.0, 1.0)
    for model, size in (
        (LogisticRiskModel(), 1),
        (LogisticRiskModel(weight_kind="importance"), 1e-6),
        (LogisticRiskModel(weight_kind="importance"), 1e6),
        (LogisticRiskModel(class_weight={0: 1, 1: 1e4}), 1),
    ):
        found = model.fit(X, y, sample_weight=without * size).separation_
        assert found is not None
        assert (found.columns, found.n_rows, found.complete) == (("rare",), 2, False)
        np.testing.assert_allclose(found.direction, [0, 0, -1, 0], atol=1e-9)


@quiet
def test_counted_rows_equal_repeated_rows(rng: np.random.Generator) -> None:
    X, y = quasi(rng)
    counts = rng.integers(1, 4, len(y))
    again = np.repeat(np.arange(len(y)), counts)
    one = LogisticRiskModel().fit(X, y, sample_weight=counts)
    other = LogisticRiskModel().fit(X.iloc[again], y[again])
    assert one.separation_ is not None
    assert other.separation_ is not None
    assert one.separation_.columns == other.separation_.columns
    assert one.separation_.complete == other.separation_.complete
    np.testing.assert_allclose(one.params, other.params, rtol=1e-6)


@quiet
def test_weights_and_groups_keep_their_covariance_in_the_fallback(rng: np.random.Generator) -> None:
    X, y = quasi(rng)
    groups = np.arange(len(y)) // 3
    model = LogisticRiskModel(class_weight="balanced").fit(X, y, groups=groups)
    assert model.method_ == "flic"
    assert model.fit_result_.covariance_kind == "cluster"
    assert np.isfinite(model.bse).all()
    assert LogisticRiskModel(class_weight="balanced").fit(X, y).fit_result_.covariance_kind == "robust"


def test_bootstrap_of_a_separated_model_runs_with_warnings_only(rng: np.random.Generator) -> None:
    X, y = quasi(rng, 60)
    model = LogisticRiskModel()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", RiskdecWarning)
        for _ in range(50):
            rows = rng.integers(0, 60, 60)
            if y[rows].any() and not y[rows].all():
                assert np.isfinite(clone(model).fit(X.iloc[rows], y[rows]).predict_risk(X)).all()


@quiet
def test_complete_separation_names_what_separates_and_not_the_bystanders() -> None:
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(60, 3)), columns=["marker", "noise", "other"])
    y = (X["marker"] > 0.2).astype(int)
    found = LogisticRiskModel().fit(X, y).separation_
    assert found is not None
    assert found.complete
    assert found.separating == ("marker",)
    assert "'noise'" not in found.sentence()


def test_separation_above_the_limit_of_firth_names_ridge(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = quasi(rng)
    monkeypatch.setattr("riskdec.models.regression.logistic_estimation._MOST_FOR_FIRTH", 2)
    with pytest.raises(SeparationError, match=r"got [34]. Fit LogisticRiskModel\(penalty='ridge', alpha='cv'\)"):
        LogisticRiskModel().fit(X, y)
