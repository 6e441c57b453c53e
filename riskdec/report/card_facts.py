"""What a fitted model says of itself for its card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.table import count, percent
from riskdec.models import CalibratedRiskModel, LogisticRiskModel, PooledRiskModel, TabularRiskModel
from riskdec.nn import CNNRiskModel

if TYPE_CHECKING:
    from riskdec._base.table import Table

_INDICATED = (
    "A missing number is marked by a column of its own and read as the mean; a missing category is a level of its own. "
    "Fewer than 10 missing values are read as the mean, or as the pooled rare levels, without a mark."
)
_MISSING = {
    "error": "Rows with missing values are refused, in training and in prediction.",
    "drop": "Rows with missing values were left out of training; in prediction they get no risk and are deferred.",
    "indicate": _INDICATED,
}


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What is known of a model.

    Attributes
    ----------
    kind, how : str
        Its class, and how it was estimated.
    event : str
        Whose risk it gives.
    columns : tuple of str
        Columns it needs.
    missing, sample_size, imbalance : str
        A sentence each; empty where it is not known.
    tables : tuple of Table
        Its summary.
    task : {"tabular-classification", "image-classification"}
        The task as hubs of models call it.
    """

    kind: str
    how: str
    event: str
    columns: tuple[str, ...]
    missing: str
    sample_size: str
    imbalance: str
    tables: tuple[Table, ...]
    task: str


def facts_of_model(model: Any) -> ModelFacts:
    """Read the facts off a fitted model."""
    learned = vars(model)
    on_tables = isinstance(model, LogisticRiskModel | TabularRiskModel)
    on_images = isinstance(model, CNNRiskModel)
    known = on_tables or on_images or isinstance(model, CalibratedRiskModel | PooledRiskModel)
    return ModelFacts(
        kind=type(model).__name__,
        how=_how(model),
        event=_event(learned, model),
        columns=tuple(map(str, learned.get("feature_names_in_", ()))),
        missing=_MISSING.get(str(model.missing), "") if on_tables else "",
        sample_size=_sample_size(learned.get("fit_result_")),
        imbalance=_imbalance(model.class_weight, divided_out=on_images) if on_tables or on_images else "",
        tables=(model.summary(),) if known else (),
        task="image-classification" if on_images else "tabular-classification",
    )


def _how(model: Any) -> str:
    if isinstance(model, LogisticRiskModel):
        return {None: "fitted by maximum likelihood", "ridge": "fitted with a ridge penalty"}.get(
            model.penalty, f"fitted by the likelihood that {model.penalty!r} names"
        )
    if isinstance(model, TabularRiskModel):
        shape = "restricted cubic splines" if model.shape == "splines" else "straight lines"
        learner = "a logistic regression" if model.learner == "logistic" else type(model.learner).__name__
        return f"{learner} on an encoded table ({shape} for numbers)"
    if isinstance(model, CNNRiskModel):
        architecture = model.architecture if isinstance(model.architecture, str) else type(model.architecture).__name__
        return f"a convolutional network ({architecture}) with a calibration layer ({model.calibration})"
    if isinstance(model, CalibratedRiskModel):
        return f"a {type(model.estimator_).__name__}, its probabilities recalibrated by {model.method_}"
    if isinstance(model, PooledRiskModel):
        return f"{len(model.models_)} logistic regressions on imputed tables, pooled"
    return "of another library"


def _imbalance(class_weight: Any, *, divided_out: bool) -> str:
    """Say whether class weights were used, and what became of them."""
    if class_weight is None:
        return "No class weights: risks are as frequent as events are in the rows of training."
    if divided_out:
        return f"Fitted with class weights ({class_weight}), which are divided out: risks do not show them."
    return f"Fitted with class weights ({class_weight}): risks are shifted by them until that is undone."


def _event(learned: dict[str, Any], model: Any) -> str:
    event = getattr(model, "event", None)
    classes = [str(label) for label in learned.get("classes_", ())]
    if event is None:
        return f"the outcome {classes[-1]}" if len(classes) == 2 else f"each of {', '.join(classes) or 'its outcomes'}"
    return f"the outcome {event}"


def _sample_size(fit: Any) -> str:
    by_outcome = getattr(fit, "n_by_outcome", None)
    if not by_outcome:
        return ""
    rarer, total = min(by_outcome), sum(by_outcome)
    n_terms = len(getattr(fit, "terms", ())) - 1
    per_term = f", {rarer / n_terms:.1f} for each of {n_terms} coefficients" if n_terms > 0 else ""
    return (
        f"Fitted on {count(total)} rows; {count(rarer)} ({percent(rarer / total)}) are of the rarer outcome{per_term}."
    )
