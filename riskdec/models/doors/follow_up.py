"""Times to an event among the data: whether the outcome is censored is asked, because survival is out of scope."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.codes import warn
from riskdec._base.frames import column_names, get_column, is_frame
from riskdec.errors import CensoringWarning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import AnyArray

_UNITS = "time|days|weeks|months|years"
_EVENTS = "event|death|failure|relapse|recurrence|progression|censoring|last_follow_?up"
# Names that hardly any column bears but a time under observation.
_FOLLOW_UP = re.compile(
    rf"(fu|follow_?up)(_?({_UNITS}|duration|length))?|futime|surv(ival)?_?({_UNITS})"
    rf"|(overall|event_free|disease_free|progression_free)_survival|(os|efs|dfs|pfs|rfs)_?({_UNITS})"
    rf"|({_UNITS})_(to|till|until)_({_EVENTS})|({_EVENTS}|d)_?time|tte|time_at_risk"
)
# Names that mean a time under observation only beside an outcome of the second kind.
_TIME = re.compile(rf"({_UNITS}|duration|survival)")
_STATUS = re.compile(r"status|vital_?status|cens(or(ed|s|ing)?)?|event|died|dead|death|deceased|relapsed?|recurrence")
_FEWEST_TIMES = 3
_CURE = (
    "Decide on a horizon, make the outcome 'the event within it', and leave out, or weigh, who was lost before; "
    "survival analysis is out of scope here (lifelines, scikit-survival)."
)


def ask_about_follow_up(X: object, y: object, names: Iterable[str] | None, *, outcome: str | None = None) -> None:
    """Warn once where a column looks like the time for which each row was watched.

    All columns of the frame are looked at, those too that a formula leaves out: an unused follow-up time beside a
    death is how a censored outcome looks to whoever knows that the time is no predictor.

    Parameters
    ----------
    X : frame or array
        Rows.
    names : iterable of str or None
        Names of its columns; None for an array, which has none that could tell.
    y : object
        The outcome, whose name counts where it has one.
    outcome : str, optional
        Name of the outcome in a formula.

    Warns
    -----
    CensoringWarning
        RD116, with the first such column.
    """
    if names is None or not is_frame(X):
        return
    label = outcome if outcome is not None else getattr(y, "name", None)
    is_status = isinstance(label, str) and _STATUS.fullmatch(_plain(label)) is not None
    for name in names:
        plain = _plain(name)
        suspected = _FOLLOW_UP.fullmatch(plain) or (is_status and _TIME.fullmatch(plain))
        if suspected and _are_times(get_column(X, name)):
            message = (
                f"the column {name!r} looks like the time for which each row was watched. Is the outcome censored, so "
                "that rows without the event may have it later? Then risks are too low, and those of no period: "
                f"{_CURE[0].lower()}{_CURE[1:]} As a predictor the time would not be known when the risk is needed."
            )
            warn("RD116", message, CensoringWarning)
            return


def refuse_time_and_status(y: object) -> None:
    """Refuse an outcome of two columns, a time and a status.

    Raises
    ------
    InputError
        Which says that survival is out of scope, and what to do.
    """
    columns = _two_columns(y)
    if columns is None:
        return
    for status, time in (columns, columns[::-1]):
        if len(np.unique(status)) <= 2 and _are_times(time):
            raise refuse("y", "be one column of outcomes", "two columns like a time and a status", _CURE)


def _two_columns(y: object) -> tuple[AnyArray, AnyArray] | None:
    """Give the columns of an outcome that has two: a frame, an array, or records as scikit-survival has them."""
    if is_frame(y):
        names = column_names(y)
        return (get_column(y, names[0]), get_column(y, names[1])) if len(names) == 2 else None
    if not isinstance(y, np.ndarray):
        return None
    if y.dtype.names is not None:
        return (y[y.dtype.names[0]], y[y.dtype.names[1]]) if len(y.dtype.names) == 2 else None
    return (y[:, 0], y[:, 1]) if y.ndim == 2 and y.shape[1] == 2 else None


def _are_times(values: AnyArray) -> bool:
    """Tell whether values are numbers, none negative, and more than a flag."""
    if values.dtype.kind not in "iuf":
        return False
    known = values[~np.isnan(values)]
    return bool(len(known)) and bool(known.min() >= 0) and len(np.unique(known[:1000])) >= _FEWEST_TIMES


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
