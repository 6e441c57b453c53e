"""Reports are answers made of answers: one walk through all of their parts."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# A report of any number of outcomes.
AnyReport = Any


def change_parts(part: Any, changes: Mapping[type[Any], Mapping[str, Any]]) -> Any:
    """Give the answer with some fields of all parts of some classes changed, however deep they lie."""
    if isinstance(part, tuple):
        return tuple(change_parts(one, changes) for one in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    inside = {field.name: change_parts(getattr(part, field.name), changes) for field in fields(part)}
    return replace(part, **(inside | dict(changes.get(type(part), {}))))
