"""Costs with named outcomes and actions, read from a TOML or a CSV file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.decisions import CostMatrix

COST_ENDINGS = (".toml", ".csv")
_SHAPE = (
    'Write actions = ["leave", "treat", "ask"], defer = ["ask"] (left out where no action defers), and under [costs] '
    "a line for each outcome, such as ill = [15, 0, 0.6]."
)
_CSV_SHAPE = (
    "With outcome there, each row is an outcome and each column an action; with action it is the other way round. An "
    "action named defer defers."
)


def read_cost_file(path: Path) -> CostMatrix:
    """Read a cost matrix; the second of two outcomes is the event.

    Parameters
    ----------
    path : Path
        TOML with ``actions``, optionally ``defer``, and a table ``costs`` with one list for each outcome; or CSV with
        a row for each outcome and a column for each action, or the other way round, as its first cell says, and an
        action named "defer" where one defers.

    Raises
    ------
    InputError
        If the file is missing or holds something else.
    """
    from riskdec.cli.tables import check_input

    check_input(path)
    return _read_toml(path) if path.name.lower().endswith(".toml") else _read_csv(path)


def _read_toml(path: Path) -> CostMatrix:
    import tomllib

    try:
        given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise refuse(str(path), "be a TOML file", str(err), _SHAPE) from err
    strange = sorted(set(given) - {"actions", "defer", "costs"})
    if strange or not isinstance(given.get("costs"), dict) or not isinstance(given.get("actions"), list):
        raise refuse(str(path), "hold actions, costs and at most defer", ", ".join(given) or "nothing", _SHAPE)
    return _named_costs(path, given["costs"], given["actions"], given.get("defer"))


def _read_csv(path: Path) -> CostMatrix:
    from riskdec.cli.tables import read_table

    frame = read_table(path)
    first = str(frame.columns[0])
    corner = first.strip().lower().rstrip("s")
    if corner not in {"outcome", "action"}:
        rule = "say in the first cell of its header what its rows are: outcome or action"
        raise refuse(str(path), rule, repr("" if first.startswith("Unnamed:") else first), _CSV_SHAPE)
    table = frame.set_index(first)
    if corner == "action":
        table = table.T
    outcomes, actions = ([str(name) for name in names] for names in (table.index, table.columns))
    for names, kind in ((outcomes, "outcome"), (actions, "action")):
        twins = [name for name in names if names.count(name) > 1]
        if twins:
            raise refuse(str(path), f"name each {kind} once", f"{twins[0]!r} twice")
    # As objects of Python, with None where a cell is empty.
    cells = table.astype(object).where(table.notna(), None).to_numpy(dtype=object).tolist()
    costs = dict(zip(outcomes, cells, strict=True))
    return _named_costs(path, costs, actions, ["defer"] if "defer" in actions else None)


def _named_costs(path: Path, costs: dict[str, Any], actions: list[Any], defer: Any) -> CostMatrix:
    """Make the matrix of what a file says; an amount that is none is named by outcome and action."""
    from riskdec.decisions import CostMatrix

    for outcome, row in costs.items():
        if not isinstance(row, list) or len(row) != len(actions):
            rule = f"be a list with one number for each of {len(actions)} actions"
            raise refuse(f"the costs of {outcome!r} in {path}", rule, repr(row), _SHAPE)
        for action, amount in zip(actions, row, strict=True):
            if isinstance(amount, bool) or not isinstance(amount, int | float) or not math.isfinite(amount):
                shown = "none" if amount is None or amount != amount else repr(amount)
                cure = "Write a plain number; a gain is a negative cost."
                raise refuse(f"the cost of {action!r} under {outcome!r} in {path}", "be a finite number", shown, cure)
    return CostMatrix(list(costs.values()), outcomes=list(costs), actions=actions, defer=defer)
