"""Class weights inside a classifier of any make: they shift its probabilities, and are costs already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from riskdec._base.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

# The names that scikit-learn, XGBoost, LightGBM and CatBoost use, and the values that stand for no weights.
_NO_WEIGHTS: dict[str, tuple[object, ...]] = {
    "class_weight": (None,),
    "class_weights": (None,),
    "scale_pos_weight": (None, 1),
    "is_unbalance": (None, False),
    "auto_class_weights": (None, "None"),
}


def say_counted_twice(estimator: Any) -> tuple[Finding, ...]:
    """Say that costs count twice where a classifier was fitted with class weights and nothing has undone them."""
    shown = ", ".join(f"{name}={value!r}" for name, value in _weights_of(estimator))
    if not shown:
        return ()
    sentence = (
        f"The classifier was fitted with {shown}, which are costs already: its risks are shifted by them, and these "
        "costs count a second time."
    )
    todo = (
        "Calibrate it on rows without weights (CalibratedRiskModel), fit it without them, or pass its probabilities "
        "through riskdec.undo_class_weight."
    )
    return (Finding(code="RD309", severity="issue", sentence=sentence, todo=todo),)


def _weights_of(estimator: Any) -> Iterator[tuple[str, object]]:
    if not isinstance(estimator, BaseEstimator):
        return
    for name, value in sorted(estimator.get_params(deep=True).items()):
        plain = _NO_WEIGHTS.get(name.rpartition("__")[2])
        if plain is not None and not any(value is none or (not callable(value) and value == none) for none in plain):
            yield name, value
