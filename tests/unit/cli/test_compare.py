"""`riskdec compare`: what weights do to the risks, from a file."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from riskdec import TabularRiskModel, compare_weighting


def test_the_answer_is_that_of_python_on_the_same_split(run, run_json, data, table):
    words = ["compare", data, "--target", "died", "--drop", "person", "--seed", "3", "--costs", "fp=1,fn=4"]
    answer = run_json(*words)
    rows = table.drop(columns=["died", "person"])
    split = train_test_split(rows, table["died"], test_size=0.4, random_state=3, stratify=table["died"])
    comparison = compare_weighting(
        TabularRiskModel(unseen="reference"),
        split[0],
        split[2].to_numpy(),
        schemes=("none", "natural"),
        costs={"false_positive": 1, "false_negative": 4},
        X_test=split[1],
        y_test=split[3].to_numpy(),
    )
    assert [row["brier"] for row in answer["rows"]] == [row["brier"] for row in comparison.to_dict()["rows"]]
    assert run(*words).stdout.splitlines()[0] == str(comparison.summary()).splitlines()[0]


def test_weights_raise_the_mean_risk_of_a_rare_event(run_json, data, table):
    table[(table["died"] == 0) | (np.arange(len(table)) % 3 == 0)].to_csv("rare.csv", index=False)
    rows = run_json("compare", "rare.csv", "--target", "died", "--drop", "person")["rows"]
    plain = next(row for row in rows if row["scheme"] == "none")
    weighted = next(row for row in rows if row["scheme"] == "natural" and row["repair"] == "raw")
    assert weighted["mean_risk"] > plain["mean_risk"] + 0.1


def test_the_share_held_out_is_the_test_size(run_json, data):
    assert run_json("compare", data, "--target", "died", "--test-size", "0.25")["n_test"] == 100


def test_a_level_of_the_held_out_part_alone_is_told_and_does_not_stop(run, data, table):
    rare = table.assign(ward=table["ward"].where(table.index != 5, "north"))
    rare.to_csv("rare.csv", index=False)
    texts = [run("compare", "rare.csv", "--target", "died", "--seed", seed).stderr for seed in range(8)]
    assert any("warning: RD106 values not seen in training" in text for text in texts)
    assert any("RD106" not in text for text in texts)


def test_html_is_written(run, data):
    result = run("compare", data, "--target", "died", "--html", "weights.html")
    assert result.stdout.endswith("The page is at weights.html.\n")
    assert Path("weights.html").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["data.csv", "--target", "dead"], 2, "Did you mean 'died'?"),
        (["data.csv", "--target", "died", "--html", "no/w.html"], 2, "in a folder that exists"),
        (["data.csv", "--target", "died", "--test-size", "1.5"], 2, "Invalid value for '--test-size'"),
        (
            ["data.csv", "--target", "died", "--test-size", "0.0001"],
            2,
            "error: --test-size must leave rows with each outcome",
        ),
        (["data.csv", "--target", "died", "--weights", "none"], 2, "Invalid value for '--weights'"),
        (["data.csv", "--target", "ward"], 2, "event must be given"),
    ],
)
def test_bad_input_ends_with_two(run, data, words, code, message):
    assert message in run("compare", *words, code=code).stderr
