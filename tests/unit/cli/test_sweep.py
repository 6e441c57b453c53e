"""`riskdec sweep`: a sweep of weight ratios, from a file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskdec import TabularRiskModel, sweep_weights
from riskdec.cli.shell_words import in_shell_table


def test_the_answer_is_that_of_python_on_the_same_split(run, run_json, data, table):
    words = ["sweep", data, "--target", "died", "--drop", "person", "--seed", "3", "--costs", "fp=1,fn=4"]
    answer = run_json(*words)
    found = sweep_weights(
        TabularRiskModel(event=1, shape="linear", penalty=None),
        table.drop(columns=["died", "person"]),
        table["died"].to_numpy(),
        costs={"false_positive": 1, "false_negative": 4},
        rng=3,
    )
    assert answer["recall"] == found.to_dict()["recall"]
    assert answer["cost"] == pytest.approx(found.cost.tolist())
    assert run(*words).stdout.splitlines()[0] == str(in_shell_table(found.summary())).splitlines()[0]


def test_all_figures_are_written(run, data):
    result = run("sweep", data, "--target", "died", "--out", "sweep.csv")
    assert result.stdout.endswith("The figures are at sweep.csv.\n")
    written = pd.read_csv("sweep.csv")
    assert len(written) == 41
    assert (np.diff(written["weight_ratio"]) > 0).all()


def test_a_page_is_written(run, data):
    result = run("sweep", data, "--target", "died", "--html", "sweep.html", "--costs", "fp=1,fn=4")
    assert result.stdout.endswith("The page is at sweep.html.\n")
    page = Path("sweep.html").read_text(encoding="utf-8")
    assert "Weights from none to far too many" in page
    assert "data:image/svg+xml" in page


def test_groups_stay_whole_and_are_no_predictors(run_json, data):
    answer = run_json("sweep", data, "--target", "died", "--groups", "person")
    assert answer["n_groups_test"] == answer["n_test"] / 4  # four rows each
    assert not any(term.startswith("person") for term in answer["terms"])


def test_the_target_weights_nothing_and_unknown_columns_are_named(run, data):
    assert "another column than the target" in run("sweep", data, "--target", "died", "--drop", "died", code=2).stderr
    assert "must name a column" in run("sweep", data, "--target", "dead", code=2).stderr
    assert "must end with" in run("sweep", data, "--target", "died", "--out", "sweep.png", code=2).stderr


def test_weights_of_rows_reach_the_answer(run_json, data):
    words = ["sweep", data, "--target", "died"]
    plain = run_json(*words, "--drop", "person")
    weighed = run_json(*words, "--sample-weight", "person")
    assert plain != weighed
    assert weighed["n_test"] > plain["n_test"]  # weights count equal rows


def test_rows_of_another_file_judge_and_all_others_are_fitted_on(run_json, run, data, table, later):
    later.to_csv("later.csv", index=False)
    words = ["sweep", data, "--target", "died", "--drop", "person", "--test", "later.csv"]
    answer = run_json(*words)
    found = sweep_weights(
        TabularRiskModel(event=1, shape="linear", penalty=None),
        table.drop(columns=["died", "person"]),
        table["died"].to_numpy(),
        X_test=later.drop(columns=["died", "person"]),
        y_test=later["died"].to_numpy(),
        rng=0,
    )
    assert (answer["n_train"], answer["n_test"]) == (len(table), len(later))
    assert answer["recall"] == found.to_dict()["recall"]
    problem = run(*words, "--out", "later.csv", code=2).stderr
    assert "later.csv" in problem  # never written over
    assert len(pd.read_csv("later.csv")) == len(later)
