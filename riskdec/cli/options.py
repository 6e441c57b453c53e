"""Options that several commands share, and the grammar of costs on the command line."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

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


def parse_costs(text: str) -> dict[str, float]:
    """Read costs as `CostMatrix.binary` names them.

    Parameters
    ----------
    text : str
        Pairs such as ``"fp=1,fn=15,defer=0.6"``.

    Returns
    -------
    dict of str to float
        Keywords of `CostMatrix.binary`.

    Raises
    ------
    ValueError
        With the grammar, if the text does not follow it.

    Examples
    --------
    >>> parse_costs("fp=1, fn=15, defer=0.6")
    {'false_positive': 1.0, 'false_negative': 15.0, 'defer': 0.6}
    """
    costs: dict[str, float] = {}
    for pair in text.split(","):
        name, equals, amount = (part.strip() for part in pair.partition("="))
        key = _COST_NAMES.get(name, name)
        if not equals or key not in _COST_NAMES.values():
            message = f"costs must be pairs of a known name and a number; got {pair.strip()!r}. {_GRAMMAR}"
            raise ValueError(message)
        if key in costs:
            message = f"each cost must be given once; got {key} twice. {_GRAMMAR}"
            raise ValueError(message)
        costs[key] = _amount(name, amount)
    absent = [key for key in ("false_positive", "false_negative") if key not in costs]
    if absent:
        message = f"costs must hold fp and fn; got no {' and no '.join(absent)}. {_GRAMMAR}"
        raise ValueError(message)
    return costs


def _amount(name: str, text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not math.isfinite(amount):
        message = f"the cost {name} must be a finite number; got {text!r}. {_GRAMMAR}"
        raise ValueError(message)
    return amount


def _read_costs(ctx: click.Context, param: click.Parameter, value: str | None) -> dict[str, float] | CostMatrix | None:
    if value is None:
        return None
    if value.lower().endswith((".toml", ".csv")):
        from riskdec.cli.cost_files import read_cost_file

        return read_cost_file(Path(value))
    try:
        return parse_costs(value)
    except ValueError as err:
        raise click.BadParameter(str(err), ctx, param) from err


def costs_option(*, help: str, required: bool = False) -> Callable[[Command], Command]:
    """Make the option --costs; each command says what it needs them for."""
    named = f"{help} Or a .toml or .csv file with named outcomes and actions."
    return click.option("--costs", callback=_read_costs, metavar="COSTS", required=required, help=named)


FILE = click.Path(path_type=Path)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
target_option = click.option("--target", required=True, metavar="COLUMN", help="The column that says what happened.")
event_option = click.option(
    "--event",
    metavar="VALUE",
    help="The value of the target whose probability is the risk; needed unless the target is 0/1 or true/false.",
)
groups_option = click.option(
    "--groups",
    metavar="COLUMN",
    help="Rows with one value here belong together (a person, a site): intervals allow for it.",
)
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Start of the random numbers."
)
html_option = click.option("--html", type=FILE, metavar="FILE", help="Also write one offline HTML page.")
