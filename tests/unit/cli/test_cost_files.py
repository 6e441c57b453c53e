"""Costs from files: named outcomes and actions, and refusals that show how to write them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import riskdec as rd
from riskdec.cli.cost_files import read_cost_file
from riskdec.errors import InputError

TOML = 'actions = ["leave", "treat", "ask"]\ndefer = ["ask"]\n[costs]\nwell = [0, 1, 0.3]\nill = [4, 0, 0.3]\n'
CSV = "outcome,leave,treat,defer\nwell,0,1,0.3\nill,4,0,0.3\n"


@pytest.mark.parametrize(("name", "text", "third"), [("costs.toml", TOML, "ask"), ("costs.csv", CSV, "defer")])
def test_both_forms_give_the_named_matrix(folder, name, text, third):
    Path(name).write_text(text)
    costs = read_cost_file(Path(name))
    assert costs.outcomes == ("well", "ill")
    assert costs.actions == ("leave", "treat", third)
    assert costs.deferring == (third,)
    np.testing.assert_array_equal(costs.costs, [[0, 1, 0.3], [4, 0, 0.3]])


def test_commands_take_them_in_place_of_pairs(run, data, model):
    Path("costs.toml").write_text(TOML)
    run("decide", model, data, "--costs", "costs.toml", "--out", "actions.csv")
    named = pd.read_csv("actions.csv")
    assert set(named["action"]) == {"leave", "treat", "ask"}
    run("decide", model, data, "--costs", "fp=1,fn=4,defer=0.3", "--out", "plain.csv")
    plain = pd.read_csv("plain.csv")["action"]
    assert named["action"].tolist() == plain.map({"negative": "leave", "positive": "treat", "defer": "ask"}).tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("actions = [", "must be a TOML file"),
        ('actions = ["a", "b"]\n', "must hold actions, costs and at most defer; got actions"),
        ('actions = ["a", "b"]\nfee = 1\n[costs]\nx = [0, 1]\n', "got actions, fee, costs"),
        ('actions = ["a", "b"]\n[costs]\nx = [0, 1]\ny = [1]\n', "costs of 'y' .* one number for each of 2 actions"),
        (
            'actions = ["a", "b"]\n[costs]\nx = [0, "one"]\ny = [1, 0]\n',
            "the cost of 'b' under 'x' in costs.toml must be a finite number; got 'one'",
        ),
    ],
)
def test_what_is_no_cost_file_is_refused(folder, text, message):
    Path("costs.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        read_cost_file(Path("costs.toml"))


def test_a_missing_file_is_named(run, data, model):
    result = run("decide", model, data, "--costs", "nowhere.toml", "--out", "a.csv", code=2)
    assert "nowhere.toml must exist" in result.stderr
    assert rd.CostMatrix is not None


@pytest.mark.parametrize(
    "text",
    [
        "outcome,leave,treat,defer\nwell,0,1,0.3\nill,4,0,0.3\n",
        "action,well,ill\nleave,0,4\ntreat,1,0\ndefer,0.3,0.3\n",
        "Actions;well;ill\nleave;0;4\ntreat;1;0\ndefer;0,3;0,3\n",
    ],
)
def test_either_orientation_is_read_as_its_first_cell_says(folder, text):
    Path("costs.csv").write_text(text)
    costs = read_cost_file(Path("costs.csv"))
    assert (costs.outcomes, costs.actions) == (("well", "ill"), ("leave", "treat", "defer"))
    np.testing.assert_array_equal(costs.costs, [[0, 1, 0.3], [4, 0, 0.3]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",leave,treat\nwell,0,1\nill,4,0\n", "say in the first cell .* outcome or action; got ''"),
        ("outcome,leave,treat\nwell,0,x\nill,4,0\n", "'treat' under 'well' in costs.csv .* got 'x'"),
        ("outcome,leave,treat\nwell,0,\nill,4,0\n", "'treat' under 'well' in costs.csv .* got none"),
        ("outcome,leave,treat\nwell,0,1\nwell,4,0\n", "name each outcome once; got 'well' twice"),
    ],
)
def test_tables_that_do_not_say_what_they_mean_are_refused(folder, text, message):
    Path("costs.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_cost_file(Path("costs.csv"))
