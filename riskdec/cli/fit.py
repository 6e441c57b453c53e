"""`riskdec fit`: from a table with outcomes to a model file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from riskdec.cli.completion import COLUMN
from riskdec.cli.options import (
    FILE,
    drop_option,
    event_option,
    groups_option,
    json_option,
    seed_option,
    target_option,
    weight_options,
)
from riskdec.cli.output import check_output, show

if TYPE_CHECKING:
    from pathlib import Path


_EXAMPLE = """\b
Examples:
  all columns but one
    riskdec fit patients.csv --target died --event 1 --drop id \\
      --out model.riskdec
  the same, and what to expect on new rows
    riskdec fit patients.csv --target died --event 1 --drop id \\
      --validate 20 --out model.riskdec
  a formula, by maximum likelihood
    riskdec fit patients.csv --target died --event 1 \\
      --formula "rcs(age, 4) + ward" --out formula.riskdec
  mend a score from elsewhere, then use it
    riskdec fit patients.csv --target died --event 1 \\
      --risk apache_risk --out mended.riskdec
    riskdec decide mended.riskdec new.csv --risk apache_risk \\
      --costs fp=1,fn=15 --out actions.csv
"""
# What has no meaning beside one of the other ways to say what is fitted.
_ONLY_WITHOUT = {
    "formula": ("risk", "shape", "penalty", "drop"),
    "risk": ("weights", "shape", "penalty", "drop", "groups", "validate"),
}


@click.command(short_help="From a table with outcomes to a model file.", epilog=_EXAMPLE)
@click.argument("data", type=FILE)
@target_option
@event_option
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the model (.riskdec).")
@click.option(
    "--weights",
    type=click.Choice(["none", "natural", "balanced"]),
    default="none",
    show_default=True,
    help="Weights of the loss by class. With any but none, what is fitted are not risks: see riskdec compare.",
)
@groups_option
@weight_options
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
@click.option(
    "--formula",
    metavar="TERMS",
    help="Instead of all columns: terms such as 'rcs(age, 4) + sex * C(ward)', by maximum likelihood. Rows that lack a "
    "value are left out.",
)
@drop_option
@click.option(
    "--risk",
    type=COLUMN,
    metavar="COLUMN",
    help="Instead of predictors: learn to mend this column of risks. Use rows that it was not made from.",
)
@click.option(
    "--method",
    type=click.Choice(["platt", "beta", "spline", "isotonic", "venn_abers"]),
    default="platt",
    show_default=True,
    help="How --risk is mended; platt moves and stretches the log-odds, later ones bend more and need more rows.",
)
@click.option(
    "--validate",
    type=click.IntRange(min=1),
    metavar="N",
    help="Fit again on N resamples, and say how much worse each figure is on new rows; 200 for final figures.",
)
@seed_option
@json_option
@click.pass_context
def fit(
    ctx: click.Context,
    data: Path,
    target: str,
    event: str | None,
    out: Path,
    weights: str,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: Literal["frequency", "importance"],
    penalty: str,
    shape: Literal["splines", "linear"],
    formula: str | None,
    drop: tuple[str, ...],
    risk: str | None,
    method: str,
    validate: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Estimate risks from DATA by a shrunken logistic regression and save the model.

    All columns but the target and those named in --groups, --sample-weight and --drop are predictors: numbers as
    splines, text as categories, missing values marked. Dates have to become numbers first.
    """
    from riskdec.cli.columns import find_event, take_groups, take_predictors, take_target, take_weights
    from riskdec.cli.estimators import formula_model, mended, table_model
    from riskdec.cli.tables import read_table

    _refuse_contradictions(ctx)
    # A name with another ending may well be a table that would be lost.
    check_output(out, endings=(".riskdec",) if out.suffix else (), inputs=(data,))
    frame = read_table(data)
    outcome = take_target(frame, target)
    label = find_event(outcome, event, target=target)
    weight = take_weights(frame, sample_weight, target=target)
    together = take_groups(frame, groups, option="--groups", target=target)
    about: dict[str, Any] = {"model": str(out), "target": target, "event": label}
    if risk is not None:
        calibrator = mended(frame, risk, outcome, label, method=method, weight=weight, weight_kind=weight_kind)
        calibrator.save(out)
        said = f"Risks of {target} = {label} in the column {risk} are mended by {out}: use it with --risk {risk}."
        answer = {**about, "risk": risk, "method": method, "n": calibrator.n_}
        show((calibrator.summary(), said), answer, as_json=as_json)
        return
    kind: dict[str, Any] = {"class_weight": None if weights == "none" else weights, "weight_kind": weight_kind}
    if formula is None:
        estimator: Any = table_model(label, penalty=penalty, shape=shape, seed=seed, **kind)
        rows = take_predictors(frame, drop, aside=(groups, sample_weight), target=target)
    else:
        estimator = formula_model(formula, target, label, **kind)
        rows = frame.drop(columns=[target])
    model = estimator.fit(rows, outcome, weight, groups=together)
    model.save(out)
    found: list[Any] = [model.summary()]
    answer = {**about, "predictors": [str(name) for name in model.feature_names_in_]}
    if validate is not None:
        validation = _validated(
            estimator,
            rows,
            outcome,
            n_resamples=validate,
            groups=together,
            sample_weight=weight,
            event=label,
            rng=seed,
        )
        found.append(validation.summary())
        answer["validation"] = validation.to_dict()
    found.append(f"The risk is that of {target} = {label}. Saved to {out}.")
    estimates = {} if model.fit_result_ is None else model.fit_result_.to_dict()
    show(found, {**answer, **estimates}, as_json=as_json)


def _validated(estimator: Any, rows: Any, outcome: Any, **options: Any) -> Any:
    """Repeat the whole fit on resamples."""
    from riskdec.resampling import validate_by_bootstrap

    if estimator.weight_kind != "frequency" and options["sample_weight"] is not None:
        raise click.UsageError("--validate draws rows anew, which importance weights do not allow: leave one out.")
    return validate_by_bootstrap(estimator, rows, outcome, **options)


def _refuse_contradictions(ctx: click.Context) -> None:
    for chosen, others in _ONLY_WITHOUT.items():
        if ctx.params[chosen] is None:
            continue
        for other in others:
            if ctx.get_parameter_source(other) is ParameterSource.COMMANDLINE:
                message = f"--{other} has no meaning with --{chosen}, which says what is fitted. Leave one of them out."
                raise click.UsageError(message)
    if ctx.params["risk"] is None and ctx.get_parameter_source("method") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--method goes with --risk: it says how a column of risks is mended.")
