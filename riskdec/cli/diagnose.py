"""`riskdec diagnose`: are the risks of a model, or of a column, right on these rows?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from riskdec.cli.completion import COLUMN
from riskdec.cli.options import (
    costs_option,
    groups_option,
    html_option,
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


_EXAMPLE = """\b
Examples:
  a model, also where costs decide
    riskdec diagnose model.riskdec later.csv --target died \\
      --costs fp=1,fn=15 --html report.html
  each ward by itself
    riskdec diagnose model.riskdec later.csv --target died --by ward
  risks from elsewhere, in a column
    riskdec diagnose later.csv --risk apache_risk --target died \\
      --event 1
"""


@click.command(short_help="Are the risks of a model right on these rows?", epilog=_EXAMPLE)
@takes_risks(rows="DATA")
@target_option
@costs_option(help="Also check the risks where these costs decide; see riskdec decide.")
@click.option("--by", type=COLUMN, metavar="COLUMN", help="Also diagnose each group of this column by itself.")
@groups_option
@weight_options
@html_option
@seed_option
@click.option("--check", is_flag=True, help="End with exit code 1 if a finding is an issue.")
@json_option
@click.pass_context
def diagnose(
    ctx: click.Context,
    source: RiskSource,
    target: str,
    costs: dict[str, float] | CostMatrix | None,
    by: str | None,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: Literal["frequency", "importance"],
    html: Path | None,
    seed: int,
    check: bool,
    as_json: bool,
) -> None:
    """Check the risks of MODEL, or of a column of DATA, against what happened in DATA.

    Use rows that the model has not seen: on its own training rows every model looks right on average.
    """
    from riskdec.cli.columns import features_for, take_groups, take_kinds, take_target, take_weights
    from riskdec.cli.pages import write_pages
    from riskdec.cli.tables import read_table

    check_output(html, endings=(".html", ".htm"), inputs=source.inputs)
    frame = read_table(source.data)
    outcome = take_target(frame, target)
    model = source.open(frame, outcome, target=target)
    by_row: dict[str, Any] = {
        "groups": take_groups(frame, groups, option="--groups", target=target),
        "sample_weight": take_weights(frame, sample_weight, target=target, kind=weight_kind),
        "weight_kind": weight_kind,
    }
    kinds = take_kinds(frame, by, target=target)
    rows = features_for(model, frame)
    found: list[Any] = [model.diagnose(rows, outcome, costs=costs, rng=seed, **by_row)]
    if kinds is not None:
        found.append(diagnose_each(model, rows, outcome, kinds, seed=seed, **by_row))
    title = f"The risks of {source.name} on {source.data.name}"
    if html is not None:
        write_pages(found, html, title=title)
    page = () if html is None else (f"The page is at {html}.",)
    answer = {**found[0].to_dict(), "html": None if html is None else str(html)}
    if kinds is not None:
        answer["subgroups"] = found[1].to_dict()
    show((*(one.summary() for one in found), *page), answer, as_json=as_json)
    if check and any(finding.severity == "issue" for one in found for finding in one.findings):
        ctx.exit(1)


def diagnose_each(model: Any, rows: Any, outcome: Any, kinds: Any, *, seed: int, **by_row: Any) -> Any:
    """Diagnose the groups of a column, given by its name, one by one."""
    from riskdec._base.checks import choose_event
    from riskdec.diagnostics import diagnose_subgroups

    event = choose_event(model.classes_, model.event)
    return diagnose_subgroups(outcome, model.predict_risk(rows), by=kinds, event=event, rng=seed, **by_row)
