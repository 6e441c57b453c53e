"""Rows that lack a value are told apart by outcome in the fit, and deferred, never lost, in decisions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import riskdec as rd
from riskdec.errors import IncompleteRowsWarning, InputError
from riskdec.models.doors.incomplete import compare_by_outcome

COSTS = {"false_positive": 1, "false_negative": 5, "defer": 0.4}

quiet = pytest.mark.filterwarnings("ignore:RD111:riskdec.errors.IncompleteRowsWarning")


@pytest.fixture
def gaps(rng: np.random.Generator) -> pd.DataFrame:
    age = rng.normal(60, 10, size=500)
    died = (rng.random(500) < 1 / (1 + np.exp((60 - age) / 5))).astype(int)
    age[np.flatnonzero(died)[:30]] = np.nan
    age[np.flatnonzero(died == 0)[:10]] = np.nan
    return pd.DataFrame({"age": age, "died": died})


def model_of(frame: pd.DataFrame) -> rd.LogisticRiskModel:
    return rd.LogisticRiskModel(formula="died ~ age", missing="drop").fit(frame)


@quiet
def test_rows_left_out_are_compared_by_outcome(gaps: pd.DataFrame) -> None:
    found = next(f for f in model_of(gaps).fit_result_.findings if f.code == "RD111")
    kept = gaps.dropna()["died"].mean()
    assert "40 of 500 rows lack a value (40 in 'age') and were left out of the fit." in found.sentence
    assert f"1 was the outcome of 75.0 % of 40 of them, and of {100 * kept:.1f} % of those kept." in found.sentence
    separate = rd.LogisticRiskModel(formula="~ age", missing="drop").fit(gaps, gaps["died"])
    assert found.sentence == next(f for f in separate.fit_result_.findings if f.code == "RD111").sentence
    assert "were left out" in str(model_of(gaps).summary())


def test_comparison_by_outcome_knows_missing_and_many_outcomes() -> None:
    keep = np.array([True, True, True, True, False, False])
    labels = np.array(["a", "b", "c", "a", "c", None], dtype=object)
    assert compare_by_outcome(labels, keep) == (
        "a was the outcome of 0.0 % of 1 of them, and of 50.0 % of those kept; "
        "b was the outcome of 0.0 % of 1 of them, and of 25.0 % of those kept; "
        "c was the outcome of 100.0 % of 1 of them, and of 25.0 % of those kept."
    )
    unknown = np.array([0.0, 1.0, 0.0, 1.0, np.nan, np.nan])
    assert compare_by_outcome(unknown, keep) == "None of them has a known outcome."


@quiet
@pytest.mark.parametrize("library", [lambda frame: frame, pl.from_pandas])
def test_rows_without_a_risk_are_deferred_in_their_place(gaps: pd.DataFrame, library) -> None:
    model = model_of(gaps)
    frame = library(gaps)
    lacking = gaps["age"].isna().to_numpy()
    found = model.decide(frame, COSTS)
    others = model.decide(gaps[~lacking], COSTS)
    assert found.n == 500
    assert set(found.action[lacking]) == {"defer"}
    np.testing.assert_array_equal(found.action[~lacking], others.action)
    assert found.counts.sum() == 500
    assert found.deferral_rate == pytest.approx((others.counts[2] + 40) / 500)
    assert found.mean_expected_cost == pytest.approx(found.expected_cost.mean())
    assert (found.expected_cost[lacking] == 0.4).all()
    assert np.isnan(found.y_proba[lacking]).all()
    # Positive costs at most 1, negative up to 5: the careful choice where deferring is not allowed.
    assert set(np.asarray(found.actions)[found.forced_index[lacking]]) == {"positive"}
    finding = next(f for f in found.findings if f.code == "RD111")
    assert finding.sentence.startswith("40 of 500 rows lack a value, have no risk, and are deferred.")
    assert len(found.frame()) == 500
    where = int(np.flatnonzero(lacking)[0])
    assert str(found.explain(where)).splitlines() == [
        f"Row {where}: lacks a value and has no risk",
        "'defer' is chosen, because no cost can be expected without a risk.",
    ]
    # What is deferred costs the same whatever the outcome was.
    realised = rd.evaluate_decisions(gaps["died"], found)
    assert realised.deferral_rate == found.deferral_rate


@quiet
def test_nobody_with_a_risk_still_gives_decisions(gaps: pd.DataFrame) -> None:
    empty = gaps[gaps["age"].isna()]
    found = model_of(gaps).decide(empty, COSTS)
    assert found.deferral_rate == 1.0
    assert found.mean_expected_cost == pytest.approx(0.4)


@quiet
def test_cost_of_deferring_that_depends_on_the_outcome_is_not_made_up(gaps: pd.DataFrame) -> None:
    costs = rd.CostMatrix(
        [[0, 1, 0.2], [5, 0, 0.6]], outcomes=("no", "yes"), actions=("wait", "treat", "ask"), defer="ask"
    )
    model, lacking = model_of(gaps), gaps["age"].isna().to_numpy()
    found = model.decide(gaps, costs)
    assert np.isnan(found.expected_cost[lacking]).all()
    assert found.mean_expected_cost == pytest.approx(np.nanmean(found.expected_cost))
    assert "not counted" in next(f for f in found.findings if f.code == "RD111").sentence


def test_costs_without_an_action_that_defers_say_what_is_wrong(gaps: pd.DataFrame) -> None:
    rule = r"X must be complete where the costs have no action that defers; got 40 of 500 rows"
    with pytest.warns(IncompleteRowsWarning), pytest.raises(InputError, match=rule):
        model_of(gaps).decide(gaps, {"false_positive": 1, "false_negative": 5})


def test_tabular_model_gives_every_row_a_risk(gaps: pd.DataFrame) -> None:
    model = rd.TabularRiskModel(shape="linear", alpha=1.0).fit(gaps[["age"]], gaps["died"])
    assert np.isfinite(model.predict_risk(gaps[["age"]])).all()
    assert model.decide(gaps[["age"]], COSTS).n == 500


def test_arrays_name_the_row_that_lacks_a_value(gaps: pd.DataFrame) -> None:
    complete = gaps.dropna()
    model = rd.LogisticRiskModel().fit(complete[["age"]], complete["died"])
    for ask in (model.predict_risk, lambda X: model.decide(X, COSTS)):
        with pytest.raises(InputError, match=r"in column 'age' at row \d+ \(40 of 500 rows\)"):
            ask(gaps[["age"]])


@quiet
def test_rows_without_a_risk_are_deferred_where_nothing_else_is_kept(gaps: pd.DataFrame) -> None:
    found = model_of(gaps).decide(gaps, COSTS, keep_cost=False)
    assert found.expected_cost is None
    assert found.y_proba is None
    assert set(found.action[gaps["age"].isna().to_numpy()]) == {"defer"}
