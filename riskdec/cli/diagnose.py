"""`riskdec diagnose`: are the risks of a model right on these rows?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from riskdec.cli.options import FILE, costs_option, groups_option, html_option, json_option, seed_option, target_option
from riskdec.cli.output import check_output, show

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.decisions import CostMatrix


_EXAMPLE = """\b
Example:
  riskdec diagnose model.riskdec later.csv --target died \\
    --costs fp=1,fn=15 --html report.html
"""


@click.command(short_help="Are the risks of a model right on these rows?", epilog=_EXAMPLE)
@click.argument("model", type=FILE)
@click.argument("data", type=FILE)
@target_option
@costs_option(help="Also check the risks where these costs decide; see riskdec decide.")
@groups_option
@html_option
@seed_option
@click.option("--check", is_flag=True, help="End with exit code 1 if a finding is an issue.")
@json_option
@click.pass_context
def diagnose(
    ctx: click.Context,
    model: Path,
    data: Path,
    target: str,
    costs: dict[str, float] | CostMatrix | None,
    groups: str | None,
    html: Path | None,
    seed: int,
    check: bool,
    as_json: bool,
) -> None:
    """Check the risks of MODEL against what happened in DATA.

    Use rows that the model has not seen: on its own training rows every model looks right on average.
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

    check_output(html, endings=(".html", ".htm"), inputs=(model, data))
    check_input(model)
    fitted = load(model)
    frame = read_table(data)
    outcome = take_target(frame, target)
    check_outcomes(fitted, outcome, target=target)
    group_column = None if groups is None else take_other(frame, groups, option="--groups", target=target)
    report = fitted.diagnose(
        features_for(fitted, frame),
        outcome,
        costs=costs,
        groups=None if group_column is None else plain_array(group_column),
        rng=seed,
    )
    if html is not None:
        report.to_html(html)
    page = () if html is None else (f"The page is at {html}.",)
    show((report.summary(), *page), {**report.to_dict(), "html": None if html is None else str(html)}, as_json=as_json)
    if check and any(finding.severity == "issue" for finding in report.findings):
        ctx.exit(1)
