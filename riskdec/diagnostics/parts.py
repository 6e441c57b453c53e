"""Reports are answers made of answers: one walk through all of their parts."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from riskdec.diagnostics.curves.curves import ReliabilityCurve
from riskdec.diagnostics.outcomes.multiclass_report import MulticlassCalibrationReport
from riskdec.diagnostics.report import CalibrationReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import FrameKind

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


def with_frame_kind(report: AnyReport, kind: FrameKind) -> AnyReport:
    """Give the report with all its frames of one library."""
    wanted = {"frame_kind": kind}
    every = (CalibrationReport, MulticlassCalibrationReport, ReliabilityCurve)
    return change_parts(report, dict.fromkeys(every, wanted))
