"""`riskdec curve`: from which threshold on is acting on these risks worth it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from riskdec.cli.completion import COLUMN
from riskdec.cli.options import (
    FILE,
    event_option,
    groups_option,
    html_option,
    json_option,
    target_option,
    weight_options,
)
from riskdec.cli.output import check_output, show, write_figure, write_table

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from riskdec._base.typing import AnyArray, FloatArray

_EXAMPLE = """\b
Example:
  a model beside a score that the file already holds
    riskdec curve later.csv --target died --event 1 \\
      --model model.riskdec --risk apache_risk \\
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
@click.option(
    "--risk",
    "risks",
    type=COLUMN,
    multiple=True,
    metavar="COLUMN",
    help="A column of DATA with risks; may be repeated.",
)
@click.option(
    "--thresholds",
    callback=_read_range,
    metavar="LOW:HIGH",
    help="The range of thresholds that matter, chosen before looking; 0.01:0.99 by default.",
)
@groups_option
@weight_options
@click.option("--plot", type=FILE, metavar="FILE", help=f"Also draw the curve ({', '.join(_FIGURES)}).")
@click.option("--out", type=FILE, metavar="FILE", help="Also write the numbers, a row for each threshold.")
@html_option
@json_option
def curve(
    data: Path,
    target: str,
    event: str | None,
    models: tuple[Path, ...],
    risks: tuple[str, ...],
    thresholds: FloatArray | None,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: Literal["frequency", "importance"],
    plot: Path | None,
    out: Path | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """Give the net benefit of acting on risks in DATA, beside acting on everybody and on nobody.

    The threshold is the risk from which you would act; 0.1 says that a miss is as bad as nine false alarms.
    """
    from riskdec.cli.columns import find_event, take_groups, take_target, take_weights
    from riskdec.cli.tables import ENDINGS, read_table
    from riskdec.decisions import decision_curve

    check_output(plot, endings=_FIGURES, inputs=(data, *models))
    check_output(out, endings=ENDINGS, inputs=(data, *models))
    check_output(html, endings=(".html", ".htm"), inputs=(data, *models))
    if not models and not risks:
        message = "--model or --risk must be given; got neither. Name a model file, or a column of risks."
        raise click.UsageError(message)
    frame = read_table(data)
    outcome = take_target(frame, target)
    label = find_event(outcome, event, target=target)
    predictions = {**_by_model(frame, models, outcome, event=label, target=target), **_by_column(frame, risks)}
    if len(predictions) < len(models) + len(risks):
        message = "each --model and --risk must have a name of its own; got one name twice. Rename a file or a column."
        raise click.UsageError(message)
    found = decision_curve(
        outcome,
        predictions,
        thresholds=thresholds,
        groups=take_groups(frame, groups, option="--groups", target=target),
        sample_weight=take_weights(frame, sample_weight, target=target, kind=weight_kind),
        weight_kind=weight_kind,
        event=label,
    )
    if plot is not None:
        write_figure(found.plot().figure, plot)
    if out is not None:
        write_table(found.frame(), out)
    if html is not None:
        found.to_html(html)
    places = {"plot": ("figure is in", plot), "out": ("numbers are in", out), "html": ("page is at", html)}
    written = [f"The {what} {path}." for what, path in places.values() if path]
    answer = found.to_dict() | {name: None if path is None else str(path) for name, (_, path) in places.items()}
    show((found.summary(), *written), answer, as_json=as_json)


def _by_model(
    frame: pd.DataFrame, models: tuple[Path, ...], outcome: AnyArray, *, event: object, target: str
) -> dict[str, Any]:
    from riskdec.cli.columns import check_outcomes, features_for
    from riskdec.cli.risk_source import load_model

    found = {}
    for path in models:
        fitted = load_model(path)
        check_outcomes(fitted, outcome, target=target)
        found[path.stem] = fitted.predict_risk(features_for(fitted, frame), event=event)
    return found


def _by_column(frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, Any]:
    from riskdec.cli.columns import take_all_risks

    return {name: take_all_risks(frame, name) for name in names}
