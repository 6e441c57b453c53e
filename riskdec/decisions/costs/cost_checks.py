"""The door of cost matrices: names, amounts and shapes in, clean ones out."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from riskdec._base.checks import check_array, check_number, check_numbers, refuse, refuse_rows
from riskdec._base.frames import column_names, frame_kind, is_frame
from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray, FloatArray

BINARY_KEYS = (
    "false_positive",
    "false_negative",
    "true_positive",
    "true_negative",
    "defer",
    "outcomes",
    "actions",
)

# Products of two differences of costs stay far from the largest float.
LARGEST = 1e100

NAMES_CURE = (
    "Rows and columns can be read two ways, and the two choose opposite actions. Name them: "
    "CostMatrix(costs, outcomes=('healthy', 'ill'), actions=('wait', 'treat')) with one row per outcome; "
    "for a yes-or-no decision, costs={'false_positive': 1, 'false_negative': 15, 'defer': 0.6} is enough."
)


def check_names(names: object, *, name: str, lengths: tuple[int, ...] = ()) -> tuple[str, ...]:
    """Give at least two different names as text; whole numbers count as names."""
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise refuse(name, "be a sequence of names", repr(names), f"For example {name}=('first', 'second').")
    found = tuple(names)
    bad = [label for label in found if not isinstance(label, (str, Integral)) or str(label) == ""]
    if bad:
        raise refuse(name, "be names (text or whole numbers)", f"{bad[0]!r} at position {found.index(bad[0])}")
    texts = tuple(str(label) for label in found)
    if len(texts) < 2:
        raise refuse(name, "be at least two names", f"{len(texts)}")
    if lengths and len(texts) not in lengths:
        cure = "A third action needs its cost: defer=..." if name == "actions" else ""
        raise refuse(name, f"be {' or '.join(map(str, lengths))} names", f"{len(texts)}", cure)
    twice = [label for place, label in enumerate(texts) if label in texts[:place]]
    if twice:
        raise refuse(name, "differ from each other", f"{twice[0]!r} more than once")
    return texts


def check_costs(
    costs: object, *, outcomes: tuple[str, ...], actions: tuple[str, ...], may_be_equal: bool
) -> FloatArray:
    """Give finite costs of shape (K, A), copied, that (unless they need not) tell at least two actions apart."""
    array = _rectangle(costs)
    wanted = (len(outcomes), len(actions))
    if array.shape != wanted:
        rule = f"have one row per outcome ({wanted[0]}) and one column per action ({wanted[1]})"
        turned = array.shape == wanted[::-1]
        cure = "Rows are outcomes: transpose the matrix if its rows are actions." if turned else ""
        raise refuse("costs", rule, f"shape {array.shape}", cure)
    bad = ~np.isfinite(array) if array.dtype.kind == "f" else np.zeros(wanted, dtype=bool)
    if bad.any():
        cure = "Every action needs a cost under every outcome."
        raise refuse_rows("costs", "be finite (no NaN, no inf)", array, bad, cure)
    # Adding zero copies, and turns minus zero into zero, so that equal matrices have equal bytes.
    table = check_numbers(array, name="costs", ndim=2) + 0.0
    if (np.abs(table) > LARGEST).any():
        cure = "Count in a larger unit."
        raise refuse_rows("costs", "stay below 1e100 in size", table, np.abs(table) > LARGEST, cure)
    if not may_be_equal and (table == table[:, [0]]).all():
        cure = "With equal costs for all actions there is nothing to decide."
        raise refuse("costs", "differ between actions under some outcome", "equal columns", cure)
    return table


def check_amount(cost: object, *, name: str) -> float:
    """Give one finite cost; anything that varies from row to row is refused with the reason."""
    if not isinstance(cost, (int, float, str)) and (callable(cost) or isinstance(cost, Iterable)):
        kind = "a function" if callable(cost) else f"a {type(cost).__name__}"
        cure = "Amounts that differ from row to row go into CostMatrix.binary or CaseCosts, as an array or a function."
        raise refuse(name, "be one number", kind, cure)
    return check_number(cost, name=name)


def check_fees(cost: object, n_outcomes: int, *, name: str) -> FloatArray:
    """Give the cost of deferring under each outcome, from one fee or from one for each."""
    if isinstance(cost, Real) or not isinstance(cost, Iterable) or isinstance(cost, str):
        return np.full(n_outcomes, check_amount(cost, name=name))
    fees = [check_amount(fee, name=name) for fee in cost]
    if len(fees) != n_outcomes:
        raise refuse(name, f"be one number, or one per outcome ({n_outcomes})", f"{len(fees)} numbers")
    return np.array(fees)


def check_defer(defer: object, actions: tuple[str, ...]) -> tuple[str, ...]:
    """Give the names of the actions that mean not deciding; the name ``"defer"`` speaks for itself."""
    if defer is None:
        return ("defer",) if "defer" in actions else ()
    names = (defer,) if isinstance(defer, str) or not isinstance(defer, Iterable) else tuple(defer)
    for name in names:
        if str(name) not in actions:
            shown = ", ".join(map(repr, actions))
            raise refuse("defer", f"be one of the actions ({shown})", repr(name), "Use with_defer to add one.")
    if len(names) == len(actions):
        raise refuse("defer", "leave an action that decides", f"all of {', '.join(map(repr, names))}")
    return tuple(str(name) for name in names)


def is_varying(amount: object) -> bool:
    """Tell whether an amount is given by a function, a column's name or an array: one for each row.

    Lists and tuples are not: of two numbers nothing would tell whether they belong to rows or to outcomes.
    """
    if isinstance(amount, (int, float)):
        return False
    if callable(amount) or isinstance(amount, str):
        return True
    listed = isinstance(amount, (list, tuple))
    # An array of no axes is one number.
    return isinstance(amount, Iterable) and not listed and np.shape(cast("Any", amount)) != ()


def check_keywords(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Give the keywords of `CostMatrix.binary`, with the two that have no default among them."""
    known = ", ".join(BINARY_KEYS)
    unknown = [key for key in keywords if key not in BINARY_KEYS]
    if unknown:
        raise refuse("costs", f"use only the keys {known}", repr(unknown[0]))
    missing = [key for key in ("false_positive", "false_negative") if key not in keywords]
    if missing:
        given = ", ".join(keywords) or "nothing"
        raise refuse("costs", f"say {' and '.join(missing)}", given, "An error that costs nothing is written as 0.")
    return dict(keywords)


def read_frame(frame: object) -> tuple[tuple[str, ...], tuple[str, ...], AnyArray]:
    """Take outcome names, action names and costs out of a data frame."""
    if not is_frame(frame):
        raise refuse("frame", "be a data frame of pandas, polars or pyarrow", f"a {type(frame).__name__}")
    names = column_names(frame)
    table = check_array(frame, name="frame", ndim=2)
    if table.size and isinstance(table[0, 0], str):
        return tuple(table[:, 0].tolist()), names[1:], table[:, 1:]
    index = tuple(cast("Any", frame).index) if frame_kind(frame) == "pandas" else ()
    if not index or not all(isinstance(label, str) for label in index):
        cure = "Put their names into the first column, or into the index of a pandas frame."
        raise refuse("frame", "name its outcomes", f"the columns {', '.join(names)} alone", cure)
    return index, names, table


def _rectangle(costs: object) -> AnyArray:
    try:
        return check_array(costs, name="costs", ndim=2)
    except InputError:
        raise
    except ValueError as err:
        raise refuse("costs", "have rows of equal length", "rows of different lengths") from err
