"""A calibrator chosen by the log score of rows left out: scores by hand, the rule, and what it should find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from riskdec import CalibratedRiskModel
from riskdec.calibration import PlattCalibrator
from riskdec.errors import InputError
from riskdec.models.calibrated import choosing
from riskdec.models.calibrated.choosing import Surprise, choose_calibrator
from riskdec.models.calibrated.pooled import PooledResponses
from riskdec.models.calibrated.responses import Responses, learn_scores

N = 2000


def pool(log_odds: Any, y: Any, weight: Any = None, kind: Any = "frequency", units: Any = None) -> PooledResponses:
    """Give responses of a classifier of two classes."""
    log_proba = -np.logaddexp(0, np.column_stack([log_odds, -log_odds]))
    return PooledResponses(Responses(log_proba, True), y, y, weight, kind, units)


def choose(pooled: PooledResponses) -> Any:
    scores = learn_scores(pooled.responses).of(pooled.responses)
    return choose_calibrator(pooled, scores, np.array([0, 1]), np.random.default_rng(0))


def made(slope: float, intercept: float, seed: int = 0) -> tuple[Any, Any]:
    """Give log-odds, and outcomes of the risks that they should have been."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(0, 1.5, N)
    return log_odds, (rng.random(N) < expit(intercept + slope * log_odds)).astype(int)


def test_calibrated_probabilities_are_left_alone() -> None:
    chosen = [choose(pool(*made(1, 0, seed))).method for seed in range(10)]
    assert chosen.count("none") >= 8


def test_simplest_map_that_does_it_is_chosen() -> None:
    assert choose(pool(*made(0.5, 0))).method == "temperature"
    assert choose(pool(*made(0.5, 0.7))).method == "platt"
    rng = np.random.default_rng(1)
    bent = rng.normal(0, 1.5, 8000)
    y = (rng.random(8000) < expit(2 * np.sin(1.5 * bent))).astype(int)
    assert choose(pool(bent, y)).method in ("spline", "centred isotonic", "venn_abers")


def test_scores_are_those_of_fits_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    log_odds, y = made(0.5, 0.7)
    folds = []
    deal = choosing.deal_rows
    monkeypatch.setattr(choosing, "deal_rows", lambda *given: folds.append(deal(*given)) or folds[-1])
    choice = choose(pool(log_odds, y))
    total = {"none": 0.0, "platt": 0.0}
    for inside, outside in folds[0]:
        fit = LogisticRegression(C=np.inf, tol=1e-10).fit(log_odds[inside.rows, np.newaxis], y[inside.rows])
        risks = {
            "none": expit(log_odds[outside.rows]),
            "platt": fit.predict_proba(log_odds[outside.rows, np.newaxis])[:, 1],
        }
        for name, risk in risks.items():
            total[name] -= np.log(np.where(y[outside.rows] == 1, risk, 1 - risk)).sum()
    for name, value in total.items():
        assert choice.score[choice.methods.index(name)] == pytest.approx(value / N, abs=1e-7)
    assert len(folds[0]) == choice.n_folds == 10
    assert sorted(np.concatenate([outside.rows for _, outside in folds[0]])) == list(range(N))


def rule(by_row: dict[str, Any], **rows: Any) -> Any:
    scored = choosing._Scored(
        weight=rows.get("weight", np.ones(len(next(iter(by_row.values()))))),
        are_counts=rows.get("are_counts", True),
        units=rows.get("units"),
    )
    return choosing._choose(tuple(by_row), [Surprise(np.asarray(values)) for values in by_row.values()], scored, 10)


def test_rule_takes_the_first_within_one_standard_error_of_the_best() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=100)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    best = np.zeros(100)
    # The standard error of the mean difference is 0.1: 0.09 is near, 0.11 is not.
    near = rule({"none": noise + 0.11, "platt": noise + 0.09, "beta": best})
    assert (near.method, near.best) == ("platt", "beta")
    assert near.standard_error[:2] == pytest.approx(0.1)
    assert near.low[0] == pytest.approx(0.11 - 1.959964 * 0.1)
    assert rule({"none": noise + 0.11, "platt": noise + 0.2, "beta": best}).method == "beta"
    # Of what is the same, the simpler is taken.
    assert rule({"none": best, "platt": best}).method == "none"


def test_standard_errors_count_rows_importance_and_units_that_belong_together() -> None:
    rng = np.random.default_rng(3)
    difference, weight = rng.normal(size=60), rng.integers(1, 4, 60).astype(float)
    counted = rule({"a": difference + 5, "b": np.zeros(60)}, weight=weight)
    repeated = rule({"a": np.repeat(difference, weight.astype(int)) + 5, "b": np.zeros(int(weight.sum()))})
    assert counted.standard_error[0] == pytest.approx(repeated.standard_error[0])
    ones = rule({"a": difference + 5, "b": np.zeros(60)}, are_counts=False, weight=np.full(60, 0.4))
    assert ones.standard_error[0] == pytest.approx(difference.std(ddof=1) / np.sqrt(60))
    # Rows written four times are no more than one each.
    units = rule({"a": np.tile(difference, 4) + 5, "b": np.zeros(240)}, units=np.tile(np.arange(60), 4))
    assert units.standard_error[0] == pytest.approx(difference.std(ddof=1) / np.sqrt(60))


def test_infinite_scores_are_shown_and_never_chosen() -> None:
    log_odds, y = made(1, 0)
    log_odds[np.argmax(y == 1)] = -np.inf
    choice = choose(pool(log_odds, y))
    assert choice.method != "none"
    assert choice.score[0] == np.inf
    assert np.isnan(choice.standard_error[0])
    assert choice.to_dict()["score"][0] is None
    assert "inf" in str(choice.summary())
    assert {finding.code for finding in choice.findings()} == {"RD514", "RD515"}


def test_candidate_that_cannot_be_fitted_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise InputError("scores must please; got these.")

    monkeypatch.setattr(PlattCalibrator, "fit", refuse)
    choice = choose(pool(*made(0.5, 0.7)))
    assert choice.failed[choice.methods.index("platt")] == "scores must please; got these."
    assert choice.method == "beta"
    assert "platt: scores must please" in str(choice.summary())


def test_choice_depends_neither_on_order_nor_on_writing_rows_twice() -> None:
    log_odds, y = made(0.7, 0.2)
    log_odds = log_odds.round(2)
    weight = np.random.default_rng(4).integers(1, 4, N).astype(float)
    weighted = choose(pool(log_odds, y, weight))
    times = weight.astype(int)
    repeated = choose(pool(np.repeat(log_odds, times), np.repeat(y, times)))
    assert weighted.score == pytest.approx(repeated.score, abs=1e-9)
    assert weighted.standard_error == pytest.approx(repeated.standard_error, abs=1e-9)
    order = np.random.default_rng(5).permutation(N)
    shuffled = choose(pool(log_odds[order], y[order], weight[order]))
    assert shuffled.score == pytest.approx(weighted.score, abs=1e-9)


def test_one_row_of_a_class_is_too_few_to_choose() -> None:
    log_odds, y = made(1, 0)
    y = np.zeros_like(y)
    y[0] = 1
    with pytest.raises(InputError, match="y must hold two rows of each class for method='auto'; got 1 of class 1"):
        choose(pool(log_odds, y))


def test_choice_of_a_model_is_as_good_as_the_best_method_on_new_rows() -> None:
    rng = np.random.default_rng(6)
    z = rng.normal(size=6000)
    rows = np.column_stack([z + 0.3 * rng.normal(size=len(z)) for _ in range(6)])
    y = (rng.random(len(z)) < expit(1.5 * z - 1)).astype(int)
    train, new = slice(0, 1500), slice(1500, None)

    def score(method: Any) -> float:
        model = CalibratedRiskModel(GaussianNB(), method=method).fit(rows[train], y[train])
        risk = model.predict_risk(rows[new])
        return float(-np.log(np.where(y[new] == 1, risk, 1 - risk)).mean())

    scores = {method: score(method) for method in ("none", "temperature", "platt", "beta", "spline", "venn_abers")}
    assert score("auto") < min(scores.values()) + 0.003
    assert scores["none"] > score("auto") + 0.1
