"""The examples in the help of every command run as they are written."""

import re
import shlex
from pathlib import Path

import click
import numpy as np
import pytest

from riskdec.cli import main

# Scanning images needs a network: test_detect.py runs that line's options.
NAMES = [name for name in main.list_commands(click.Context(main)) if name != "detect"]


def lines_of(name):
    """Give the command lines in the epilog, continued lines joined."""
    command = main.get_command(click.Context(main), name)
    text = re.sub(r"\\\n\s*", "", command.epilog)
    return [shlex.split(line)[1:] for line in text.splitlines() if line.strip().startswith("riskdec ")]


@pytest.fixture
def clinic(run, folder, table, later):
    """The files that the examples name."""
    for rows, name in ((table, "patients"), (later, "later"), (later, "calibration"), (later, "new")):
        score = np.round(1 / (1 + np.exp((60 - rows["age"]) / 9)), 4)
        more = rows.rename(columns={"person": "id"}).assign(apache_risk=score, amount=10 * rows["age"])
        more.to_csv(f"{name}.csv", index=False)
    Path("answers.toml").write_text('purpose = "To test."\n')
    run("fit", "patients.csv", "--target", "died", "--drop", "id", "--out", "model.riskdec")


def test_every_command_has_an_example():
    assert all(lines_of(name) for name in [*NAMES, "detect"])


@pytest.mark.parametrize("name", NAMES)
def test_examples_run_as_written(run, folder, clinic, name):
    for words in lines_of(name):
        assert run(*words).stdout
        written = [words[place + 1] for place, word in enumerate(words) if word in {"--out", "--html", "--plot"}]
        assert all(Path(file).stat().st_size for file in written)


def test_the_first_help_shows_a_path_that_runs(run, clinic):
    text = re.sub(r"\\\n\s*", "", main.help)
    for line in text.splitlines():
        if line.strip().startswith("riskdec "):
            run(*shlex.split(line)[1:])


@pytest.mark.parametrize("name", NAMES)
def test_json_is_one_document_and_nothing_else(run_json, folder, clinic, name):
    assert isinstance(run_json(*lines_of(name)[0]), dict)
