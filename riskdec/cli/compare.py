"""`riskdec compare`: what does weighting the loss do to the risks?"""

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
    weight_options,
)
from riskdec.cli.output import check_output, show

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.typing import AnyArray, BoolArray
    from riskdec.decisions import CostMatrix

_EXAMPLE = """\b
Example:
  what natural weights do, as a page
    riskdec compare patients.csv --target died --event 1 --drop id \\
      --weights natural --html weights.html
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
@groups_option
@weight_options
@drop_option
@html_option
@seed_option
@json_option
def compare(
    data: Path,
    target: str,
    event: str | None,
    weights: tuple[str | float, ...],
    shape: Literal["linear", "splines"],
    costs: dict[str, float] | CostMatrix | None,
    test_size: float,
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
    with --groups all rows of a group on one side. The model has straight lines unless --shape says otherwise; where
    weights make its decisions cheaper, the model of riskdec fit is tried without them.
    """
    from riskdec.cli.columns import find_event, take_groups, take_predictors, take_target, take_weights
    from riskdec.cli.tables import read_table
    from riskdec.models import TabularRiskModel
    from riskdec.weighting import compare_weighting

    check_output(html, endings=(".html", ".htm"), inputs=(data,))
    frame = read_table(data)
    outcome = take_target(frame, target)
    label = find_event(outcome, event, target=target)
    together = take_groups(frame, groups, option="--groups", target=target)
    weight = take_weights(frame, sample_weight, target=target)
    rows = take_predictors(frame, drop, aside=(groups, sample_weight), target=target)
    keep = _choose_training(outcome == label, together, test_size=test_size, seed=seed)
    penalty: Literal["ridge"] | None = None if shape == "linear" else "ridge"
    estimator = TabularRiskModel(event=label, shape=shape, penalty=penalty, weight_kind=weight_kind)
    comparison = compare_weighting(
        estimator,
        rows[keep],
        outcome[keep],
        schemes=("none", *weights),
        costs=costs,
        X_test=rows[~keep],
        y_test=outcome[~keep],
        groups=None if together is None else together[keep],
        groups_test=None if together is None else together[~keep],
        sample_weight=None if weight is None else weight[keep],
        sample_weight_test=None if weight is None else weight[~keep],
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


def _choose_training(is_event: BoolArray, groups: AnyArray | None, *, test_size: float, seed: int) -> BoolArray:
    """Mark the rows that train; whole groups where there are any."""
    from riskdec._base.checks import check_groups, check_rng, refuse
    from riskdec.errors import InputError
    from riskdec.weighting.split import choose_training_rows

    numbers = check_groups(groups, len(is_event), name="--groups")
    try:
        return choose_training_rows(is_event, numbers, check_rng(seed), training_share=1 - test_size)
    except InputError as err:
        rule = "leave rows with each outcome in both parts"
        raise refuse("--test-size", rule, f"{test_size:g}", "Choose another share, or take more rows.") from err
