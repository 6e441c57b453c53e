"""The base of every answer: frozen, complete, printable."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.table import Table


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
        for field in dataclasses.fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                object.__setattr__(self, field.name, _lock(value))

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickling an array drops its write lock; rebuilding through the constructor restores it.
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        return _rebuild, (type(self), {field.name: getattr(self, field.name) for field in fields})

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._headline()}>"

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
    locked.flags.writeable = False
    return locked


def _rebuild(cls: type[Result], fields: dict[str, Any]) -> Result:
    return cls(**fields)
