"""Stability is the spread of risks and actions over refits, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from riskdec import LogisticRiskModel, decision_stability
from riskdec.decisions import CostMatrix, decide
from riskdec.errors import InputError
from riskdec.models.inference.bootstrap_draws import make_resamples

if TYPE_CHECKING:
    from tests.unit.resampling.conftest import Rows

COSTS = CostMatrix.binary(false_positive=1, false_negative=5, defer=0.4)


def refitted_risks(rows: Rows, new: np.ndarray, n_resamples: int, seed: int) -> np.ndarray:
    resamples = make_resamples(300, n_resamples, rng=np.random.default_rng(seed))
    drawn = [np.repeat(np.arange(300), resamples.multiplicity(b).astype(int)) for b in range(n_resamples)]
    return np.stack([LogisticRiskModel().fit(rows.X[d], rows.y[d]).predict_risk(new) for d in drawn])


def test_figures_follow_the_definition(rows: Rows, rng: np.random.Generator) -> None:
    new = rng.normal(size=(50, 8))
    stability = decision_stability(LogisticRiskModel(), rows.X, rows.y, costs=COSTS, X_new=new, n_resamples=8, rng=2)
    risk = LogisticRiskModel().fit(rows.X, rows.y).predict_risk(new)
    refits = refitted_risks(rows, new, 8, 2)
    np.testing.assert_allclose(stability.risk, risk)
    np.testing.assert_allclose(stability.mape, np.abs(refits - risk).mean(axis=0), atol=1e-7)
    np.testing.assert_allclose(stability.refit_mape, np.abs(refits - risk).mean(axis=1), atol=1e-7)
    np.testing.assert_allclose(stability.low, np.quantile(refits, 0.025, axis=0), atol=1e-7)
    np.testing.assert_allclose(stability.shown_risks, refits[:, stability.shown], atol=1e-7)
    own = decide(risk, COSTS).action_index
    others = np.stack([decide(line, COSTS).action_index for line in refits])
    assert stability.actions is not None
    np.testing.assert_allclose(stability.actions.share_changed, (others != own).mean(axis=0))
    np.testing.assert_allclose(stability.actions.refit_share_changed, (others != own).mean(axis=1))
    expected = np.stack([1 - risk, risk], axis=1) @ COSTS.costs
    costs = [expected[np.arange(50), line].mean() for line in others]
    np.testing.assert_allclose(stability.actions.refit_expected_cost, costs)


def test_other_actions_never_cost_less_by_the_risks_of_the_fit(rows: Rows) -> None:
    actions = decision_stability(LogisticRiskModel(), rows.X, rows.y, costs=COSTS, n_resamples=30, rng=0).actions
    assert actions is not None
    assert (actions.refit_expected_cost >= actions.expected_cost - 1e-12).all()
    assert actions.transitions.sum() == pytest.approx(1)
    assert 1 - np.trace(actions.transitions) == pytest.approx(actions.mean_share_changed)


def test_shared_design_gives_what_single_fits_give(rows: Rows) -> None:
    labels = np.where(rows.y == 1, "a", "b")
    pipeline = make_pipeline(FunctionTransformer(), LogisticRiskModel())
    shared, single = (
        decision_stability(estimator, rows.X, labels, n_resamples=10, event="a", rng=0)
        for estimator in (LogisticRiskModel(), pipeline)
    )
    np.testing.assert_allclose(shared.low, single.low, atol=1e-7)
    np.testing.assert_allclose(shared.mape, single.mape, atol=1e-7)


def test_same_bits_for_any_number_of_workers(rows: Rows) -> None:
    one, two = (
        decision_stability(LogisticRiskModel(penalty="firth"), rows.X, rows.y, n_resamples=9, rng=0, n_jobs=jobs)
        for jobs in (1, 2)
    )
    assert (one.low == two.low).all()
    assert (one.mape == two.mape).all()


def test_more_rows_are_more_stable(rng: np.random.Generator) -> None:
    def mean_mape(n: int) -> float:
        X = rng.normal(size=(n, 3))
        y = rng.random(n) < 1 / (1 + np.exp(1 - X[:, 0]))
        return decision_stability(LogisticRiskModel(), X, y, n_resamples=50, rng=0).mean_mape

    # The error goes down with the root of the number of rows.
    assert 3 < mean_mape(400) / mean_mape(6400) < 5.5


def test_answer_prints_and_exports(rows: Rows) -> None:
    stability = decision_stability(LogisticRiskModel(), rows.X, rows.y, costs=COSTS, n_resamples=20, rng=0)
    frame = stability.frame()
    assert list(frame) == ["risk", "low", "high", "mape", "action", "share_changed"]
    assert set(frame["action"]) <= {"negative", "positive", "defer"}
    told = stability.to_dict()
    assert told["mape"]["mean"] == pytest.approx(stability.mean_mape)
    assert told["actions"]["mean_share_changed"] == pytest.approx(frame["share_changed"].mean())
    assert "of actions change" in repr(stability)
    assert "rows fitted on" in str(stability.summary())
    assert {finding.code for finding in stability.findings} == {"RD114", "RD313"}


def test_no_rows_to_look_at_are_refused(rows: Rows) -> None:
    with pytest.raises(InputError, match="X_new must have at least one row"):
        decision_stability(LogisticRiskModel(), rows.X, rows.y, X_new=rows.X[:0], n_resamples=5)
