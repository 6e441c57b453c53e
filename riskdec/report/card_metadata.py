"""The front matter of a model card, as the Hugging Face Hub reads it.

The fields are those of its description of model cards (huggingface/hub-docs, ``modelcard.md``). Of each result in
``model-index`` it requires ``task.type``, ``dataset.type`` and ``dataset.name``, of each metric ``type`` and ``value``.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskdec.diagnostics import CalibrationReport

# Tasks and metrics by the names that the Hub knows.
_TASKS = {"tabular-classification": "Tabular Classification", "image-classification": "Image Classification"}
_METRICS = {
    "roc_auc": "area under the ROC curve",
    "brier_score": "Brier score",
    "calibration_slope": "calibration slope",
}
# It has no page on this one, which may stand among results and not in the list of metrics.
_UNKNOWN = ("calibration_slope",)


def front_matter(task: str, *, title: str, report: CalibrationReport | None, license: str | None) -> dict[str, Any]:
    """Give the front matter: what a hub searches by, and the figures of the report.

    Parameters
    ----------
    task : {"tabular-classification", "image-classification"}
        What the model does.
    title : str
        Name of the model.
    report : CalibrationReport or None
        What it was shown to do.
    license : str or None
        Identifier of its licence.
    """
    front: dict[str, Any] = {} if license is None else {"license": license}
    front |= {"library_name": "riskdec", "pipeline_tag": task, "tags": ["calibration", "decision-support", "riskdec"]}
    if report is None:
        return front
    values = dict(zip(_METRICS, (report.auc, report.brier, report.slope.estimate), strict=True))
    known = {name: value for name, value in values.items() if isfinite(value)}
    metrics = [{"type": name, "value": round(value, 4), "name": _METRICS[name]} for name, value in known.items()]
    seen = "rows of training" if report.apparent else "rows not seen in training"
    result = {
        "task": {"type": task, "name": _TASKS[task]},
        "dataset": {"type": "private", "name": seen, "split": "train" if report.apparent else "test"},
        "metrics": metrics,
    }
    listed = [name for name in known if name not in _UNKNOWN]
    return front | {"metrics": listed, "model-index": [{"name": title, "results": [result]}]}
