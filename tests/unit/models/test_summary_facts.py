"""What the summary says of convergence, calibration and sample size, and where it says nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskdec import LogisticRiskModel
from riskdec.errors import ConvergenceWarning
from riskdec.models.inference import development_size_of


@pytest.fixture(name="X")
def _columns(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(300, 2))


@pytest.fixture
def y(rng: np.random.Generator, X: np.ndarray) -> np.ndarray:
    return (rng.random(300) < 1 / (1 + np.exp(1 - 1.2 * X[:, 0]))).astype(int)


def test_convergence_is_told_by_attributes_and_in_the_summary(X: np.ndarray, y: np.ndarray) -> None:
    model = LogisticRiskModel().fit(X, y)
    Z = np.column_stack([np.ones(300), (X - X.mean(axis=0)) / X.std(axis=0)])
    risk = model.predict_risk(X)
    assert model.converged_
    assert model.gradient_norm_ == pytest.approx(np.abs(Z.T @ (y - risk)).max() / 300, abs=1e-15)
    assert model.condition_number_ == pytest.approx(np.linalg.cond((Z.T * (risk * (1 - risk))) @ Z), rel=1e-6)
    assert f"converged after {model.n_iter_} steps: largest score below 1e-12 per row" in str(model.summary())


def test_what_did_not_converge_warns_with_the_cure(X: np.ndarray, y: np.ndarray) -> None:
    with pytest.warns(ConvergenceWarning, match="raise max_iter or look at the columns"):
        model = LogisticRiskModel(max_iter=1).fit(X, y)
    assert not model.converged_
    assert model.gradient_norm_ > 1e-8
    assert "NOT converged after 1 step: largest score" in str(model.summary())
    assert "heuristic shrinkage" not in str(model.summary())


@pytest.mark.parametrize(
    ("penalty", "said"),
    [
        ("firth", "a rare event gets too much risk on average"),
        ("flic", "the average risk equals the share of events in these rows"),
        ("flac", "the average risk equals the share of events in these rows"),
    ],
)
def test_penalties_say_what_they_do_to_calibration_and_do_it(
    rng: np.random.Generator, X: np.ndarray, penalty: Any, said: str
) -> None:
    rare = (rng.random(300) < 1 / (1 + np.exp(3.5 - X[:, 0]))).astype(int)
    model, plain = LogisticRiskModel(penalty=penalty).fit(X, rare), LogisticRiskModel().fit(X, rare)
    assert f"calibration: {'the penalty draws' if penalty == 'firth' else ''}" in str(model.summary())
    assert said in str(model.summary())
    mean = model.predict_risk(X).mean()
    assert mean > rare.mean() + 1e-3 if penalty == "firth" else mean == pytest.approx(rare.mean(), rel=1e-7)
    spread, spread_plain = (np.std(m.decision_function(X)) for m in (model, plain))
    assert spread < spread_plain
    assert "calibration:" not in str(plain.summary())


def test_development_lines_are_those_of_the_answers(X: np.ndarray, y: np.ndarray) -> None:
    model = LogisticRiskModel().fit(X, y)
    text, figures, size = str(model.summary()), model.fit_statistics(), development_size_of(model.fit_result_)
    assert figures.shrinkage is not None
    assert f"heuristic shrinkage {figures.shrinkage:.3f}" in text
    verdict = "enough" if size.n <= 300 else "too few"
    assert f"rows needed to develop such a model: {size.n}, {np.ceil(size.events):.0f} of them" in text
    assert f"300 are {verdict}" in text


def test_development_lines_are_left_out_where_they_do_not_hold(X: np.ndarray, y: np.ndarray) -> None:
    fits = [
        LogisticRiskModel(penalty="firth").fit(X, y),
        LogisticRiskModel(class_weight="balanced").fit(X, y),
        LogisticRiskModel().fit(X, y, groups=np.arange(300) // 2),
        LogisticRiskModel().fit(X, y, offset=np.ones(300)),
        LogisticRiskModel(fit_intercept=False).fit(X, y),
    ]
    assert not any("heuristic shrinkage" in str(model.summary()) for model in fits)


def test_noise_has_no_shrinkage_to_speak_of(rng: np.random.Generator, X: np.ndarray) -> None:
    Z = rng.normal(size=(300, 8))
    for seed in range(5):
        y = np.random.default_rng(seed).integers(0, 2, size=300)
        model = LogisticRiskModel().fit(Z, y)
        ratio = model.fit_statistics().lr_chi2
        assert ratio is not None
        assert ("explains no more than chance would" in str(model.summary())) == (ratio <= 8)


def test_summary_comes_in_four_forms(X: np.ndarray, y: np.ndarray) -> None:
    table = LogisticRiskModel().fit(X, y).summary()
    assert "Intercept & " in table.to_latex()
    assert r"P\textgreater{}\textbar{}z\textbar{}" in table.to_latex()
    assert '<th scope="row">Intercept</th>' in table.to_html()
    assert "| Intercept |" in table.to_markdown()
    assert str(table).startswith("Logistic regression by maximum likelihood")
