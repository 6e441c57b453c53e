"""`riskdec curve`: from which threshold on is acting on these risks worth it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from riskdec.cli.options import FILE, event_option, groups_option, json_option, target_option
from riskdec.cli.output import check_output, show, write_table

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from riskdec._base.typing import FloatArray

_EXAMPLE = """\b
Example: a model beside a score that the file already holds
  riskdec curve later.csv --target died --event 1 --model model.riskdec \\
    --risk apache_risk \\
    --thresholds 0.01:0.30 --plot curve.png
"""
_FIGURES = (".png", ".svg", ".pdf")


def _read_range(ctx: click.Context, param: click.Parameter, value: str | None) -> np.ndarray[Any, Any] | None:
    import numpy as np

    if value is None:
        return None
    try:
        low, high = (float(part) for part in value.split(":"))
    except ValueError:
        low = high = 0.0
    if not 0 < low < high < 1:
        message = f"must be two risks such as 0.01:0.30, the lower one first; got {value!r}."
        raise click.BadParameter(message, ctx, param)
    return np.linspace(low, high, 99)


@click.command(short_help="From which threshold on is acting worth it?", epilog=_EXAMPLE)
@click.argument("data", type=FILE)
@target_option
@event_option
@click.option("--model", "models", type=FILE, multiple=True, metavar="FILE", help="A model file; may be repeated.")
@click.option("--risk", "risks", multiple=True, metavar="COLUMN", help="A column of DATA with risks; may be repeated.")
@click.option(
    "--thresholds",
    callback=_read_range,
    metavar="LOW:HIGH",
    help="The range of thresholds that matter, chosen before looking; 0.01:0.99 by default.",
)
@groups_option
@click.option("--plot", type=FILE, metavar="FILE", help=f"Also draw the curve ({', '.join(_FIGURES)}).")
@click.option("--out", type=FILE, metavar="FILE", help="Also write the numbers, a row for each threshold.")
@json_option
def curve(
    data: Path,
    target: str,
    event: str | None,
    models: tuple[Path, ...],
    risks: tuple[str, ...],
    thresholds: FloatArray | None,
    groups: str | None,
    plot: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Give the net benefit of acting on risks in DATA, beside acting on everybody and on nobody.

    The threshold is the risk from which you would act; 0.1 says that a miss is as bad as nine false alarms.
    """
    from riskdec.cli.tables import ENDINGS, plain_array, read_table, take_other, take_target
    from riskdec.decisions import decision_curve

    check_output(plot, endings=_FIGURES, inputs=(data, *models))
    check_output(out, endings=ENDINGS, inputs=(data, *models))
    if not models and not risks:
        message = "--model or --risk must be given; got neither. Name a model file, or a column of risks."
        raise click.UsageError(message)
    frame = read_table(data)
    outcome = take_target(frame, target)
    group_column = None if groups is None else take_other(frame, groups, option="--groups", target=target)
    predictions = {**_by_model(frame, models), **_by_column(frame, risks)}
    found = decision_curve(
        outcome,
        predictions,
        thresholds=thresholds,
        groups=None if group_column is None else plain_array(group_column),
        event=event,
    )
    if plot is not None:
        found.plot().figure.savefig(plot)
    if out is not None:
        write_table(found.frame(), out)
    written = [f"The {what} {path}." for what, path in (("figure is in", plot), ("numbers are in", out)) if path]
    answer = {**found.to_dict(), "plot": None if plot is None else str(plot), "out": None if out is None else str(out)}
    show((found.summary(), *written), answer, as_json=as_json)


def _by_model(frame: pd.DataFrame, models: tuple[Path, ...]) -> dict[str, Any]:
    from riskdec.cli.tables import check_input, features_for
    from riskdec.persistence import load

    found = {}
    for path in models:
        check_input(path)
        fitted = load(path)
        found[path.stem] = fitted.predict_risk(features_for(fitted, frame))
    return found


def _by_column(frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, Any]:
    from riskdec.cli.tables import plain_array, take_column

    return {name: plain_array(take_column(frame, name, option="--risk")) for name in names}
