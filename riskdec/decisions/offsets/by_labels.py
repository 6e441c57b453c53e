"""Equal recalls counted on labels: offsets move up where the recall is low, and the rules visited are mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.decisions.offsets.largest import largest_class
from riskdec.decisions.offsets.maxmin import Mixture, mix

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray

# Steps from coarse to fine, in units of the usual distance between the two likeliest classes.
_ROUNDS = 300


def equal_counted_recall(proba: FloatArray, outcome: IntArray, weight: FloatArray, target: FloatArray) -> Mixture:
    """Find offsets whose recalls, counted on the labels and over their targets, are nearly equal.

    Parameters
    ----------
    proba : ndarray of shape (n, K)
        Probabilities, which need not be calibrated.
    outcome : ndarray of int, shape (n,)
        Classes.
    weight : ndarray of shape (n,)
        Row weights.
    target : ndarray of shape (K,)
        Relative sizes of the recalls that are wanted.

    Returns
    -------
    Mixture
        Its weights are factors of the probabilities.
    """
    totals = np.bincount(outcome, weights=weight, minlength=target.size)
    offset = -np.log(totals / totals.sum())
    rules, recalls = [], []
    for step in _usual_margin(proba, weight) / (1 + np.arange(_ROUNDS) / 10):
        factor = np.exp(offset - offset.max())
        recall = counted_recall(proba, outcome, weight, factor) / target
        rules.append(factor)
        recalls.append(recall)
        offset = offset + step * (recall.mean() - recall)
    tried = np.array(recalls)
    value, shares, _ = mix(tried)
    used = shares > 1e-9
    best = rules[int(tried.min(axis=1).argmax())]
    return Mixture(best, np.array(rules)[used], shares[used] / shares[used].sum(), value)


def _usual_margin(proba: FloatArray, weight: FloatArray) -> float:
    """Give twice the median difference of the two largest log probabilities; overconfident ones lie far apart."""
    two = np.log(np.maximum(np.partition(proba, -2, axis=1)[:, -2:], 1e-30))
    margin = two[:, 1] - two[:, 0]
    order = np.argsort(margin, kind="stable")
    reached = np.cumsum(weight[order])
    middle = margin[order[np.searchsorted(reached, reached[-1] / 2)]]
    return float(np.clip(2 * middle, 2.0, 40.0))


def counted_recall(proba: FloatArray, outcome: IntArray, weight: FloatArray, factor: FloatArray) -> FloatArray:
    """Give the share of each class that the rule finds."""
    found = largest_class(proba, factor) == outcome
    hits = np.bincount(outcome, weights=weight * found, minlength=factor.size)
    return np.asarray(hits / np.bincount(outcome, weights=weight, minlength=factor.size))
