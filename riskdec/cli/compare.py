"""`riskdec compare`: what does weighting the loss do to the risks?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from riskdec.cli.options import FILE, costs_option, event_option, html_option, json_option, seed_option, target_option
from riskdec.cli.output import check_output, show

if TYPE_CHECKING:
    from pathlib import Path


_EXAMPLE = """\b
Example:
  riskdec compare patients.csv --target died --event 1 --weights natural --html weights.html
"""


@click.command(short_help="What does weighting the loss do to the risks?", epilog=_EXAMPLE)
@click.argument("data", type=FILE)
@target_option
@event_option
@click.option(
    "--weights",
    type=click.Choice(["natural", "balanced"]),
    default="natural",
    show_default=True,
    help="The weights to compare with none; the two differ by scale only.",
)
@costs_option(help="Also compare the realised cost; see riskdec decide.")
@click.option(
    "--test-size",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.4,
    show_default=True,
    help="Share of the rows that are held out for the comparison.",
)
@click.option("--drop", multiple=True, metavar="COLUMN", help="A column to leave out; may be repeated.")
@html_option
@seed_option
@json_option
def compare(
    data: Path,
    target: str,
    event: str | None,
    weights: str,
    costs: dict[str, float] | None,
    test_size: float,
    drop: tuple[str, ...],
    html: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Fit DATA with and without class weights and show what the weights do to the risks.

    One part of the rows trains both models, the other part judges them; the split keeps the share of events.
    """
    from sklearn.model_selection import train_test_split

    from riskdec._base.checks import refuse
    from riskdec.cli.tables import find_event, read_table, take_column, take_target
    from riskdec.models import TabularRiskModel
    from riskdec.weighting import compare_weighting

    check_output(html, endings=(".html", ".htm"), inputs=(data,))
    frame = read_table(data)
    outcome = take_target(frame, target)
    label = find_event(outcome, event, target=target)
    for name in drop:
        take_column(frame, name, option="--drop")
    rows = frame.drop(columns=[target, *drop])
    try:
        rows_train, rows_test, outcome_train, outcome_test = train_test_split(
            rows, outcome, test_size=test_size, random_state=seed, stratify=outcome
        )
    except ValueError as err:
        raise refuse("--test-size", "leave rows with each outcome in both parts", f"{test_size:g} ({err})") from err
    # A rare level may fall into the held-out part alone.
    estimator = TabularRiskModel(event=label, unseen="reference")
    comparison = compare_weighting(
        estimator,
        rows_train,
        outcome_train,
        schemes=("none", weights),
        costs=costs,
        X_test=rows_test,
        y_test=outcome_test,
        rng=seed,
    )
    if html is not None:
        comparison.to_html(html)
    text = str(comparison.summary()) + ("" if html is None else f"\n\nThe page is at {html}.")
    show(text, {**comparison.to_dict(), "html": None if html is None else str(html)}, as_json=as_json)
