"""What the options of `riskdec fit` and its sisters mean as estimators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import refuse
from riskdec.calibration import (
    BetaCalibrator,
    IsotonicCalibrator,
    PlattCalibrator,
    SplineCalibrator,
    VennAbersCalibrator,
)
from riskdec.cli.columns import take_all_risks
from riskdec.models import LogisticRiskModel, TabularRiskModel

if TYPE_CHECKING:
    import pandas as pd

    from riskdec._base.typing import AnyArray, FloatArray, WeightKind

ClassWeight = Literal["natural", "balanced"] | None
_CALIBRATORS = {
    "platt": PlattCalibrator,
    "beta": BetaCalibrator,
    "spline": SplineCalibrator,
    "isotonic": IsotonicCalibrator,
    "venn_abers": VennAbersCalibrator,
}


def table_model(
    event: object,
    *,
    class_weight: ClassWeight,
    weight_kind: WeightKind,
    penalty: str,
    shape: Literal["splines", "linear"],
    seed: int,
) -> TabularRiskModel:
    """Give the model of all columns; with seed 0 rows are dealt into folds by what they hold."""
    return TabularRiskModel(
        event=event,
        class_weight=class_weight,
        weight_kind=weight_kind,
        penalty="ridge" if penalty == "ridge" else None,
        shape=shape,
        random_state=seed or None,
    )


def formula_model(
    terms: str, target: str, event: object, *, class_weight: ClassWeight, weight_kind: WeightKind
) -> LogisticRiskModel:
    """Give the model of some terms, with or without the target and ~ before them."""
    left, tilde, right = terms.partition("~")
    if tilde and left.strip().strip("`") not in {"", target}:
        raise refuse("--formula", f"be about the target {target!r} where it says of what", repr(left.strip()))
    return LogisticRiskModel(
        formula=f"~ {(right if tilde else left).strip()}",
        event=event,
        class_weight=class_weight,
        weight_kind=weight_kind,
        missing="drop",
    )


def mended(
    frame: pd.DataFrame,
    column: str,
    outcome: AnyArray,
    event: object,
    *,
    method: str,
    weight: FloatArray | None,
    weight_kind: WeightKind,
) -> Any:
    """Fit the map that mends a column of risks."""
    scores = take_all_risks(frame, column)
    if len(np.unique(outcome)) < 2:
        raise refuse("the target", "have two different values", "one in all rows")
    return _CALIBRATORS[method](event=event, weight_kind=weight_kind).fit(scores, outcome, weight)
