"""`riskdec report`: a whole study of a model on rows it has not seen, as one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from riskdec.cli.options import FILE, costs_option, groups_option, json_option, seed_option, target_option
from riskdec.cli.output import check_output, show

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.decisions import CostMatrix
    from riskdec.report import Page

_EXAMPLE = """\b
Example:
  riskdec report model.riskdec later.csv --target died \\
    --costs fp=1,fn=15,defer=0.6 --by ward --out study.html
"""


@click.command(short_help="A whole study of a model, as one page.", epilog=_EXAMPLE)
@click.argument("model", type=FILE)
@click.argument("data", type=FILE)
@target_option
@costs_option(required=True, help="What mistakes and deferring cost; see riskdec decide.")
@click.option("--by", metavar="COLUMN", help="Also diagnose each group of this column.")
@groups_option
@seed_option
@click.option("--title", help="Title of the page; by default the names of the files.")
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the page (.html).")
@json_option
def report(
    model: Path,
    data: Path,
    target: str,
    costs: dict[str, float] | CostMatrix,
    by: str | None,
    groups: str | None,
    seed: int,
    title: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Diagnose the risks of MODEL on DATA, decide on its rows, and count what that cost: one offline page.

    In the page costs, expert and prevalence can be changed, and everything is computed again.
    """
    from riskdec.cli.tables import (
        check_input,
        check_outcomes,
        features_for,
        plain_array,
        read_table,
        take_other,
        take_target,
    )
    from riskdec.persistence import load
    from riskdec.report import join_pages, page_of, write_page

    check_output(out, endings=(".html", ".htm"), inputs=(model, data))
    check_input(model)
    fitted = load(model)
    frame = read_table(data)
    outcome = take_target(frame, target)
    check_outcomes(fitted, outcome, target=target)
    taken = {
        name: None if column is None else plain_array(take_other(frame, column, option=f"--{name}", target=target))
        for name, column in (("by", by), ("groups", groups))
    }
    answers = _study(fitted, features_for(fitted, frame), outcome, costs, taken, seed)
    pages: tuple[Page, ...] = tuple(page_of(answer) for answer in answers.values())
    page = join_pages(
        title=title or f"{model.name} on {data.name}",
        question=f"Can the risks of {model.name} be trusted on {data.name}, and what does deciding on them cost?",
        answer=f"{pages[0].answer} {pages[-1].answer}",
        pages=pages,
    )
    write_page(page, out)
    text = (*(answer.summary() for answer in answers.values()), f"The page is at {out}.")
    shown = {name: answer.to_dict() for name, answer in answers.items()}
    show(text, {**shown, "out": str(out)}, as_json=as_json)


def _study(fitted: Any, rows: Any, outcome: Any, costs: Any, taken: dict[str, Any], seed: int) -> dict[str, Any]:
    """Give the answers in the order of the page; what the decisions cost comes last."""
    from riskdec._base.checks import choose_event
    from riskdec.decisions import evaluate_decisions
    from riskdec.diagnostics import diagnose_subgroups

    event = choose_event(fitted.classes_, fitted.event)
    decisions = fitted.decide(rows, costs)
    answers: dict[str, Any] = {
        "calibration": fitted.diagnose(rows, outcome, costs=costs, groups=taken["groups"], rng=seed)
    }
    if taken["by"] is not None:
        risk = fitted.predict_risk(rows)
        answers["subgroups"] = diagnose_subgroups(outcome, risk, by=taken["by"], event=event, rng=seed)
    answers["decisions"] = decisions
    answers["evaluation"] = evaluate_decisions(outcome, decisions, event=event, groups=taken["groups"])
    return answers
