"""Log-odds of the logistic models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.interchange.onnx.designs import design_columns
from riskdec.interchange.onnx.formulas import any_in_row, both_risks, is_nan, softmax
from riskdec.interchange.onnx.tables import table_log_odds

if TYPE_CHECKING:
    from riskdec.interchange.onnx.graph import Value
    from riskdec.interchange.onnx.inputs import Inputs
    from riskdec.models import LogisticRiskModel, PooledRiskModel


def logistic_log_odds(inputs: Inputs, model: LogisticRiskModel) -> Value:
    """Give the log-odds of the second of two classes, shape (n, 1), or of each of K against the first, shape (n, K)."""
    intercept, coef = model.intercept_, model.coef_.T
    if model.encoding_ is not None:
        log_odds = table_log_odds(inputs, model.encoding_, intercept, coef, unseen=model.unseen)
    elif model.design_ is None:
        log_odds = _plain_rows(inputs, model) @ coef + intercept[np.newaxis]
    else:
        log_odds = design_columns(inputs, model.design_, unseen=model.unseen) @ coef + intercept[np.newaxis]
    return log_odds + inputs.offset(coef.shape[1]) if model.has_offset_ else log_odds


def pooled_log_odds(inputs: Inputs, model: PooledRiskModel) -> Value:
    """Give the mean of the log-odds of the models of all imputations."""
    first, *others = [logistic_log_odds(inputs, one) for one in model.models_]
    total = first
    for one in others:
        total = total + one
    return total / float(len(model.models_))


def from_log_odds(log_odds: Value, n_classes: int) -> Value:
    """Give the probability of each class: shape (n, K)."""
    return both_risks(log_odds) if n_classes == 2 else softmax(log_odds)


def _plain_rows(inputs: Inputs, model: LogisticRiskModel) -> Value:
    """Give columns that enter as they are; a missing number has no answer."""
    rows = inputs.all_numbers([str(name) for name in vars(model).get("feature_names_in_", ())])
    inputs.graph.refuse(any_in_row(is_nan(rows)))
    return rows
