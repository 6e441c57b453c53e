"""`riskdec decide`: from new rows and costs to actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from riskdec.cli.options import FILE, costs_option, html_option, json_option
from riskdec.cli.output import check_output, show, write_table
from riskdec.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from riskdec._base.result import Report
    from riskdec.decisions import CostMatrix, Decisions

_ADDED = ("risk", "action", "expected_cost")


_EXAMPLE = """\b
Example: a miss costs 15 times a false alarm, a second opinion 0.6 of one
  riskdec decide model.riskdec new.csv --costs fp=1,fn=15,defer=0.6 \\
    --out actions.csv
"""


@click.command(short_help="From new rows and costs to actions.", epilog=_EXAMPLE)
@click.argument("model", type=FILE)
@click.argument("new", type=FILE)
@costs_option(help="fp: acting for nothing; fn: missing an event; defer: handing the case on. Only ratios matter.")
@click.option(
    "--certificate", type=FILE, metavar="FILE", help="Decide as riskdec certify certified, instead of by costs."
)
@click.option("--target", metavar="COLUMN", help="If the outcomes are known: what the decisions cost.")
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the decisions.")
@html_option
@json_option
def decide(
    model: Path,
    new: Path,
    costs: dict[str, float] | CostMatrix | None,
    certificate: Path | None,
    target: str | None,
    out: Path,
    html: Path | None,
    as_json: bool,
) -> None:
    """Choose for each row of NEW the action with the least expected cost under MODEL.

    The file written holds the columns of NEW and three more: risk, action, expected_cost (two with a certificate). With
    defer in the costs there is a gray zone, in which deciding costs more than handing the case on.
    """
    from riskdec._base.checks import choose_event
    from riskdec.cli.tables import (
        ENDINGS,
        check_input,
        check_outcomes,
        features_for,
        read_table,
        take_target,
    )
    from riskdec.decisions import evaluate_decisions
    from riskdec.persistence import load

    if (costs is None) == (certificate is None):
        message = "--costs or --certificate must be given, and not both. Costs find a zone; a certificate holds one."
        raise click.UsageError(message)
    check_output(out, endings=ENDINGS, inputs=(model, new))
    check_output(html, endings=(".html", ".htm"), inputs=(model, new, out))
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
    rows = features_for(fitted, frame)
    if certificate is not None:
        decisions = _certified(fitted, rows, certificate)
        added = {"risk": decisions.y_proba, "action": decisions.action}
    else:
        assert costs is not None
        decisions = fitted.decide(rows, costs, keep_cost=True)
        added = {"risk": decisions.y_proba, "action": decisions.action, "expected_cost": decisions.expected_cost}
    _write_rows(frame, new, added, out)
    found: list[Report] = [decisions]
    answer: dict[str, Any] = {**decisions.to_dict(), "out": str(out), "html": None if html is None else str(html)}
    if outcome is not None:
        event = choose_event(fitted.classes_, fitted.event)
        evaluation = evaluate_decisions(outcome, decisions, event=event)
        found.append(evaluation)
        answer["evaluation"] = evaluation.to_dict()
    if html is not None:
        _write_page(found, html, f"{model.name} on {new.name}")
    written = [f"The decisions are in {out}.", *([] if html is None else [f"The page is at {html}."])]
    show([*(one.summary() for one in found), *written], answer, as_json=as_json)


def _write_rows(frame: pd.DataFrame, new: Path, added: dict[str, Any], path: Path) -> None:
    """Write the rows as they were, and what was added to them."""
    from riskdec.cli.tables import TEXT_ENDINGS, read_as_written

    numbers = frame.select_dtypes("number").columns
    as_text = new.name.lower().endswith(TEXT_ENDINGS) and path.name.lower().endswith(TEXT_ENDINGS)
    original = read_as_written(new) if as_text else frame
    write_table(original.assign(**added), path, numbers=set(numbers))


def _write_page(found: list[Report], path: Path, title: str) -> None:
    """Write the decisions as a page, and what they cost where that is known."""
    from riskdec.report import join_pages, page_of, write_page

    pages = tuple(page_of(one) for one in found)
    question = f"{pages[0].question} {pages[-1].question}" if len(pages) > 1 else pages[0].question
    answer = " ".join(page.answer for page in pages)
    whole = pages[0] if len(pages) == 1 else join_pages(title=title, question=question, answer=answer, pages=pages)
    write_page(whole, path)


def _certified(fitted: Any, rows: Any, path: Path) -> Decisions:
    """Decide as a certificate says, which holds its zone and no costs."""
    from riskdec.cli.tables import check_input
    from riskdec.decisions import DeferralCertificate

    check_input(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as err:
        message = f"{path} must be a certificate that riskdec certify wrote; got no text. Name another file."
        raise InputError(message) from err
    return DeferralCertificate.from_json(text).apply(fitted.predict_risk(rows))
