"""Messages of the library in the words of the shell."""

import re

import numpy as np
import pytest

from riskdec._base.table import Table
from riskdec.cli.shell_words import in_shell_table, in_shell_words

# Words that only somebody who writes Python knows.
_PYTHON = re.compile(r"\.frame\(\)|\.to_html|penalty=None|on_separation=|weight_kind=|costs=\{|\(costs=|^error: y must")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("y_true must hold events and non-events", "the target must hold events and non-events"),
        ("by['ward'] must have at most 50 subgroups", "the column 'ward' of --by must have at most 50 subgroups"),
        ("groups must hold two. Leave groups out.", "--groups must hold two. Leave --groups out."),
        (
            "sample_weight is not whole, but weight_kind='frequency'",
            "--sample-weight is not whole, but --weight-kind fr",
        ),
        ("multiply must be positive", "multiply must be positive"),
        ("the column 'y must' must hold numbers", "the column 'y must' must hold numbers"),
    ],
)
def test_arguments_become_options_and_nothing_else_changes(said, shown):
    assert in_shell_words(said).startswith(shown)


def test_all_parts_of_a_table_but_its_cells_are_said_in_shell_words():
    below = Table(notes=("Fit with penalty=None.",))
    table = Table(title="of TabularRiskModel(event=1)", rows=(("penalty=None", "1"),), sections=(below,))
    shown = in_shell_table(table)
    assert shown.rows == table.rows
    assert (shown.title, shown.sections[0].notes) == ("of the model of riskdec fit", ("Fit with --penalty none.",))


def test_what_commands_print_needs_no_python(run, data, table, later):
    later.to_csv("later.csv", index=False)
    table.assign(twin=table["died"]).to_csv("separated.csv", index=False)
    table.assign(half=0.5).to_csv("half.csv", index=False)
    table.assign(died=1).to_csv("one.csv", index=False)
    lines = [
        ["fit", data, "--target", "died", "--out", "model.riskdec"],
        ["fit", "separated.csv", "--target", "died", "--penalty", "none", "--out", "separated.riskdec"],
        ["fit", "half.csv", "--target", "died", "--sample-weight", "half", "--out", "half.riskdec"],
        ["diagnose", "model.riskdec", data, "--target", "died", "--costs", "fp=1,fn=3"],
        ["compare", "separated.csv", "--target", "died"],
        ["sweep", data, "--target", "died"],
        ["decide", "model.riskdec", "later.csv", "--costs", "fp=1,fn=99999", "--out", "actions.csv"],
    ]
    for words in lines:
        result = run(*words)
        assert not _PYTHON.search(result.stdout + result.stderr), words
    problem = run("fit", "one.csv", "--target", "died", "--out", "one.riskdec", code=2).stderr
    assert problem.startswith("error: the target must hold two classes")


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (
            lambda rows: rows.assign(age=rows["age"].where(rows.index != 4, np.inf)),
            [],
            "the column 'age' must hold finite numbers; got inf in row 6 (1 of 400 rows)",
        ),
        (
            lambda rows: rows.assign(times=np.where(rows.index == 3, 0.5, 2.0)),
            ["--sample-weight", "times"],
            "the column 'times' of --sample-weight must hold whole numbers; got 0.5 in row 5 (1 of 400 rows)",
        ),
    ],
)
@pytest.mark.parametrize("command", ["compare", "sweep", "diagnose"])
def test_a_number_that_does_not_do_is_named_by_its_row_in_the_file(
    run, model, table, command, change, options, message
):
    change(table).to_csv("bad.csv", index=False)
    words = [model] if command == "diagnose" else []
    assert message in run(command, *words, "bad.csv", "--target", "died", *options, code=2).stderr
