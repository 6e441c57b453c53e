"""`riskdec diagnose`: what `riskdec.diagnose` says, from files."""

import json
from pathlib import Path

import pytest

import riskdec
from riskdec.cli.shell_words import in_shell_table


@pytest.fixture
def report(table, model):
    return riskdec.load(model).diagnose(table, table["died"], rng=0)


def test_the_answer_is_that_of_python(run, run_json, data, model, report):
    answer = run_json("diagnose", model, data, "--target", "died")
    assert answer["apparent"]  # the model was fitted on this very file
    assert {**report.to_dict(), "html": None} == answer
    result = run("diagnose", model, data, "--target", "died")
    assert result.stdout == f"{in_shell_table(report.summary())}\n"


def test_the_seed_gives_the_same_answer_again(run, data, model):
    texts = {run("diagnose", model, data, "--target", "died", "--seed", "7").stdout for _ in range(2)}
    assert len(texts) == 1


def test_costs_and_groups_reach_the_report(run_json, data, model):
    plain = run_json("diagnose", model, data, "--target", "died")
    answer = run_json(
        "diagnose", model, data, "--target", "died", "--costs", "fp=1,fn=4,defer=0.3", "--groups", "person"
    )
    assert answer != plain
    assert answer["decision"] is not None


def test_html_is_written_and_named(run, run_json, data, model):
    result = run("diagnose", model, data, "--target", "died", "--html", "report.html")
    assert result.stdout.endswith("The page is at report.html.\n")
    assert Path("report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert run_json("diagnose", model, data, "--target", "died", "--html", "report.html")["html"] == "report.html"


def test_check_ends_with_one_for_an_issue_only(run, model, table, later):
    later.to_csv("later.csv", index=False)
    run("diagnose", model, "later.csv", "--target", "died", "--check")
    table.assign(died=0).assign(died=lambda t: (t.index % 50 == 0) * 1).to_csv("rare.csv", index=False)
    run("diagnose", model, "rare.csv", "--target", "died")
    result = run("diagnose", model, "rare.csv", "--target", "died", "--check", "--json", code=1)
    assert "issue" in {finding["severity"] for finding in json.loads(result.stdout)["findings"]}


def test_models_saved_from_python_on_numbers_are_diagnosed_too(run, data, table):
    numbers = table[["age", "person"]]
    riskdec.LogisticRiskModel().fit(numbers, table["died"]).save("plain.riskdec")
    run("diagnose", "plain.riskdec", data, "--target", "died")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["model.risk", "data.csv", "--target", "died"], "Did you mean 'model.riskdec'?"),
        (["data.csv", "data.csv", "--target", "died"], "must be a riskdec model file; got"),
        (["model.riskdec", "data.csv", "--target", "dead"], "Did you mean 'died'?"),
        (["model.riskdec", "data.csv", "--target", "died", "--groups", "x"], "--groups must name a column"),
        (["model.riskdec", "data.csv", "--target", "died", "--html", "no/r.html"], "in a folder that exists"),
        (["model.riskdec", "data.csv", "--target", "died", "--html", "r.pdf"], "must end with .html or .htm"),
        (["model.riskdec", "less.csv", "--target", "died"], "got none named 'age' (1 of 3 missing). Did you mean"),
        (
            ["model.riskdec", "more.csv", "--target", "died"],
            "must hold numbers, as in training; got 'old' in row 2",
        ),
    ],
)
def test_bad_input_is_one_line_and_code_two(run, data, model, table, words, message):
    table.rename(columns={"age": "Age"}).to_csv("less.csv", index=False)
    table.assign(age="old").to_csv("more.csv", index=False)
    result = run("diagnose", *words, code=2)
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_wrong_costs_show_the_grammar(run, data, model):
    result = run("diagnose", model, data, "--target", "died", "--costs", "fp=1", code=2)
    assert "for example fp=1,fn=15,defer=0.6" in result.stderr


def test_groups_of_a_column_are_diagnosed_one_by_one(run_json, model, later):
    later.to_csv("later.csv", index=False)
    answer = run_json("diagnose", model, "later.csv", "--target", "died", "--by", "ward", "--html", "report.html")
    wanted = riskdec.diagnose_subgroups(
        later["died"], riskdec.load(model).predict_risk(later), by={"ward": later["ward"]}, rng=0
    )
    assert answer["subgroups"] == wanted.to_dict()
    assert "ward: east" in Path("report.html").read_text("utf-8")
