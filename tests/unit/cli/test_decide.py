"""`riskdec decide`: the actions that Python would choose, beside the rows they are for."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import riskdec

COSTS = "fp=1,fn=4,defer=0.3"
KEYWORDS = {"false_positive": 1, "false_negative": 4, "defer": 0.3}


def test_actions_are_those_of_python_beside_the_original_columns(run, data, model, table):
    result = run("decide", model, data, "--costs", COSTS, "--out", "actions.csv")
    written = pd.read_csv("actions.csv")
    assert written.columns.tolist() == [*table.columns, "risk", "action", "expected_cost"]
    pd.testing.assert_frame_equal(written[["age", "ward", "died"]], table[["age", "ward", "died"]], check_dtype=False)
    risk = riskdec.load(model).predict_risk(table)
    decisions = riskdec.decide(risk, KEYWORDS, keep_cost=True)
    np.testing.assert_array_equal(written["risk"], risk)
    assert written["action"].tolist() == list(decisions.action)
    np.testing.assert_array_equal(written["expected_cost"], decisions.expected_cost)
    assert set(written["action"]) == {"negative", "positive", "defer"}
    said = " ".join(decisions.costs.sentences())
    assert result.stdout == f"{said}\n\n{decisions.summary()}\n\nThe decisions are in actions.csv.\n"


def test_the_expected_cost_is_the_least_of_the_three(run, data, model):
    # Costs by hand: treat 1 - risk, leave 4 risk, defer 0.3.
    run("decide", model, data, "--costs", COSTS, "--out", "actions.csv")
    written = pd.read_csv("actions.csv")
    least = np.minimum(np.minimum(1 - written["risk"], 4 * written["risk"]), 0.3)
    np.testing.assert_allclose(written["expected_cost"], least, rtol=1e-12)


def test_outcomes_that_are_known_are_counted(run, run_json, data, model, table):
    words = ["decide", model, data, "--costs", COSTS, "--target", "died", "--out", "actions.csv"]
    answer = run_json(*words)
    written = pd.read_csv("actions.csv")
    action, died = written["action"], table["died"]
    cost = np.select([action == "positive", action == "negative"], [1.0 - died, 4.0 * died], 0.3)
    assert answer["evaluation"]["mean_realised_cost"] == pytest.approx(cost.mean(), rel=1e-12)
    assert "mean_expected_cost" in answer
    assert answer["out"] == "actions.csv"
    assert "realised" in run(*words).stdout


def test_cells_come_out_as_they_went_in_but_for_formulas(run, model):
    Path("new.csv").write_text(
        'id,age,ward,visits,note,change\n007,50.10,east,,=HYPERLINK(1),-5\n010,4e1,west,3,"a, ""b""",+5\n'
    )
    run("decide", model, "new.csv", "--costs", COSTS, "--out", "actions.csv")
    lines = Path("actions.csv").read_text().splitlines()
    assert lines[0] == "id,age,ward,visits,note,change,risk,action,expected_cost"
    assert lines[1].startswith("007,50.10,east,,'=HYPERLINK(1),-5,0.")
    assert lines[2].startswith('010,4e1,west,3,"a, ""b""",+5,0.')


def test_typed_input_gives_typed_output(run, data, model, table):
    table.to_parquet("new.parquet")
    run("decide", model, "new.parquet", "--costs", COSTS, "--out", "actions.csv")
    run("decide", model, data, "--costs", COSTS, "--out", "actions.parquet")
    written = pd.read_parquet("actions.parquet")
    assert written["visits"].dtype == "Int64"
    # A whole number beside missing ones stays whole in text.
    assert pd.read_csv("actions.csv", dtype=str)["visits"].dropna().str.fullmatch(r"\d").all()


@pytest.mark.parametrize("out", ["actions.parquet", "actions.csv.gz", "actions.tsv"])
def test_the_ending_chooses_the_format(run, data, model, out):
    run("decide", model, data, "--costs", COSTS, "--out", "plain.csv")
    run("decide", model, data, "--costs", COSTS, "--out", out)
    plain = pd.read_csv("plain.csv")
    again = pd.read_parquet(out) if "parquet" in out else pd.read_csv(out, sep="\t" if "tsv" in out else ",")
    np.testing.assert_array_equal(again["risk"], plain["risk"])
    assert again["action"].tolist() == plain["action"].tolist()


def test_rows_without_outcomes_are_decided(run, data, model, table):
    table.drop(columns=["died", "person"]).to_csv("new.csv", index=False)
    run("decide", model, "new.csv", "--costs", "fp=1,fn=9", "--out", "actions.csv")
    assert set(pd.read_csv("actions.csv")["action"]) == {"negative", "positive"}


def test_the_event_is_that_of_the_model(run, data, table):
    table.assign(died=np.where(table["died"] == 1, "a dead", "b alive")).to_csv("text.csv", index=False)
    run("fit", "text.csv", "--target", "died", "--event", "a dead", "--drop", "person", "--out", "m")
    run("decide", "m", "text.csv", "--costs", COSTS, "--target", "died", "--out", "actions.csv")
    written = pd.read_csv("actions.csv")
    assert written.loc[table["died"] == 1, "risk"].mean() > written.loc[table["died"] == 0, "risk"].mean()


def test_costs_that_look_wrong_are_told_in_one_line(run, data, model):
    result = run("decide", model, data, "--costs", "fp=1,fn=-9", "--out", "actions.csv")
    assert result.stderr.startswith("warning: RD30")
    assert result.stderr.count("\n") == result.stderr.count("warning: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["model.riskdec", "data.csv", "--costs", COSTS, "--out", "no/a.csv"], "in a folder that exists"),
        (["model.riskdec", "data.csv", "--costs", COSTS, "--out", "a.xlsx"], "must end with .csv"),
        (["model.riskdec", "data.csv", "--costs", COSTS, "--out", "data.csv"], "must not be one of the files"),
        (["model.riskdec", "data.csv", "--costs", COSTS, "--out", "model.riskdec"], "must not be one of the files"),
        (["model.riskdec", "taken.csv", "--costs", COSTS, "--out", "a.csv"], "must not have a column named risk"),
        (["model.riskdec", "data.csv", "--costs", COSTS, "--target", "x", "--out", "a.csv"], "--target must name"),
    ],
)
def test_bad_input_is_one_line_and_code_two_and_nothing_is_written(run, data, model, table, words, message):
    table.assign(risk=1).to_csv("taken.csv", index=False)
    before = Path("data.csv").read_bytes()
    result = run("decide", *words, code=2)
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert not Path("a.csv").exists()
    assert Path("data.csv").read_bytes() == before


def test_costs_that_count_twice_are_told(run, run_json, data):
    run("fit", data, "--target", "died", "--drop", "person", "--weights", "natural", "--out", "weighted.riskdec")
    answer = run_json("decide", "weighted.riskdec", data, "--costs", COSTS, "--out", "actions.csv")
    assert "RD309" in {finding["code"] for finding in answer["findings"]}
    text = run("decide", "weighted.riskdec", data, "--costs", COSTS, "--out", "actions.csv").stdout
    assert "RD309 [issue] The model was fitted with class weights" in text


def test_a_target_of_many_values_is_refused_in_the_words_of_the_command_line(run, data, model):
    words = ["decide", model, data, "--costs", COSTS, "--target", "age", "--out", "actions.csv"]
    text = run(*words, code=2).stderr
    assert "the target 'age' must have two different values; got 243 different values" in text
    assert text.endswith("The model was trained on 0 and 1: name the column that holds them.\n")
    assert run("diagnose", model, data, "--target", "age", code=2).stderr == text
    assert not Path("actions.csv").exists()


def test_limits_are_those_of_python(run, data, model, table):
    run("decide", model, data, "--costs", COSTS, "--at-most", "defer=30", "--out", "actions.csv")
    decisions = riskdec.load(model).decide(table, KEYWORDS, capacity={"defer": 30})
    written = pd.read_csv("actions.csv")["action"]
    assert written.tolist() == list(decisions.action)
    assert (written == "defer").sum() == 30
    run("decide", model, data, "--costs", COSTS, "--at-most", "defer=0.05", "--out", "actions.csv")
    assert (pd.read_csv("actions.csv")["action"] == "defer").sum() == 20


def test_costs_by_row_come_from_columns(run, data, model, table):
    run("decide", model, data, "--costs", "fp=20,fn=0.5*age,defer=person", "--out", "actions.csv")
    costs = riskdec.CostMatrix.binary(
        false_positive=20, false_negative=0.5 * table["age"].to_numpy(), defer=table["person"].to_numpy(float)
    )
    wanted = riskdec.load(model).decide(table, costs, keep_cost=True)
    written = pd.read_csv("actions.csv")
    assert written["action"].tolist() == list(wanted.action)
    np.testing.assert_allclose(written["expected_cost"], wanted.expected_cost)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--costs", "fp=1,fn=agee"], "--costs must name a column; got 'agee'. Did you mean 'age'?"),
        (["--costs", "fp=1,fn=2*ward"], "the column 'ward' of --costs must hold a number in each row; got '"),
        (["--costs", "fp=1,fn=visits"], "the column 'visits' of --costs must hold a number in each row; got no value"),
        (["--costs", "fp=1,fn=x*age"], "must be a finite number, a column, or a number times a column; got 'x*age'"),
        (["--costs", COSTS, "--at-most", "defer"], "must be an action and a number, such as defer=200"),
        (
            ["--costs", COSTS, "--at-most", "defr=3"],
            "('negative', 'positive', 'defer'); got 'defr'. Did you mean 'defer'?",
        ),
        (["--risks-only", "--at-most", "defer=3"], "--at-most goes with --costs"),
        (["--costs", COSTS, "--groups", "person"], "--groups goes with --target"),
        (["--costs", COSTS, "--risks-only"], "one of --costs, --certificate and --risks-only must be given"),
        (["--certificate", "data.csv"], "data.csv must be a certificate that riskdec certify wrote"),
    ],
)
def test_what_does_not_go_together_is_explained(run, data, model, words, message):
    assert message in run("decide", model, data, *words, "--out", "actions.csv", code=2).stderr
    assert not Path("actions.csv").exists()


def test_what_decisions_cost_is_weighed(run_json, data, model):
    words = ["decide", model, data, "--costs", COSTS, "--target", "died", "--out", "actions.csv"]
    plain = run_json(*words)["evaluation"]
    weighed = run_json(*words, "--sample-weight", "person", "--groups", "person")["evaluation"]
    assert plain["mean_realised_cost"] != weighed["mean_realised_cost"]
