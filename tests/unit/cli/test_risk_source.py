"""Risks from a column, from a model and from one that mends: the same answers as from Python."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import riskdec as rd

COSTS = "fp=1,fn=4,defer=0.3"
KEYWORDS = {"false_positive": 1, "false_negative": 4, "defer": 0.3}


@pytest.fixture
def scored(later):
    """Rows with a risk from elsewhere, too high by weights of 3 : 1."""
    risk = 1 / (1 + np.exp(-((later["age"] - 55) / 8)))
    scored = later.assign(
        score=np.round(3 * risk / (3 * risk + 1 - risk), 6), died=np.where(later["died"], "yes", "no")
    )
    scored.to_csv("scored.csv", index=False)
    return scored


@pytest.fixture
def undone(scored):
    return rd.undo_class_weight(scored["score"], class_weight=(1, 3))


def test_a_column_is_diagnosed_as_in_python(run_json, folder, scored):
    words = ["diagnose", "scored.csv", "--risk", "score", "--target", "died", "--event", "yes"]
    answer = run_json(*words, "--sample-weight", "person", "--groups", "person")
    wanted = rd.diagnose(
        scored["died"],
        scored["score"],
        event="yes",
        sample_weight=scored["person"],
        groups=scored["person"],
        rng=0,
    )
    assert {**wanted.to_dict(), "html": None} == answer


def test_weights_and_prevalence_are_undone_as_in_python(run, folder, scored, undone):
    words = ["decide", "scored.csv", "--risk", "score", "--costs", COSTS]
    run(*words, "--undo-weights", 3, "--out", "a.csv")
    np.testing.assert_array_equal(pd.read_csv("a.csv")["risk"], undone)
    run(*words, "--undo-weights", 3, "--prevalence", "0.3:0.1", "--out", "b.csv")
    wanted = rd.adjust_prevalence(undone, train=0.3, target=0.1)
    np.testing.assert_array_equal(pd.read_csv("b.csv")["risk"], wanted)
    assert pd.read_csv("b.csv")["action"].tolist() == list(rd.decide(wanted, KEYWORDS).action)


def test_training_rows_are_known_through_repairs(run, run_json, data, model):
    words = [model, data, "--target", "died", "--prevalence", "0.3:0.1"]
    assert run_json("diagnose", *words)["apparent"]
    result = run("certify", *words, "--max-error", 0.3, "--out", "zone.json", code=2)
    assert "rows that the model was fitted on" in result.stderr


def test_a_fit_with_weights_is_undone_without_counting_costs_twice(run, data):
    run("fit", data, "--target", "died", "--drop", "person", "--weights", "natural", "--out", "w.riskdec")
    words = ["decide", "w.riskdec", data, "--costs", COSTS, "--out", "a.csv"]
    assert "RD309" in run(*words).stdout
    assert "RD309" in run(*words, "--prevalence", "0.5:0.3").stdout
    assert "RD309" not in run(*words, "--undo-weights", 3).stdout


@pytest.mark.parametrize("method", ["platt", "beta", "spline", "isotonic", "venn_abers"])
def test_a_column_is_mended_by_what_fit_learned(run, folder, scored, method):
    words = ["fit", "scored.csv", "--target", "died", "--event", "yes", "--risk", "score", "--method", method]
    run(*words, "--out", "mended.riskdec")
    run("decide", "mended.riskdec", "scored.csv", "--risk", "score", "--risks-only", "--out", "risks.csv")
    wanted = rd.load("mended.riskdec").predict_risk(scored["score"])
    np.testing.assert_array_equal(pd.read_csv("risks.csv")["risk"], wanted)
    assert abs(wanted.mean() - (scored["died"] == "yes").mean()) < 0.02


def test_rows_without_a_risk_are_deferred_or_left_empty(run, folder, scored):
    scored.assign(score=scored["score"].where(scored.index != 3)).to_csv("holes.csv", index=False)
    run("decide", "holes.csv", "--risk", "score", "--costs", COSTS, "--out", "a.csv")
    written = pd.read_csv("a.csv")
    assert written["action"][3] == "defer"
    assert np.isnan(written["risk"][3])
    text = run("decide", "holes.csv", "--risk", "score", "--risks-only", "--out", "r.csv").stdout
    assert "1 rows lack a value" in text


@pytest.mark.parametrize("command", ["diagnose", "report", "certify"])
def test_the_event_is_asked_for(run, folder, scored, command):
    more = {"diagnose": [], "report": ["--costs", COSTS, "--out", "r.html"]}
    words = more.get(command, ["--max-error", "0.3", "--out", "z.json"])
    result = run(command, "scored.csv", "--risk", "score", "--target", "died", *words, code=2)
    assert "--event must be given when the values of 'died' are not 0/1" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["diagnose", "scored.csv", "--target", "died"], "MODEL and DATA must both be given; got scored.csv alone"),
        (["diagnose", "a", "b", "c", "--target", "died"], "one MODEL and one DATA are read; got 3 files"),
        (["diagnose", "model.riskdec", "scored.csv", "--target", "died", "--event", "1"], "--event goes with a column"),
        (
            ["decide", "scored.csv", "--risk", "score", "--event", "yes", "--costs", "fp=1,fn=5", "--out", "o.csv"],
            "--event must come with --target",
        ),
        (["diagnose", "model.riskdec", "scored.csv", "--target", "died", "--risk", "score"], "a MODEL that mends"),
        (["diagnose", "scored.csv", "--risk", "scor", "--target", "died"], "Did you mean 'score'?"),
        (["diagnose", "scored.csv", "--risk", "score", "--target", "died", "--prevalence", "5:3"], "such as 0.5:0.03"),
        (
            ["diagnose", "model.riskdec", "scored.csv", "--target", "died"],
            "that the model knows; got 'no'",
        ),
    ],
)
def test_contradictions_are_explained(run, model, scored, words, message):
    assert message in run(*words, code=2).stderr


def test_a_column_named_risk_stays_as_it_was_written(run, folder):
    Path("given.csv").write_text("risk,who\n0.10,a\n.7,b\n")
    run("decide", "given.csv", "--risk", "risk", "--costs", "fp=1,fn=4", "--out", "actions.csv")
    assert Path("actions.csv").read_text().splitlines() == [
        "risk,who,action,expected_cost",
        "0.10,a,negative,0.4",
        ".7,b,positive,0.30000000000000004",
    ]


@pytest.mark.parametrize("other", [["--prevalence", "0.5:0.1", "--costs", "fp=1,fn=4"], ["--risks-only"]])
def test_a_column_named_risk_is_not_replaced_by_other_risks(run, folder, other):
    Path("given.csv").write_text("risk\n0.1\n0.7\n")
    answer = run("decide", "given.csv", "--risk", "risk", *other, "--out", "actions.csv", code=2)
    assert "must not have a column named risk" in answer.stderr
