"""Results that people keep: written to a model file field by field, and checked field by field when they are read."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_integer, check_number, check_option, refuse
from riskdec._base.codes import TITLES
from riskdec._base.findings import Finding
from riskdec._base.frames import KINDS
from riskdec._base.modelfile import write_model
from riskdec._base.result import Estimate, Framed
from riskdec._base.state import pack_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from riskdec._base.typing import FloatArray

    # Name of the field, its value, and the lengths of axes that other fields have set.
    Rule = Callable[[str, Any, dict[str, int]], None]


# Numbers beyond it are those of files that nobody wrote; sums and products of some of them are finite.
LARGEST = 1e100


class Kept:
    """What a result is that is applied to, or added to, what comes later, and therefore has a file of its own.

    Subclasses say in `rules_of_fields` what each field may hold. A file is read into the class only if every field
    obeys, so that a file that somebody changed and sealed again gives no answer made of nonsense.
    """

    __slots__ = ()

    @classmethod
    @abstractmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give the rule of each field."""

    def check_agreement(self) -> None:
        """Refuse fields that are each in order and do not belong together; what has such fields overrides it."""

    def save(self, path: str | Path) -> Path:
        """Write it to one file, whole or not at all; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        state, arrays = pack_state(self)
        return write_model(path, kind=type(self).__name__, header={"state": state}, arrays=arrays)


def check_kept(result: Kept) -> None:
    """Hold each field of a result that came out of a file against its rule.

    Raises
    ------
    InputError
        For the first field that breaks it.
    """
    sizes: dict[str, int] = {}
    for name, rule in result.rules_of_fields().items():
        rule(name, getattr(result, name), sizes)
    if isinstance(result, Framed):
        check_option(result.frame_kind, KINDS, name="frame_kind")
    result.check_agreement()


def check_cells(score: FloatArray, n_rows: FloatArray, n_row_events: FloatArray) -> None:
    """Refuse sums of rows whose scores are out of order, or that hold more events than rows.

    Raises
    ------
    InputError
        For either.
    """
    if (np.diff(score) < 0).any():
        raise refuse("scores of cells", "be ascending", "others")
    if (n_row_events > n_rows).any():
        raise refuse("events of a cell", "be at most its rows", "more")


def whole(low: int = 0) -> Rule:
    """Ask for a whole number of at least `low`."""

    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        check_integer(value, name=name, low=low)

    return check


def real(
    low: float = -math.inf, high: float = math.inf, *, may_lack: bool = False, may_be_infinite: bool = False
) -> Rule:
    """Ask for a number within limits; one that may lack can be NaN too, one that may be infinite can be that."""

    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        if isinstance(value, bool):
            raise refuse(name, "be a number", repr(value))
        is_float = isinstance(value, float)
        if not (is_float and ((may_lack and math.isnan(value)) or (may_be_infinite and math.isinf(value)))):
            check_number(value, name=name, low=low, high=high)

    return check


def word() -> Rule:
    """Ask for text."""
    return is_a(str)


def flag() -> Rule:
    """Ask for True or False."""
    return is_a(bool)


def is_a(*kinds: type) -> Rule:
    """Ask for an object of one of these classes and of no subclass."""

    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        if type(value) not in kinds:
            raise refuse(name, f"be a {' or a '.join(kind.__name__ for kind in kinds)}", f"a {type(value).__name__}")

    return check


def one_of(*options: object) -> Rule:
    """Ask for one of these values."""

    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        check_option(value, options, name=name)

    return check


def maybe(rule: Rule) -> Rule:
    """Ask for None, or for what the rule asks for."""

    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        if value is not None:
            rule(name, value, sizes)

    return check


def numbers(*axes: str, low: float = -LARGEST, high: float = LARGEST, may_lack: bool = False) -> Rule:
    """Ask for an array of float64; axes of the same name have the same length in all fields of a result."""
    return _array("f", axes, low, high, may_lack=may_lack)


def counts(*axes: str, low: int = 0) -> Rule:
    """Ask for an array of whole numbers, none of them beyond what a float64 can count."""
    return _array("iuf", axes, low, 2.0**53)


def each(rule: Rule, axis: str) -> Rule:
    """Ask for a tuple, every item of which obeys a rule."""

    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        if type(value) is not tuple:
            raise refuse(name, "be a tuple", type(value).__name__)
        _agree(name, axis, len(value), sizes)
        for item in value:
            rule(name, item, sizes)

    return check


def number_and_text() -> Rule:
    """Ask for a pair of a whole number and text."""

    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        if type(value) is not tuple or tuple(map(type, value)) != (int, str):
            raise refuse(name, "be pairs of a number and text", repr(value)[:60])

    return check


def label() -> Rule:
    """Ask for what may be the label of an outcome."""
    return is_a(str, int, float, bool)


def record(kind: type, rules: Mapping[str, Rule]) -> Rule:
    """Ask for an object of a class whose fields obey rules of their own; axes are named anew inside it."""

    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        is_a(kind)(name, value, sizes)
        own: dict[str, int] = {}
        for field, rule in rules.items():
            rule(f"{field} of {name}", getattr(value, field), own)

    return check


def estimate() -> Rule:
    """Ask for a number with its interval, none of which need exist."""
    part = real(may_lack=True, may_be_infinite=True)
    return record(Estimate, {"estimate": part, "low": part, "high": part, "confidence_level": real(0, 1)})


def findings() -> Rule:
    """Ask for findings of registered codes."""
    severity = one_of("issue", "caution", "good", "not applicable")
    fields = {"code": one_of(*TITLES), "severity": severity, "sentence": word(), "todo": word()}
    return each(record(Finding, fields), "findings")


def _array(dtypes: str, axes: tuple[str, ...], low: float, high: float, *, may_lack: bool = False) -> Rule:
    def check(name: str, value: Any, sizes: dict[str, int]) -> None:
        if not isinstance(value, np.ndarray) or value.ndim != len(axes) or value.dtype.kind not in dtypes:
            raise refuse(name, f"be numbers of {len(axes)} dimensions", type(value).__name__)
        for axis, length in zip(axes, value.shape, strict=True):
            _agree(name, axis, length, sizes)
        inside = ((value >= low) & (value <= high)) | (np.isnan(value) & may_lack)
        if "i" in dtypes:
            inside &= value == np.floor(value)
        if not inside.all():
            raise refuse(name, f"hold numbers from {low:g} to {high:g}", str(value[~inside].flat[0]))

    return check


def _agree(name: str, axis: str, length: int, sizes: dict[str, int]) -> None:
    if sizes.setdefault(axis, length) != length:
        raise refuse(name, f"have {sizes[axis]} entries along {axis!r}", length)
