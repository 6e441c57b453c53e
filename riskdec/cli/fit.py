"""`riskdec fit`: from a table with outcomes to a model file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from riskdec.cli.options import FILE, event_option, groups_option, json_option, target_option
from riskdec.cli.output import check_output, show

if TYPE_CHECKING:
    from pathlib import Path


_EXAMPLE = """\b
Example:
  riskdec fit patients.csv --target died --event 1 --drop id \\
    --out model.riskdec
"""


@click.command(short_help="From a table with outcomes to a model file.", epilog=_EXAMPLE)
@click.argument("data", type=FILE)
@target_option
@event_option
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the model.")
@click.option(
    "--weights",
    type=click.Choice(["none", "natural", "balanced"]),
    default="none",
    show_default=True,
    help="Weights of the loss by class. With any but none, what is fitted are not risks: see riskdec compare.",
)
@groups_option
@click.option("--sample-weight", metavar="COLUMN", help="How often each row counts; not used as a predictor.")
@click.option(
    "--weight-kind",
    type=click.Choice(["frequency", "importance"]),
    default="frequency",
    show_default=True,
    help="Whether --sample-weight counts equal rows or says how much each row matters.",
)
@click.option(
    "--penalty",
    type=click.Choice(["ridge", "none"]),
    default="ridge",
    show_default=True,
    help="Shrink the coefficients as much as predicts rows left out best, or not: maximum likelihood with its tests.",
)
@click.option(
    "--shape",
    type=click.Choice(["splines", "linear"]),
    default="splines",
    show_default=True,
    help="Whether numbers may bend.",
)
@click.option("--drop", multiple=True, metavar="COLUMN", help="A column to leave out; may be repeated.")
@json_option
def fit(
    data: Path,
    target: str,
    event: str | None,
    out: Path,
    weights: str,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: str,
    penalty: str,
    shape: str,
    drop: tuple[str, ...],
    as_json: bool,
) -> None:
    """Estimate risks from DATA by a shrunken logistic regression and save the model.

    All columns but the target and those named in --groups, --sample-weight and --drop are predictors: numbers as
    splines, text as categories, missing values marked. Dates have to become numbers first.
    """
    from riskdec.cli.tables import find_event, plain_array, read_table, take_other, take_target
    from riskdec.models import TabularRiskModel

    check_output(out, inputs=(data,))
    frame = read_table(data)
    outcome = take_target(frame, target)
    label = find_event(outcome, event, target=target)
    group_column = None if groups is None else take_other(frame, groups, option="--groups", target=target)
    weight_column = None
    if sample_weight is not None:
        weight_column = take_other(frame, sample_weight, option="--sample-weight", target=target)
    for name in drop:
        take_other(frame, name, option="--drop", target=target)
    aside = {target, *drop, *(name for name in (groups, sample_weight) if name is not None)}
    options: dict[str, Any] = {
        "class_weight": None if weights == "none" else weights,
        "weight_kind": weight_kind,
        "penalty": None if penalty == "none" else penalty,
        "shape": shape,
    }
    model = TabularRiskModel(event=label, **options)
    model.fit(
        frame.drop(columns=list(aside)),
        outcome,
        None if weight_column is None else plain_array(weight_column),
        groups=None if group_column is None else plain_array(group_column),
    )
    model.save(out)
    about = {"model": str(out), "target": target, "event": label, "predictors": list(model.feature_names_in_)}
    estimates = {} if model.fit_result_ is None else model.fit_result_.to_dict()
    show(
        (model.summary(), f"The risk is that of {target} = {label}. Saved to {out}."),
        {**about, **estimates},
        as_json=as_json,
    )
