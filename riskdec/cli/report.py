"""`riskdec report`: a whole study of a model on rows it has not seen, as one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from riskdec.cli.completion import COLUMN
from riskdec.cli.options import (
    FILE,
    costs_option,
    groups_option,
    json_option,
    seed_option,
    target_option,
    weight_options,
)
from riskdec.cli.output import check_output, show
from riskdec.cli.risk_options import takes_risks

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.cli.risk_options import RiskSource
    from riskdec.decisions import CostMatrix
    from riskdec.report import Page

_EXAMPLE = """\b
Example:
  one page, with each ward by itself
    riskdec report model.riskdec later.csv --target died \\
      --costs fp=1,fn=15,defer=0.6 --by ward --out study.html
"""


@click.command(short_help="A whole study of a model, as one page.", epilog=_EXAMPLE)
@takes_risks(rows="DATA")
@target_option
@costs_option(required=True, help="What mistakes and deferring cost; see riskdec decide.")
@click.option("--by", type=COLUMN, metavar="COLUMN", help="Also diagnose each group of this column.")
@groups_option
@weight_options
@seed_option
@click.option("--title", help="Title of the page; by default the names of the files.")
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the page (.html).")
@json_option
def report(
    source: RiskSource,
    target: str,
    costs: dict[str, float] | CostMatrix,
    by: str | None,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: Literal["frequency", "importance"],
    seed: int,
    title: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Diagnose the risks of MODEL, or of a column, decide on the rows of DATA, count what that cost: one offline page.

    In the page costs, expert and prevalence can be changed, and everything is computed again.
    """
    from riskdec.cli.columns import features_for, take_groups, take_kinds, take_target, take_weights
    from riskdec.cli.tables import read_table
    from riskdec.report import join_pages, page_of, write_page

    check_output(out, endings=(".html", ".htm"), inputs=source.inputs)
    frame = read_table(source.data)
    outcome = take_target(frame, target)
    model = source.open(frame, outcome, target=target)
    by_row: dict[str, Any] = {
        "groups": take_groups(frame, groups, option="--groups", target=target),
        "sample_weight": take_weights(frame, sample_weight, target=target, kind=weight_kind),
        "weight_kind": weight_kind,
    }
    kinds = take_kinds(frame, by, target=target)
    answers = _study(model, features_for(model, frame), outcome, costs, kinds, by_row, seed)
    pages: tuple[Page, ...] = tuple(page_of(answer) for answer in answers.values())
    page = join_pages(
        title=title or f"{source.name} on {source.data.name}",
        question=f"Can the risks of {source.name} be trusted on {source.data.name}? What does deciding on them cost?",
        answer=f"{pages[0].answer} {pages[-1].answer}",
        pages=pages,
    )
    write_page(page, out)
    text = (*(answer.summary() for answer in answers.values()), f"The page is at {out}.")
    shown = {name: answer.to_dict() for name, answer in answers.items()}
    show(text, {**shown, "out": str(out)}, as_json=as_json)


def _study(
    model: Any, rows: Any, outcome: Any, costs: Any, kinds: Any, by_row: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Give the answers in the order of the page; what the decisions cost comes last."""
    from riskdec._base.checks import choose_event
    from riskdec.cli.diagnose import diagnose_each
    from riskdec.decisions import evaluate_decisions

    event = choose_event(model.classes_, model.event)
    decisions = model.decide(rows, costs)
    answers: dict[str, Any] = {"calibration": model.diagnose(rows, outcome, costs=costs, rng=seed, **by_row)}
    if kinds is not None:
        answers["subgroups"] = diagnose_each(model, rows, outcome, kinds, seed=seed, **by_row)
    answers["decisions"] = decisions
    answers["evaluation"] = evaluate_decisions(outcome, decisions, event=event, **by_row)
    return answers
