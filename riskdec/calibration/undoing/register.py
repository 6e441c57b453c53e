"""Which distortions of probabilities can be undone, by what, and which cannot."""

from __future__ import annotations

from typing import NamedTuple

from riskdec._base.checks import refuse
from riskdec._base.table import Table


class Distortion(NamedTuple):
    """Something that is done to a fit, and what takes it back.

    Attributes
    ----------
    name : str
        What it is called.
    inverse : str
        The call that undoes it; empty if no exact inverse exists.
    remark : str
        When that is exact, or why there is none.
    """

    name: str
    inverse: str
    remark: str


_RECALIBRATE = "recalibrate on held-out rows at the prevalence of use"
DISTORTIONS = (
    Distortion(
        "class weights",
        "undo_class_weight(y_proba, class_weight=...)",
        "exact for unpenalised fits whose form is right",
    ),
    Distortion(
        "sampling by outcome",
        "undo_sampling(y_proba, keep_rates=...)",
        "exact for unpenalised fits whose form is right",
    ),
    Distortion(
        "other prevalence",
        "adjust_prevalence(y_proba, train=..., target=...)",
        "exact if within each outcome the cases are the same",
    ),
    Distortion(
        "focal loss", "undo_focal_loss(y_proba, gamma=..., alpha=...)", "exact where the risk of the loss is least"
    ),
    Distortion(
        "logit adjustment",
        "undo_logit_adjustment(y_proba, prevalence=..., tau=...)",
        "exact where the risk of the loss is least",
    ),
    Distortion(
        "label smoothing",
        "undo_label_smoothing(y_proba, smoothing=...)",
        "exact where the risk of the loss is least; outputs below eps / K are clipped",
    ),
    Distortion(
        "local case-control sampling",
        "local_case_control(...), then fit with its offset",
        "exact if the model can represent the log-odds",
    ),
    Distortion("smote", "", f"invented rows change the shape of the risks by no known map; {_RECALIBRATE}"),
    Distortion("mixup", "", f"blended rows and labels change the shape of the risks by no known map; {_RECALIBRATE}"),
    Distortion(
        "ldam",
        "",
        "its margins depend on which outcome happened, which is unknown when predicting, so softmaxed margins have no "
        f"inverse; CNNRiskModel(loss='ldam') knows the margins and undoes plain logits exactly; else {_RECALIBRATE}",
    ),
    Distortion(
        "early stopping, penalties, boosting",
        "",
        f"the shrinkage of the risks depends on data and settings; {_RECALIBRATE}",
    ),
)


def describe_distortions(name: str | None = None) -> Table:
    """Say which distortions of probabilities can be undone exactly, by which call, and which cannot.

    Parameters
    ----------
    name : str, optional
        One distortion; all of them by default.

    Returns
    -------
    Table
        Name, the call that undoes it (or "none"), and when that is exact or why there is none.

    Raises
    ------
    InputError
        For an unknown name.

    Examples
    --------
    >>> describe_distortions("label smoothing").rows[0][1]
    'undo_label_smoothing(y_proba, smoothing=...)'
    >>> describe_distortions("smote").rows[0][1]
    'none'
    """
    known = {distortion.name: distortion for distortion in DISTORTIONS}
    if name is not None and name.lower() not in known:
        raise refuse("name", f"be one of {', '.join(map(repr, known))}", repr(name))
    chosen = DISTORTIONS if name is None else (known[name.lower()],)
    rows = tuple((one.name, one.inverse or "none", one.remark) for one in chosen)
    return Table(title="Distortions of probabilities", header=("", "undone by", "when it is exact"), rows=rows)
