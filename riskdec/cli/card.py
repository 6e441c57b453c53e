"""`riskdec card`: what a model is and what it was shown to do, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from riskdec.cli.completion import COLUMN
from riskdec.cli.options import FILE, costs_option, json_option, seed_option
from riskdec.cli.output import check_output, show

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.decisions import CostMatrix

_EXAMPLE = """\b
Example:
  with its calibration and its costs on later rows
    riskdec card model.riskdec --title "In-hospital death" \\
      --data later.csv --target died --costs fp=1,fn=15,defer=0.6 \\
      --answers answers.toml --out README.md
"""


@click.command(short_help="A model card in Markdown.", epilog=_EXAMPLE)
@click.argument("model", type=FILE)
@click.option("--title", required=True, help="Name of the model.")
@click.option("--data", type=FILE, metavar="FILE", help="Rows that the model has not seen, with their outcomes.")
@click.option("--target", type=COLUMN, metavar="COLUMN", help="The column of DATA that says what happened.")
@costs_option(help="The costs it is meant to decide under; see riskdec decide.")
@click.option(
    "--answers", type=FILE, metavar="FILE", help="A TOML file with what only people know: purpose, source, limits, ..."
)
@click.option("--looks", type=click.IntRange(min=1), help="How many analyses have used DATA, this one included.")
@click.option("--license", "licence", metavar="NAME", help="Licence for the front matter, such as apache-2.0.")
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the card (.md).")
@seed_option
@json_option
def card(
    model: Path,
    title: str,
    data: Path | None,
    target: str | None,
    costs: dict[str, float] | CostMatrix | None,
    answers: Path | None,
    looks: int | None,
    licence: str | None,
    out: Path,
    seed: int,
    as_json: bool,
) -> None:
    """Write the card of MODEL: what it is, what it was shown to do, and what its authors still have to say.

    Headings follow TRIPOD+AI; the front matter is what hubs of models read. What only people know comes from the file
    of answers, a line such as purpose = "..." for each; what is missing there is marked as open.
    """
    from riskdec.cli.risk_source import load_model
    from riskdec.decisions import as_cost_matrix
    from riskdec.report import model_card

    check_output(out, endings=(".md",), inputs=tuple(path for path in (model, data, answers) if path is not None))
    fitted = load_model(model)
    matrix = None if costs is None else as_cost_matrix(costs)
    shown = {} if data is None else _results(fitted, data, target, matrix, seed)
    made = model_card(
        fitted,
        title=title,
        costs=matrix,
        answers=_read_answers(answers),
        n_looks=looks,
        license=licence,
        **shown,
    )
    made.save(out)
    show((made.summary(), f"The card is at {out}."), {**made.to_dict(), "out": str(out)}, as_json=as_json)


def _results(fitted: Any, data: Path, target: str | None, costs: CostMatrix | None, seed: int) -> dict[str, Any]:
    """Diagnose, decide and evaluate on the rows given."""
    from riskdec._base.checks import choose_event, refuse
    from riskdec.cli.columns import check_outcomes, features_for, take_target
    from riskdec.cli.tables import read_table
    from riskdec.decisions import evaluate_decisions

    if target is None:
        raise refuse("--target", "be given with --data", "no column", "Name the column that says what happened.")
    frame = read_table(data)
    outcome = take_target(frame, target)
    check_outcomes(fitted, outcome, target=target)
    rows = features_for(fitted, frame)
    shown: dict[str, Any] = {"report": fitted.diagnose(rows, outcome, costs=costs, rng=seed)}
    if costs is not None:
        event = choose_event(fitted.classes_, fitted.event)
        shown["evaluation"] = evaluate_decisions(outcome, fitted.decide(rows, costs), event=event)
    return shown


def _read_answers(path: Path | None) -> dict[str, str]:
    """Read what only people know: one text for each key of a TOML file."""
    import tomllib

    from riskdec._base.checks import refuse
    from riskdec.cli.tables import check_input

    if path is None:
        return {}
    check_input(path)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise refuse(str(path), "be a TOML file", str(err), 'Write lines such as purpose = "...".') from err
    wrong = [key for key, value in given.items() if not isinstance(value, str)]
    if wrong:
        raise refuse(f"{wrong[0]} in {path}", "be text", type(given[wrong[0]]).__name__, "Put it in quotes.")
    return given
