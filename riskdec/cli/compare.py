"""`riskdec compare`: what does weighting the loss do to the risks?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click
from click.core import ParameterSource

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
from riskdec.cli.output import check_output, show

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.decisions import CostMatrix

_EXAMPLE = """\b
Examples:
  what natural weights do, as a page
    riskdec compare patients.csv --target died --event 1 --drop id \\
      --weights natural --html weights.html
  judged on other rows
    riskdec compare patients.csv --target died --event 1 --drop id \\
      --test later.csv
"""
_SCHEMES = ("natural", "balanced", "undersample", "oversample", "smote")


def _read_schemes(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str | float, ...]:
    schemes: list[str | float] = []
    for text in value:
        try:
            schemes.append(text if text in _SCHEMES else float(text))
        except ValueError:
            message = f"must be one of {', '.join(_SCHEMES)}, or a ratio such as 3; got {text!r}."
            raise click.BadParameter(message, ctx, param) from None
    return tuple(schemes)


@click.command(short_help="What does weighting the loss do to the risks?", epilog=_EXAMPLE)
@click.argument("data", type=FILE)
@target_option
@event_option
@click.option(
    "--weights",
    callback=_read_schemes,
    metavar=f"[{'|'.join(_SCHEMES)}|RATIO]",
    multiple=True,
    default=("natural",),
    show_default=True,
    help="What to compare with no weights, or how many times as much as a non-event an event counts; may be repeated. "
    "Natural and balanced weights differ by scale only; smote "
    "needs numbers throughout and imbalanced-learn.",
)
@click.option(
    "--shape",
    type=click.Choice(["linear", "splines"]),
    default="linear",
    show_default=True,
    help="Straight lines by maximum likelihood, whose coefficients weights are known to shift, or the model that "
    "riskdec fit makes: splines and ridge.",
)
@costs_option(help="Also compare the realised cost; see riskdec decide.")
@click.option(
    "--test-size",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.4,
    show_default=True,
    help="Share of the rows that are held out for the comparison.",
)
@test_option
@groups_option
@weight_options
@drop_option
@html_option
@seed_option
@json_option
@click.pass_context
def compare(
    ctx: click.Context,
    data: Path,
    target: str,
    event: str | None,
    weights: tuple[str | float, ...],
    shape: Literal["linear", "splines"],
    costs: dict[str, float] | CostMatrix | None,
    test_size: float,
    test: Path | None,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: Literal["frequency", "importance"],
    drop: tuple[str, ...],
    html: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Fit DATA with and without class weights and show what the weights do to the risks.

    One part of the rows trains both models, the other part judges them; the split keeps the share of events, and
    with --groups all rows of a group on one side. With --test all of DATA trains, and the rows of that file judge.
    The model has straight lines unless --shape says otherwise; where weights make its decisions cheaper, the model
    of riskdec fit is tried without them.
    """
    from riskdec.cli.labelled_rows import Columns, read_labelled, read_test
    from riskdec.models import TabularRiskModel
    from riskdec.weighting import compare_weighting

    if test is not None and ctx.get_parameter_source("test_size") is ParameterSource.COMMANDLINE:
        raise click.UsageError(
            "--test-size says how DATA is split, which --test makes needless: leave one of them out."
        )
    check_output(html, endings=(".html", ".htm"), inputs=(data,) if test is None else (data, test))
    columns = Columns(target, groups, sample_weight, weight_kind, drop)
    rows, label = read_labelled(data, columns, event=event)
    if test is None:
        training, held_out = rows.split(label, test_size=test_size, seed=seed)
    else:
        training, held_out = rows, read_test(test, columns, like=rows, event=label)
    penalty: Literal["ridge"] | None = None if shape == "linear" else "ridge"
    comparison = compare_weighting(
        TabularRiskModel(event=label, shape=shape, penalty=penalty, weight_kind=weight_kind),
        training.X,
        training.y,
        schemes=("none", *weights),
        costs=costs,
        X_test=held_out.X,
        y_test=held_out.y,
        groups=training.groups,
        groups_test=held_out.groups,
        sample_weight=training.sample_weight,
        sample_weight_test=held_out.sample_weight,
        weight_kind=weight_kind,
        rng=seed,
    )
    if html is not None:
        comparison.to_html(html)
    page = () if html is None else (f"The page is at {html}.",)
    show(
        (comparison.summary(), *page),
        {**comparison.to_dict(), "html": None if html is None else str(html)},
        as_json=as_json,
    )
