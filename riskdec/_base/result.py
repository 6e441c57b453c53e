"""The base of every answer: frozen, complete, printable."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from riskdec._base.checks import check_option
from riskdec._base.frames import KINDS, make_frame
from riskdec._base.table import unsteered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskdec._base.table import Table
    from riskdec._base.typing import FrameKind


Answer = TypeVar("Answer")

# `dataclasses.fields` lists them anew at each call; answers are made by the thousand, of few classes.
_FIELD_NAMES: dict[type, tuple[str, ...]] = {}


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Estimate:
    """A number with its interval; prints as one phrase.

    Attributes
    ----------
    estimate, low, high : float
        The point estimate and the limits of its interval, in the unit of the estimate.
    confidence_level : float
        Level of the interval.
    """

    estimate: float
    low: float
    high: float
    confidence_level: float = 0.95

    def to_dict(self) -> dict[str, float | None]:
        """Give estimate, low and high; a number that does not exist is None."""
        return {
            "estimate": jsonable(self.estimate),
            "low": jsonable(self.low),
            "high": jsonable(self.high),
        }

    def __repr__(self) -> str:
        return f"{self.estimate:.4g} ({self.low:.4g} to {self.high:.4g})"


class Result:
    """An answer and the settings that made it, never the training data, never anything lazy.

    Subclasses are final and decorated with
    ``@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)``. Arrays are locked when the
    answer is built; the function that builds it copies what came from the caller.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        for name in _field_names(type(self)):
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and (locked := _lock(value)) is not value:
                object.__setattr__(self, name, locked)

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickling an array drops its write lock; rebuilding through the constructor restores it.
        return _rebuild, (type(self), {name: getattr(self, name) for name in _field_names(type(self))})

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {unsteered(self._headline())}>"

    def __str__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary().to_html()

    @abstractmethod
    def _headline(self) -> str:
        """Give the size and the headline number, for the one-line `repr`."""

    @abstractmethod
    def summary(self) -> Table:
        """Give the answer as a table that prints as text, Markdown or HTML."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Give the answer as plain numbers, text and lists, ready for JSON."""

    def plot(self, ax: Any = None) -> Any:
        """Draw the answer; give the Axes, or the Figure where there are several panels.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.
        """
        from riskdec.plot import draw

        return draw(self, ax)

    def _plain_fields(self, *without: str) -> dict[str, Any]:
        """Give the fields as plain numbers, text and lists, but for some; the kind of frame is no part of an answer."""
        left_out = ("frame_kind", *without)
        return {name: jsonable(getattr(self, name)) for name in _field_names(type(self)) if name not in left_out}


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Framed(Result):
    """An answer that is a table as well, and gives itself as a data frame.

    Attributes
    ----------
    frame_kind : {"pandas", "polars", "pyarrow"}
        Library of the frame: that of the first data frame or series given to the function that made the answer,
        pandas where there was none.
    """

    frame_kind: FrameKind = "pandas"

    def frame(self, kind: FrameKind | None = None) -> Any:
        """Give the answer as a data frame.

        Numbers that do not exist are nan and texts that do not exist are missing, whatever the library.

        Parameters
        ----------
        kind : {"pandas", "polars", "pyarrow"}, optional
            Library of the frame; by default that of the caller's data (`frame_kind`).

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table

        Raises
        ------
        InputError
            For any other kind.
        MissingExtraError
            Where the library is not installed.
        """
        wanted = check_option(self.frame_kind if kind is None else kind, KINDS, name="kind")
        return make_frame(self._columns(), wanted)

    @abstractmethod
    def _columns(self) -> Mapping[str, Any]:
        """Give the columns of the frame by name, all of one length."""


def with_frame_kind(answer: Answer, kind: FrameKind) -> Answer:
    """Give an answer whose frames, and those of the answers in it, are of one library."""
    # Answers in an answer are of its kind: one row is decided in a hundred microseconds, too few for a walk in vain.
    if isinstance(answer, Framed) and answer.frame_kind == kind:
        return answer
    changed: Answer = _walk(answer, kind)
    return changed


def _walk(part: Any, kind: FrameKind) -> Any:
    if type(part) is tuple:
        inside = tuple(_walk(one, kind) for one in part)
        return part if all(new is old for new, old in zip(inside, part, strict=True)) else inside
    # Most of what an answer holds is none of its own kind, and is not looked into.
    if not _field_names(type(part)):
        return part
    framed = isinstance(part, Framed)
    if framed and part.frame_kind == kind:
        return part
    changes: dict[str, Any] = {"frame_kind": kind} if framed else {}
    for name in _field_names(type(part)):
        value = getattr(part, name)
        changed = value if name == "frame_kind" else _walk(value, kind)
        # What holds no frame stays the object it was: not everything can be built from its fields.
        if changed is not value:
            changes[name] = changed
    return dataclasses.replace(part, **changes) if changes else part


def _field_names(cls: type) -> tuple[str, ...]:
    """Name the fields of a dataclass, in their order; none for any other type."""
    names = _FIELD_NAMES.get(cls)
    if names is None:
        names = tuple(field.name for field in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else ()
        _FIELD_NAMES[cls] = names
    return names


class Report(Result):
    """An answer made of answers, with findings, that can be written as a page."""

    __slots__ = ()

    def to_html(self, path: str | Path) -> Path:
        """Write the answer as one offline HTML page and give its path.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        from riskdec.report import write_page

        return write_page(self, path)


def jsonable(value: Any) -> Any:
    """Turn numpy numbers and arrays into plain ones; numbers that do not exist become None.

    >>> jsonable({"risk": np.array([0.5, np.nan]), "n": np.int64(2)})
    {'risk': [0.5, None], 'n': 2}
    """
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, np.ndarray):
        return [jsonable(item) for item in value.tolist()]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _lock(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    # A lock on a view leaves its base writable, so views are copied.
    locked = array if array.base is None else array.copy()
    locked.setflags(write=False)
    return locked


def _rebuild(cls: type[Result], fields: dict[str, Any]) -> Result:
    return cls(**fields)
