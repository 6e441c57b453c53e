"""The label of a row: the class of the greatest probability, in a type that tensors have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.interchange.onnx.formulas import look_up, where

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray
    from riskdec.interchange.onnx.graph import Value

# What stands where a row has no probabilities. Whole numbers have nothing better than what nobody takes for a label.
_NO_NUMBER = np.iinfo(np.int64).min


def label_of(proba: Value, lacking: Value, classes: AnyArray) -> Value:
    """Give the label of each row, shape (n,): text, int64 (truth values too) or double.

    Parameters
    ----------
    proba : Value of shape (n, K)
        Probabilities.
    lacking : Value of shape (n, 1)
        Which rows have none: their label is the empty text, the least int64, or nan.
    classes : ndarray of shape (K,)
        Labels.
    """
    graph, labels = proba.graph, tensor_labels(classes)
    none = {"i": np.array(_NO_NUMBER), "f": np.array(np.nan), "O": np.array("", dtype=object)}[labels.dtype.kind]
    likeliest = look_up(labels, graph.add("ArgMax", proba, axis=1, keepdims=0))
    return where(graph.add("Squeeze", lacking, graph.constant(np.array([1]))), none, likeliest)


def tensor_labels(classes: AnyArray) -> AnyArray:
    """Give labels in one of three types: int64, float64, or text as objects.

    >>> tensor_labels(np.array([False, True])), tensor_labels(np.array(["no", "yes"]))
    (array([0, 1]), array(['no', 'yes'], dtype=object))
    """
    values = classes.tolist()
    if all(isinstance(value, bool | int) for value in values):
        return np.array(values, dtype=np.int64)
    if all(isinstance(value, int | float) for value in values):
        return np.array(values, dtype=np.float64)
    # Tensors hold text that UTF-8 can write.
    return np.array([str(value).encode("utf-8", "replace").decode() for value in values], dtype=object)
