"""What the tests of the command line share: a table, a model made from it, and a way to call commands."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from riskdec.cli import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that is the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run():
    """Call a command; give its exit code, what it printed, and what it complained about."""

    def call(*arguments, code=0):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        problem = result.exception
        assert problem is None or isinstance(problem, SystemExit), problem
        assert result.exit_code == code, result.stderr
        assert "Traceback" not in result.output
        return result

    return call


@pytest.fixture
def run_json(run):
    """Call a command with --json and give the object that it printed."""

    def call(*arguments, code=0):
        return json.loads(run(*arguments, "--json", code=code).stdout)

    return call


def simulate(rng):
    """Draw a mixed table with an outcome from a known logistic model."""
    n = 400
    age = np.round(rng.normal(50, 10, n), 1)
    ward = rng.choice(["east", "west"], n)
    risk = 1 / (1 + np.exp(-((age - 55) / 8 + 0.5 * (ward == "west"))))
    visits = pd.array(rng.integers(0, 9, n), dtype="Int64")
    visits[::11] = pd.NA
    person = np.arange(n) // 4
    died = (rng.random(n) < risk).astype(int)
    return pd.DataFrame({"age": age, "ward": ward, "visits": visits, "person": person, "died": died})


@pytest.fixture
def table():
    """Rows to fit on."""
    return simulate(np.random.default_rng(1))


@pytest.fixture
def later():
    """Other rows of the same kind; a draw on which the risks of the model hold (its slope is 0.7 to 0.8 on most)."""
    return simulate(np.random.default_rng(6))


@pytest.fixture
def data(folder, table):
    """The table as a CSV file in the working folder."""
    table.to_csv(folder / "data.csv", index=False)
    return "data.csv"


@pytest.fixture
def model(run, data):
    """A model file made from the table."""
    run("fit", data, "--target", "died", "--drop", "person", "--out", "model.riskdec")
    return "model.riskdec"
