"""`riskdec decide`: from new rows and costs to actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from riskdec.cli.completion import COLUMN
from riskdec.cli.options import FILE, ColumnCost, costs_option, groups_option, html_option, json_option, weight_options
from riskdec.cli.output import check_output, show, write_table
from riskdec.cli.risk_options import takes_risks
from riskdec.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from riskdec.cli.risk_options import RiskSource
    from riskdec.decisions import CostMatrix, Decisions

_ADDED = ("risk", "action", "expected_cost")


_EXAMPLE = """\b
Examples:
  a miss costs 15 false alarms, a second opinion 0.6 of one
    riskdec decide model.riskdec new.csv \\
      --costs fp=1,fn=15,defer=0.6 --out actions.csv
  at most 20 second opinions
    riskdec decide model.riskdec new.csv \\
      --costs fp=1,fn=15,defer=0.6 --at-most defer=20 --out actions.csv
  a miss costs 0.6 of what a column holds
    riskdec decide model.riskdec new.csv --costs "fp=200,fn=0.6*amount" \\
      --out actions.csv
  the model was fitted with weights of 8 : 1, which are undone
    riskdec decide model.riskdec new.csv --undo-weights 8 \\
      --costs fp=1,fn=15 --out actions.csv
  risks alone
    riskdec decide model.riskdec new.csv --risks-only --out risks.csv
"""


def _read_limits(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, float] | None:
    limits: dict[str, float] = {}
    for text in value:
        action, equals, most = (part.strip() for part in text.rpartition("="))
        try:
            number = float(most)
            limits[action] = int(number) if number.is_integer() else number
        except (ValueError, OverflowError):
            equals = ""
        if not equals or not action:
            message = f"must be an action and a number, such as defer=200, or a share such as defer=0.1; got {text!r}."
            raise click.BadParameter(message, ctx, param)
    return limits or None


@click.command(short_help="From new rows and costs to actions.", epilog=_EXAMPLE)
@takes_risks(rows="NEW")
@costs_option(
    help="fp: acting for nothing; fn: missing an event; defer: handing the case on. Only ratios matter. A column of "
    "NEW, or a number times one, may stand for a number.",
    by_row=True,
)
@click.option(
    "--certificate", type=FILE, metavar="FILE", help="Decide as riskdec certify certified, instead of by costs."
)
@click.option("--risks-only", is_flag=True, help="Write the risks alone, without costs and without actions.")
@click.option(
    "--at-most",
    multiple=True,
    callback=_read_limits,
    metavar="ACTION=NUMBER",
    help="Most rows that may get an action, or below 1 their share; may be repeated. The dearest mistakes go first.",
)
@click.option(
    "--target", type=COLUMN, metavar="COLUMN", help="If the outcomes are known: also what the decisions cost."
)
@groups_option
@weight_options
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the decisions.")
@html_option
@json_option
def decide(
    source: RiskSource,
    costs: dict[str, Any] | CostMatrix | None,
    certificate: Path | None,
    risks_only: bool,
    at_most: dict[str, float] | None,
    target: str | None,
    groups: str | None,
    sample_weight: str | None,
    weight_kind: Literal["frequency", "importance"],
    out: Path,
    html: Path | None,
    as_json: bool,
) -> None:
    """Choose for each row of NEW the action with the least expected cost under the risks of MODEL, or of a column.

    The file written holds the columns of NEW and three more: risk, action, expected_cost (two with a certificate, the
    risk alone with --risks-only; a column risk that was decided by as it is stays the only one). With defer in the
    costs there is a gray zone, in which deciding costs more than handing the case on.
    """
    from riskdec.cli.columns import features_for, take_groups, take_target, take_weights
    from riskdec.cli.tables import ENDINGS, read_table

    _check_options(costs, certificate, risks_only=risks_only, at_most=at_most)
    _check_judging(target, {"--groups": groups, "--sample-weight": sample_weight})
    check_output(out, endings=ENDINGS, inputs=source.inputs)
    check_output(html, endings=(".html", ".htm"), inputs=(*source.inputs, out))
    frame = read_table(source.data)
    kept = ("risk",) if source.column == "risk" and source.is_unmended and not risks_only else ()
    taken = [name for name in _ADDED if name in frame.columns and name not in kept]
    if taken:
        message = (
            f"{source.data} must not have a column named {' or '.join(taken)}. Rename it: the result is called so."
        )
        raise InputError(message)
    outcome = None if target is None else take_target(frame, target)
    by_row: dict[str, Any] = {
        "groups": take_groups(frame, groups, option="--groups", target=target),
        "sample_weight": take_weights(frame, sample_weight, target=target, kind=weight_kind),
        "weight_kind": weight_kind,
    }
    model = source.open(frame, outcome, target=target)
    rows = features_for(model, frame)
    if risks_only:
        _give_risks(model.predict_risk(rows), frame, source, out, as_json=as_json)
        return
    added: dict[str, Any]
    if certificate is not None:
        decisions = _certified(model, rows, certificate)
        added = {"risk": decisions.y_proba, "action": decisions.action}
    else:
        settled = _settled(costs, frame)
        _check_limits(at_most, settled)
        decisions = model.decide(rows, settled, capacity=at_most, keep_cost=True)
        added = {"risk": decisions.y_proba, "action": decisions.action, "expected_cost": decisions.expected_cost}
    _write_rows(frame, source.data, {name: values for name, values in added.items() if name not in kept}, out)
    _tell(decisions, model, source, outcome, by_row, out, html, as_json=as_json)


def _check_options(costs: object, certificate: object, *, risks_only: bool, at_most: object) -> None:
    if (costs is not None) + (certificate is not None) + risks_only != 1:
        message = (
            "one of --costs, --certificate and --risks-only must be given. Costs find a zone; a certificate holds one; "
            "without either there are risks and no decisions."
        )
        raise click.UsageError(message)
    if at_most is not None and costs is None:
        raise click.UsageError("--at-most goes with --costs: they say which row needs the action most.")


def _check_judging(target: str | None, options: dict[str, str | None]) -> None:
    given = [option for option, value in options.items() if value is not None]
    if target is None and given:
        raise click.UsageError(f"{given[0]} goes with --target: it is about what the decisions cost.")


def _settled(costs: Any, frame: pd.DataFrame) -> Any:
    """Give costs in which amounts stand for columns."""
    from riskdec.cli.columns import take_amounts

    if not isinstance(costs, dict):
        return costs
    return {
        name: cost.factor * take_amounts(frame, cost.column, option="--costs") if isinstance(cost, ColumnCost) else cost
        for name, cost in costs.items()
    }


def _check_limits(at_most: dict[str, float] | None, costs: Any) -> None:
    from riskdec._base.checks import refuse
    from riskdec.cli.tables import suggest
    from riskdec.decisions.costs.cost_input import as_costs

    actions = as_costs(costs).actions if at_most else ()
    for name in at_most or ():
        if name not in actions:
            shown = ", ".join(map(repr, actions))
            raise refuse(
                "--at-most", f"name an action of the costs ({shown})", repr(name), suggest(name, actions).strip()
            )


def _give_risks(risk: Any, frame: pd.DataFrame, source: RiskSource, out: Path, *, as_json: bool) -> None:
    import numpy as np

    from riskdec._base.result import jsonable
    from riskdec._base.table import count, percent

    _write_rows(frame, source.data, {"risk": risk}, out)
    known = risk[~np.isnan(risk)]
    mean = float(known.mean()) if len(known) else np.nan
    text = (
        f"{count(len(risk))} risks, {percent(mean)} on average, between {percent(known.min())} and "
        f"{percent(known.max())}."
        if len(known)
        else "No row has a risk."
    )
    lacking = len(risk) - len(known)
    left = (f"{count(lacking)} rows lack a value and have no risk.",) if lacking else ()
    answer = jsonable({"n": len(risk), "without_risk": lacking, "mean_risk": mean, "risk": risk, "out": str(out)})
    show((text, *left, f"The risks are in {out}."), answer, as_json=as_json)


def _tell(
    decisions: Decisions,
    model: Any,
    source: RiskSource,
    outcome: Any,
    by_row: dict[str, Any],
    out: Path,
    html: Path | None,
    *,
    as_json: bool,
) -> None:
    """Say what was decided, by which costs, and what it cost where that is known."""
    from riskdec._base.checks import choose_event
    from riskdec.cli.pages import write_pages
    from riskdec.decisions import evaluate_decisions

    found: list[Any] = [decisions]
    answer: dict[str, Any] = {**decisions.to_dict(), "out": str(out), "html": None if html is None else str(html)}
    if outcome is not None:
        event = choose_event(model.classes_, model.event)
        found.append(evaluate_decisions(outcome, decisions, event=event, **by_row))
        answer["evaluation"] = found[-1].to_dict()
    if html is not None:
        write_pages(found, html, title=f"Decisions on {source.data.name} by {source.name}")
    written = [f"The decisions are in {out}.", *([] if html is None else [f"The page is at {html}."])]
    # A certificate holds a zone; the costs that would give it are nobody's words.
    said = [" ".join(decisions.costs.sentences())] if decisions.costs_given else []
    show([*said, *(one.summary() for one in found), *written], answer, as_json=as_json)


def _write_rows(frame: pd.DataFrame, new: Path, added: dict[str, Any], path: Path) -> None:
    """Write the rows as they were, and what was added to them."""
    from riskdec.cli.tables import TEXT_ENDINGS, read_as_written

    numbers = set(frame.select_dtypes("number").columns)
    if new.name.lower().endswith(TEXT_ENDINGS) and path.name.lower().endswith(TEXT_ENDINGS):
        original, dialect = read_as_written(new)
        write_table(original.assign(**added), path, numbers=numbers, dialect=dialect)
    else:
        write_table(frame.assign(**added), path, numbers=numbers)


def _certified(model: Any, rows: Any, path: Path) -> Decisions:
    """Decide as a certificate says, which holds its zone and no costs."""
    from riskdec.cli.tables import check_input
    from riskdec.decisions import DeferralCertificate

    check_input(path)
    try:
        certificate = DeferralCertificate.from_json(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, InputError) as err:
        why = "" if isinstance(err, UnicodeDecodeError) else f" ({str(err).rstrip('.')})"
        message = (
            f"{path} must be a certificate that riskdec certify wrote; got something else{why}. Name another file."
        )
        raise InputError(message) from err
    return certificate.apply(model.predict_risk(rows))
