"""`riskdec compare`: what weights do to the risks, from a file."""

from pathlib import Path

import numpy as np
import pytest

from riskdec import TabularRiskModel, compare_weighting
from riskdec.cli.shell_words import in_shell_table
from riskdec.weighting.split import choose_training_rows


def test_the_answer_is_that_of_python_on_the_same_split(run, run_json, data, table):
    words = ["compare", data, "--target", "died", "--drop", "person", "--seed", "3", "--costs", "fp=1,fn=4"]
    answer = run_json(*words)
    rows = table.drop(columns=["died", "person"])
    keep = choose_training_rows(table["died"].to_numpy() == 1, None, np.random.default_rng(3))
    comparison = compare_weighting(
        TabularRiskModel(event=1, shape="linear", penalty=None),
        rows[keep],
        table["died"].to_numpy()[keep],
        schemes=("none", "natural"),
        costs={"false_positive": 1, "false_negative": 4},
        X_test=rows[~keep],
        y_test=table["died"].to_numpy()[~keep],
        rng=3,
    )
    assert [row["brier"] for row in answer["rows"]] == [row["brier"] for row in comparison.to_dict()["rows"]]
    assert run(*words).stdout.splitlines()[0] == str(in_shell_table(comparison.summary())).splitlines()[0]


def test_weights_raise_the_mean_risk_of_a_rare_event(run_json, data, table):
    table[(table["died"] == 0) | (np.arange(len(table)) % 3 == 0)].to_csv("rare.csv", index=False)
    rows = run_json("compare", "rare.csv", "--target", "died", "--drop", "person")["rows"]
    plain = next(row for row in rows if row["scheme"] == "none")
    weighted = next(row for row in rows if row["scheme"] == "natural" and row["repair"] == "raw")
    assert weighted["mean_risk"] > plain["mean_risk"] + 0.1


def test_several_ways_to_reweight_are_compared_at_once(run_json, data):
    answer = run_json("compare", data, "--target", "died", "--weights", "natural", "--weights", "undersample")
    assert list(dict.fromkeys(row["scheme"] for row in answer["rows"])) == ["none", "natural", "undersample"]


def test_splines_are_the_model_that_fit_makes(run_json, data):
    answer = run_json("compare", data, "--target", "died", "--drop", "person", "--shape", "splines")
    assert answer["estimator"] == "TabularRiskModel(event=1)"
    assert answer["shape_tests"] == []


def test_groups_stay_whole_and_are_no_predictors(run_json, data, table):
    answer = run_json("compare", data, "--target", "died", "--groups", "person", "--test-size", "0.3")
    assert answer["n_groups_test"] == answer["n_test"] / 4  # four rows each
    assert answer["n_train"] + answer["n_test"] == len(table)
    assert answer["n_test"] == pytest.approx(0.3 * len(table), abs=8)
    without = run_json("compare", data, "--target", "died", "--drop", "person", "--test-size", "0.3")
    assert without["n_groups_test"] is None


def test_a_warning_about_the_data_is_given_once(run, data, table):
    table.assign(twin=table["died"]).to_csv("separated.csv", index=False)
    text = run("compare", "separated.csv", "--target", "died", "--drop", "person").stderr
    lines = text.splitlines()
    assert len(lines) == len(set(lines))


def test_the_share_held_out_is_the_test_size(run_json, data):
    assert run_json("compare", data, "--target", "died", "--test-size", "0.25")["n_test"] == pytest.approx(100, abs=1)


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
        (["data.csv", "--target", "ward"], 2, "error: --event must be given when the values of 'ward'"),
        (["data.csv", "--target", "age"], 2, "got 243 different values"),
        (["data.csv", "--target", "died", "--drop", "died"], 2, "--drop must name another column than the target"),
        (["data.csv", "--target", "died", "--groups", "died"], 2, "--groups must name another column than the target"),
    ],
)
def test_bad_input_ends_with_two(run, data, words, code, message):
    assert message in run("compare", *words, code=code).stderr


def test_weights_of_rows_reach_the_answer(run_json, data):
    words = ["compare", data, "--target", "died"]
    plain = run_json(*words, "--drop", "person")
    weighed = run_json(*words, "--sample-weight", "person")
    assert plain != weighed


def test_rows_of_another_file_judge_and_all_others_are_fitted_on(run, run_json, data, table, later):
    later[later.columns[::-1]].to_csv("later.csv", index=False)
    words = ["compare", data, "--target", "died", "--drop", "person", "--test", "later.csv", "--seed", "3"]
    answer = run_json(*words)
    comparison = compare_weighting(
        TabularRiskModel(event=1, shape="linear", penalty=None),
        table.drop(columns=["died", "person"]),
        table["died"].to_numpy(),
        X_test=later.drop(columns=["died", "person"]),
        y_test=later["died"].to_numpy(),
        rng=3,
    )
    assert (answer["n_train"], answer["n_test"]) == (len(table), len(later))
    assert [row["brier"] for row in answer["rows"]] == [row["brier"] for row in comparison.to_dict()["rows"]]
    assert "--test" in run(*words, "--test-size", "0.3", code=2).stderr


def test_groups_and_weights_are_read_from_both_files(run_json, data, later):
    later.assign(times=1 + later["person"] % 2).to_csv("later.csv", index=False)
    words = ["compare", "later.csv", "--target", "died", "--test", "later.csv", "--groups", "person"]
    answer = run_json(*words, "--sample-weight", "times")
    assert answer["n_groups_test"] == len(later) / 4  # four rows each
    assert answer["n_test"] == answer["n_train"] == (1 + later["person"] % 2).sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="ward"), "later.csv: the data must have the columns of training; got none"),
        (lambda rows: rows.assign(died=rows["died"] + 1), "later.csv: the target 'died' must hold the values that it"),
        (lambda rows: rows.assign(died=0), "later.csv: the target 'died' must hold events and non-events; got 0 rows"),
        (lambda rows: rows.assign(person=1), "later.csv: the column 'person' of --groups must hold at least two"),
        (
            lambda rows: rows.assign(age=rows["age"].astype(str).where(rows.index != 7, "old")),
            "later.csv: the column 'age' must hold numbers, as in training; got 'old' in row 9 (1 of 400 rows)",
        ),
        (lambda rows: rows[:0], "error: later.csv must hold at least one row"),
    ],
)
def test_what_is_wrong_with_the_rows_that_judge_names_their_file(run, data, later, change, message):
    change(later).to_csv("later.csv", index=False)
    words = ["compare", data, "--target", "died", "--groups", "person", "--test", "later.csv"]
    assert message in run(*words, code=2).stderr


def test_progress_of_the_fits_is_shown_on_a_terminal_alone(run, data, monkeypatch):
    shown = []

    def follow(items, *, label, total, are_fits=False):
        shown.append((label, total))
        return iter(items)

    monkeypatch.setattr("riskdec.weighting.comparison.fits.progress", follow)
    assert "fits of the comparison" not in run("compare", data, "--target", "died", "--weights", "3").stderr
    assert shown == [("fits of the comparison", 2)]
