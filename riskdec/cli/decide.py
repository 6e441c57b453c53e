"""`riskdec decide`: from new rows and costs to actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from riskdec.cli.options import FILE, costs_option, json_option
from riskdec.cli.output import check_output, show, write_table
from riskdec.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_ADDED = ("risk", "action", "expected_cost")


_EXAMPLE = """\b
Example: a miss costs 15 times a false alarm, a second opinion 0.6 of one
  riskdec decide model.riskdec new.csv --costs fp=1,fn=15,defer=0.6 --out actions.csv
"""


@click.command(short_help="From new rows and costs to actions.", epilog=_EXAMPLE)
@click.argument("model", type=FILE)
@click.argument("new", type=FILE)
@costs_option(
    required=True,
    help="fp: acting for nothing; fn: missing an event; defer: handing the case on. Only ratios matter.",
)
@click.option("--target", metavar="COLUMN", help="If the outcomes are known: what the decisions cost.")
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the decisions.")
@json_option
def decide(model: Path, new: Path, costs: dict[str, float], target: str | None, out: Path, as_json: bool) -> None:
    """Choose for each row of NEW the action with the least expected cost under MODEL.

    The file written holds the columns of NEW and three more: risk, action, expected_cost. With defer in the
    costs there is a gray zone, in which deciding costs more than handing the case on.
    """
    from riskdec._base.checks import choose_event
    from riskdec.cli.tables import (
        ENDINGS,
        TEXT_ENDINGS,
        check_input,
        check_outcomes,
        features_for,
        read_as_written,
        read_table,
        take_target,
    )
    from riskdec.decisions import evaluate_decisions
    from riskdec.persistence import load

    check_output(out, endings=ENDINGS, inputs=(model, new))
    check_input(model)
    fitted = load(model)
    frame = read_table(new)
    taken = [name for name in _ADDED if name in frame.columns]
    if taken:
        message = f"{new} must not have a column named {' or '.join(taken)}. Rename it: the result is called so."
        raise InputError(message)
    outcome = None if target is None else take_target(frame, target)
    if target is not None and outcome is not None:
        check_outcomes(fitted, outcome, target=target)
    decisions = fitted.decide(features_for(fitted, frame), costs, keep_cost=True)
    added = {"risk": decisions.y_proba, "action": decisions.action, "expected_cost": decisions.expected_cost}
    numbers = frame.select_dtypes("number").columns
    as_text = new.name.lower().endswith(TEXT_ENDINGS) and out.name.lower().endswith(TEXT_ENDINGS)
    original = read_as_written(new) if as_text else frame
    write_table(original.assign(**added), out, numbers=set(numbers))
    text = str(decisions.summary())
    answer: dict[str, Any] = {**decisions.to_dict(), "out": str(out)}
    if outcome is not None:
        event = choose_event(fitted.classes_, fitted.event)
        evaluation = evaluate_decisions(outcome, decisions, event=event)
        text += f"\n\n{evaluation.summary()}"
        answer["evaluation"] = evaluation.to_dict()
    show(f"{text}\n\nThe decisions are in {out}.", answer, as_json=as_json)
