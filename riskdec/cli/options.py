"""Options that several commands share, and the grammar of costs on the command line."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from riskdec.cli.completion import COLUMN, COSTS, LABEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec.decisions import CostMatrix

Command = TypeVar("Command", bound="Callable[..., Any]")

_COST_NAMES = {
    "fp": "false_positive",
    "fn": "false_negative",
    "tp": "true_positive",
    "tn": "true_negative",
    "defer": "defer",
}
_GRAMMAR = (
    "Write name=number pairs joined by commas, for example fp=1,fn=15,defer=0.6. Names: fp or false_positive, fn or "
    "false_negative (both needed), tp or true_positive, tn or true_negative (0 unless given), defer (no "
    "defer action unless given). Decimals have a point."
)


class ColumnCost(NamedTuple):
    """A cost that is so many times what a column of the rows holds."""

    factor: float
    column: str


def parse_costs(text: str, *, by_row: bool = False) -> dict[str, Any]:
    """Read costs as `CostMatrix.binary` names them.

    Parameters
    ----------
    text : str
        Pairs such as ``"fp=1,fn=15,defer=0.6"``.
    by_row : bool
        Whether the name of a column, or a number times a column, may stand for a number.

    Returns
    -------
    dict of str to float or ColumnCost
        Keywords of `CostMatrix.binary`.

    Raises
    ------
    ValueError
        With the grammar, if the text does not follow it.

    Examples
    --------
    >>> parse_costs("fp=1, fn=15, defer=0.6")
    {'false_positive': 1.0, 'false_negative': 15.0, 'defer': 0.6}
    >>> parse_costs("fp=200,fn=0.6*amount", by_row=True)["false_negative"]
    ColumnCost(factor=0.6, column='amount')
    """
    costs: dict[str, Any] = {}
    for pair in text.split(","):
        name, equals, amount = (part.strip() for part in pair.partition("="))
        key = _COST_NAMES.get(name, name)
        if not equals or key not in _COST_NAMES.values():
            message = f"costs must be pairs of a known name and a number; got {pair.strip()!r}. {_GRAMMAR}"
            raise ValueError(message)
        if key in costs:
            message = f"each cost must be given once; got {key} twice. {_GRAMMAR}"
            raise ValueError(message)
        costs[key] = _amount(name, amount, by_row=by_row)
    absent = [key for key in ("false_positive", "false_negative") if key not in costs]
    if absent:
        message = f"costs must hold fp and fn; got no {' and no '.join(absent)}. {_GRAMMAR}"
        raise ValueError(message)
    return costs


def _amount(name: str, text: str, *, by_row: bool) -> float | ColumnCost:
    first, times, second = (part.strip() for part in text.partition("*"))
    factor, column = (first, second) if times else ("1", first)
    try:
        amount = float(factor if times else first)
    except ValueError:
        if by_row and column and not times:
            return ColumnCost(1.0, column)
        amount = math.nan
    if not math.isfinite(amount) or (times and not (by_row and column)):
        rule = "a finite number, a column, or a number times a column" if by_row else "a finite number"
        hint = "" if by_row or not column else " (a column of the rows can stand for a number in riskdec decide)"
        message = f"the cost {name} must be {rule}; got {text!r}{hint}. {_GRAMMAR}"
        raise ValueError(message)
    return ColumnCost(amount, column) if times else amount


def costs_option(*, help: str, required: bool = False, by_row: bool = False) -> Callable[[Command], Command]:
    """Make the option --costs; each command says what it needs them for."""

    def read(ctx: click.Context, param: click.Parameter, value: str | None) -> dict[str, Any] | CostMatrix | None:
        if value is None:
            return None
        if value.lower().endswith((".toml", ".csv")):
            from riskdec.cli.cost_files import read_cost_file

            return read_cost_file(Path(value))
        try:
            return parse_costs(value, by_row=by_row)
        except ValueError as err:
            raise click.BadParameter(str(err), ctx, param) from err

    named = f"{help} Or a .toml or .csv file with named outcomes and actions."
    return click.option("--costs", type=COSTS, callback=read, metavar="COSTS", required=required, help=named)


FILE = click.Path(path_type=Path)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
target_option = click.option(
    "--target", required=True, type=COLUMN, metavar="COLUMN", help="The column that says what happened."
)
event_option = click.option(
    "--event",
    type=LABEL,
    metavar="VALUE",
    help="The value of the target whose probability is the risk; needed unless the target is 0/1 or true/false.",
)
groups_option = click.option(
    "--groups",
    type=COLUMN,
    metavar="COLUMN",
    help="Rows with one value here belong together (a person, a site): intervals allow for it.",
)
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Start of the random numbers."
)
test_option = click.option(
    "--test",
    type=FILE,
    metavar="FILE",
    help="Judge on the rows of this file, with the same columns, and fit on all of DATA instead of splitting it.",
)
html_option = click.option("--html", type=FILE, metavar="FILE", help="Also write one offline HTML page.")
drop_option = click.option(
    "--drop", multiple=True, type=COLUMN, metavar="COLUMN", help="A column to leave out; may be repeated."
)


def weight_options(command: Command) -> Command:
    """Add --sample-weight and --weight-kind."""
    kind = click.option(
        "--weight-kind",
        type=click.Choice(["frequency", "importance"]),
        default="frequency",
        show_default=True,
        help="Whether --sample-weight counts equal rows or says how much each row matters.",
    )
    column = click.option("--sample-weight", type=COLUMN, metavar="COLUMN", help="How often each row counts.")
    return column(kind(command))
