"""`riskdec fit`: the model that Python would fit, from a file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import riskdec
from riskdec import TabularRiskModel, load


def test_the_model_is_the_one_that_python_fits(run, data, table):
    result = run("fit", data, "--target", "died", "--drop", "person", "--out", "m.riskdec")
    ours = load("m.riskdec")
    theirs = TabularRiskModel(event=1).fit(table.drop(columns=["died", "person"]), table["died"])
    np.testing.assert_array_equal(ours.predict_risk(table), theirs.predict_risk(table))
    assert {"age", "age'", "ward[east]", "ward[west]", "visits", "visits[missing]"} <= set(ours.encoding_.names)
    assert result.stdout.startswith("Logistic regression shrunken by ridge")
    assert "The risk is that of died = 1. Saved to m.riskdec." in result.stdout
    assert result.stderr == ""


def test_json_holds_the_coefficients_and_nothing_else_is_printed(run_json, data):
    plain = ("--penalty", "none", "--shape", "linear")
    answer = run_json("fit", data, "--target", "died", "--drop", "person", "--out", "m.riskdec", *plain)
    assert load("m.riskdec").encoding_.names == ("age", "ward[west]", "visits", "visits[missing]")
    model = load("m.riskdec").model_
    assert answer["model"] == "m.riskdec"
    assert answer["event"] == 1
    assert answer["predictors"] == ["age", "ward", "visits"]
    assert [row["coef"] for row in answer["coefficients"]] == model.params.tolist()
    assert [row["std_err"] for row in answer["coefficients"]] == model.bse.tolist()


def test_parquet_gives_the_same_model_as_csv(run, data, table):
    table.to_parquet("data.parquet")
    for name in (data, "data.parquet"):
        run("fit", name, "--target", "died", "--out", f"{name}.riskdec")
    risks = [load(f"{name}.riskdec").predict_risk(table) for name in (data, "data.parquet")]
    np.testing.assert_array_equal(*risks)


def test_groups_and_weights_are_used_and_are_no_predictors(run_json, data, table):
    table.assign(count=np.arange(len(table)) % 3).to_csv("w.csv", index=False)
    answer = run_json(
        "fit", "w.csv", "--target", "died", "--groups", "person", "--sample-weight", "count", "--out", "m"
    )
    assert answer["predictors"] == ["age", "ward", "visits"]
    assert answer["n"] == (np.arange(len(table)) % 3).sum()
    assert (answer["covariance_kind"], answer["n_groups"]) == ("cluster", 100)


@pytest.mark.parametrize("weights", ["natural", "balanced"])
def test_class_weights_are_told(run, run_json, data, weights):
    plain = run_json("fit", data, "--target", "died", "--drop", "person", "--out", "m")
    answer = run_json("fit", data, "--target", "died", "--drop", "person", "--weights", weights, "--out", "m")
    assert (plain["covariance_kind"], answer["covariance_kind"]) == ("posterior", "robust")
    text = run("fit", data, "--target", "died", "--weights", weights, "--out", "m").stdout
    assert "these are not risks" in text


def test_importance_weights_are_asked_for_by_name(run_json, data, table):
    table.assign(importance=np.linspace(0.5, 2, len(table))).to_csv("w.csv", index=False)
    words = ["fit", "w.csv", "--target", "died", "--sample-weight", "importance", "--out", "m"]
    assert run_json(*words, "--weight-kind", "importance")["covariance_kind"] == "robust"


def test_warnings_are_one_line_on_standard_error(run, data, table):
    table.assign(twin=table["died"]).to_csv("separated.csv", index=False)
    result = run("fit", "separated.csv", "--target", "died", "--penalty", "none", "--out", "m")
    assert result.stderr.startswith("warning: RD101 separated data: ")
    assert result.stderr.count("\n") == 1


def test_text_outcomes_need_the_event(run, data, table):
    table.assign(died=np.where(table["died"] == 1, "yes", "no")).to_csv("text.csv", index=False)
    result = run("fit", "text.csv", "--target", "died", "--out", "m", code=2)
    assert result.stderr.startswith("error: --event must be given when the values of 'died' are not 0/1")
    run("fit", "text.csv", "--target", "died", "--event", "yes", "--out", "m")
    assert load("m").event == "yes"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data.csv", "--target", "dead", "--out", "m"], "Did you mean 'died'?"),
        (["data.csv", "--target", "died", "--event", "2", "--out", "m"], "--event must be one of the values"),
        (["data.csv", "--target", "died", "--drop", "persn", "--out", "m"], "--drop must name a column"),
        (["data.csv", "--target", "died", "--groups", "persons", "--out", "m"], "--groups must name a column"),
        (["data.csv", "--target", "died", "--sample-weight", "w", "--out", "m"], "--sample-weight must name a col"),
        (
            ["data.csv", "--target", "age", "--out", "m"],
            "must have two different values; got 243 different values (22.9",
        ),
        (["data.csv", "--target", "age", "--event", "50", "--out", "m"], "name its value with --event"),
        (["data.csv", "--target", "died", "--drop", "died", "--out", "m"], "--drop must name another column than the"),
        (["data.csv", "--target", "died", "--groups", "died", "--out", "m"], "--groups must name another column"),
        (
            ["data.csv", "--target", "died", "--sample-weight", "died", "--out", "m"],
            "--sample-weight must name another",
        ),
        (["data.csv", "--target", "visits", "--out", "m"], "the target 'visits' must have a value in each row"),
        (["dat.csv", "--target", "died", "--out", "m"], "Did you mean 'data.csv'?"),
        (["data.csv", "--target", "died", "--out", "no/m"], "must lie in a folder that exists"),
        (["data.csv", "--target", "died", "--out", "data.csv"], "must not be one of the files that are read"),
        (["data.csv", "--target", "died", "--out", "."], "must be a file to write; got a folder"),
    ],
)
def test_bad_input_is_one_line_and_code_two_and_nothing_is_written(run, data, folder, words, message):
    result = run("fit", *words, code=2)
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert [path.name for path in folder.iterdir()] == ["data.csv"]


def test_one_outcome_only_is_refused(run, data, table):
    table[table["died"] == 1].to_csv("ones.csv", index=False)
    result = run("fit", "ones.csv", "--target", "died", "--out", "m", code=2)
    assert result.stderr.startswith("error: the target must hold two classes")


def test_dates_in_parquet_are_refused_by_name(run, data, table):
    table.assign(day=pd.Timestamp("2020-01-01")).to_parquet("dated.parquet")
    result = run("fit", "dated.parquet", "--target", "died", "--out", "m", code=2)
    assert "column 'day' must hold numbers" in result.stderr
    run("fit", "dated.parquet", "--target", "died", "--drop", "day", "--out", "m")


def test_a_formula_is_that_of_python(run, data, table):
    run("fit", data, "--target", "died", "--formula", "rcs(age, 3) + ward + visits", "--out", "f.riskdec")
    run("fit", data, "--target", "died", "--formula", "died ~ rcs(age, 3) + ward + visits", "--out", "g.riskdec")
    wanted = riskdec.LogisticRiskModel.from_formula("died ~ rcs(age, 3) + ward + visits", table, missing="drop")
    for name in ("f.riskdec", "g.riskdec"):
        np.testing.assert_allclose(riskdec.load(name).fit_result_.coef, wanted.fit_result_.coef, rtol=1e-12)
    run("diagnose", "f.riskdec", data, "--target", "died")


def test_validation_is_that_of_python(run_json, data, table):
    words = ["fit", data, "--target", "died", "--drop", "person", "--penalty", "none", "--shape", "linear"]
    answer = run_json(*words, "--validate", "3", "--seed", "5", "--out", "m.riskdec")
    model = riskdec.TabularRiskModel(event=1, penalty=None, shape="linear")
    rows = table[["age", "ward", "visits"]]
    wanted = riskdec.validate_by_bootstrap(model, rows, table["died"], n_resamples=3, event=1, rng=5)
    assert answer["validation"]["indices"] == wanted.to_dict()["indices"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--formula", "age", "--shape", "linear"], "--shape has no meaning with --formula"),
        (["--formula", "ward ~ age"], "--formula must be about the target 'died'"),
        (["--risk", "age", "--validate", "3"], "--validate has no meaning with --risk"),
        (["--method", "beta"], "--method goes with --risk"),
        (["--risk", "visits"], "of --risk must hold risks from 0 to 1"),
        (["--sample-weight", "visits"], "of --sample-weight must hold numbers of 0 or more in each row; got no value"),
        (["--out", "model.csv"], "model.csv must end with .riskdec"),
    ],
)
def test_what_does_not_go_together_is_explained(run, data, words, message):
    assert message in run("fit", data, "--target", "died", "--out", "m.riskdec", *words, code=2).stderr
    assert not Path("m.riskdec").exists()
