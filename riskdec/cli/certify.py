"""`riskdec certify`: where may a model decide by itself, with errors that are certified to be rare?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

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

_EXAMPLE = """\b
Example:
  at most 30 % errors among what is decided, then used on new rows
    riskdec certify model.riskdec calibration.csv --target died \\
      --max-error 0.3 --out zone.json
    riskdec decide model.riskdec new.csv --certificate zone.json \\
      --out actions.csv
"""


@click.command(short_help="Where may a model decide by itself?", epilog=_EXAMPLE)
@takes_risks(rows="DATA")
@target_option
@click.option(
    "--max-error",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    required=True,
    help="Largest share of errors among the cases that are decided.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Probability with which the promise must hold.",
)
@costs_option(help="Choose the cheapest of the certified zones, not the widest; see riskdec decide.")
@groups_option
@weight_options
@seed_option
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the certificate (.json).")
@json_option
@click.pass_context
def certify(
    ctx: click.Context,
    source: RiskSource,
    target: str,
    max_error: float,
    confidence: float,
    costs: dict[str, float] | CostMatrix | None,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: Literal["frequency", "importance"],
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Find the zone of risks outside which errors are certified to be rare, from the cases in DATA.

    The risks are those of MODEL, or a column of DATA. The cases must be new to the model, independent, and like those
    that the certificate is used on. Ends with exit code 1 where nothing can be certified.
    """
    from riskdec._base.files import replacing
    from riskdec.cli.columns import features_for, take_groups, take_target, take_weights
    from riskdec.cli.tables import read_table

    check_output(out, endings=(".json",), inputs=source.inputs)
    frame = read_table(source.data)
    outcome = take_target(frame, target)
    model = source.open(frame, outcome, target=target)
    certificate = model.certify_deferral(
        features_for(model, frame),
        outcome,
        max_error=max_error,
        confidence_level=confidence,
        costs=costs,
        groups=take_groups(frame, groups, option="--groups", target=target),
        sample_weight=take_weights(frame, sample_weight, target=target, kind=weight_kind),
        weight_kind=weight_kind,
        rng=seed,
    )
    with replacing(out) as stream:
        stream.write(certificate.to_json().encode("utf-8"))
    answer = {**certificate.to_dict(), "out": str(out)}
    show((certificate.summary(), f"The certificate is in {out}."), answer, as_json=as_json)
    if any(finding.code == "RD310" for finding in certificate.findings):
        ctx.exit(1)
