"""`riskdec sweep`: which weight ratio, or rather, which threshold?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from riskdec.cli.options import (
    FILE,
    costs_option,
    drop_option,
    event_option,
    groups_option,
    html_option,
    json_option,
    seed_option,
    target_option,
    test_option,
    weight_options,
)
from riskdec.cli.output import check_output, show, write_table

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.table import Table
    from riskdec.decisions import CostMatrix

_EXAMPLE = """\b
Example:
  with costs, as a page
    riskdec sweep patients.csv --target died --event 1 --drop id \\
      --costs fp=1,fn=15 --html sweep.html
"""


@click.command(short_help="Precision and recall over the weight ratio, beside a threshold.", epilog=_EXAMPLE)
@click.argument("data", type=FILE)
@target_option
@event_option
@test_option
@costs_option(help="Also show the realised cost; see riskdec decide.")
@groups_option
@weight_options
@drop_option
@click.option("--out", type=FILE, metavar="FILE", help="Also write all figures, a row for each ratio.")
@html_option
@seed_option
@json_option
def sweep(
    data: Path,
    target: str,
    event: str | None,
    test: Path | None,
    costs: dict[str, float] | CostMatrix | None,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: Literal["frequency", "importance"],
    drop: tuple[str, ...],
    out: Path | None,
    html: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Fit DATA under 41 weight ratios, from less than none to four times the natural ratio.

    Each fit is cut at 0.5 and set beside the one fit without weights, cut at 1 / (1 + ratio). Three rows in five are
    fitted on, the others judge; the split keeps the share of events, and with --groups all rows of a group on one
    side. With --test all of DATA is fitted on, and the rows of that file judge. The model has straight lines and is
    fitted by maximum likelihood.
    """
    from riskdec.cli.labelled_rows import Columns, read_labelled, read_test
    from riskdec.cli.tables import ENDINGS
    from riskdec.models import TabularRiskModel
    from riskdec.weighting import sweep_weights

    inputs = (data,) if test is None else (data, test)
    check_output(html, endings=(".html", ".htm"), inputs=inputs)
    check_output(out, endings=ENDINGS, inputs=inputs)
    columns = Columns(target, groups, sample_weight, weight_kind, drop)
    rows, label = read_labelled(data, columns, event=event)
    held_out = None if test is None else read_test(test, columns, like=rows, event=label)
    found = sweep_weights(
        TabularRiskModel(event=label, shape="linear", penalty=None, weight_kind=weight_kind),
        rows.X,
        rows.y,
        X_test=None if held_out is None else held_out.X,
        y_test=None if held_out is None else held_out.y,
        costs=costs,
        groups=rows.groups,
        groups_test=None if held_out is None else held_out.groups,
        sample_weight=rows.sample_weight,
        sample_weight_test=None if held_out is None else held_out.sample_weight,
        weight_kind=weight_kind,
        rng=seed,
    )
    text: list[Table | str] = [found.summary()]
    if html is not None:
        found.to_html(html)
        text.append(f"The page is at {html}.")
    if out is not None:
        write_table(found.frame(), out)
        text.append(f"The figures are at {out}.")
    written = {"html": None if html is None else str(html), "out": None if out is None else str(out)}
    show(text, {**found.to_dict(), **written}, as_json=as_json)
