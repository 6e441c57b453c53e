"""Costs with named outcomes and actions, read from a TOML or a CSV file."""

from __future__ import annotations

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


def read_cost_file(path: Path) -> CostMatrix:
    """Read a cost matrix; the second of two outcomes is the event.

    Parameters
    ----------
    path : Path
        TOML with ``actions``, optionally ``defer``, and a table ``costs`` with one list for each outcome; or CSV with
        the outcomes in the first column, the actions in its header, and an action named "defer" where one defers.

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

    from riskdec.decisions import CostMatrix

    try:
        given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise refuse(str(path), "be a TOML file", str(err), _SHAPE) from err
    strange = sorted(set(given) - {"actions", "defer", "costs"})
    if strange or not isinstance(given.get("costs"), dict) or not isinstance(given.get("actions"), list):
        raise refuse(str(path), "hold actions, costs and at most defer", ", ".join(given) or "nothing", _SHAPE)
    costs = given["costs"]
    lengths = [len(row) if isinstance(row, list) else 0 for row in costs.values()]
    if any(length != len(given["actions"]) for length in lengths):
        outcome = list(costs)[[length == len(given["actions"]) for length in lengths].index(False)]
        raise refuse(
            f"the costs of {outcome!r} in {path}",
            f"be a list with one number for each of {len(given['actions'])} actions",
            repr(costs[outcome]),
        )
    return CostMatrix(list(costs.values()), outcomes=list(costs), actions=given["actions"], defer=given.get("defer"))


def _read_csv(path: Path) -> CostMatrix:
    from riskdec.cli.tables import read_table
    from riskdec.decisions import CostMatrix

    frame = read_table(path)
    first = frame.columns[0]
    named = frame.assign(**{first: frame[first].astype(str)})
    defer = "defer" if "defer" in frame.columns[1:] else None
    return CostMatrix.from_frame(named, defer=defer)
