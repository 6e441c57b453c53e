"""The rule whose smallest relative recall is largest: a cutting-plane method on one weight per class.

Let `q_ik = p_ik / (pi_k tau_k)`. Deciding by `argmax_k v_k q_ik` has expected recalls `g_k(v)`, in units of the targets
tau, with `f(v) = mean_i max_k v_k q_ik = sum_k v_k g_k(v)`. Over weights v that sum to one the smallest f equals the
largest smallest recall that any rule can reach, a randomised one included (von Neumann). Each v gives one rule, and a
lower bound of f everywhere: `f(u) >= u . g(v)`. The linear programme of these bounds names the next v; its
multipliers are the shares with which the rules are mixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions.offsets.largest import largest_class

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Recalls are wanted to a millionth; a few hundred rules are enough for dozens of classes.
_TOLERANCE = 1e-6
_MOST = 400


class Mixture(NamedTuple):
    """Rules and how often to use each.

    Attributes
    ----------
    best : ndarray of shape (K,)
        Weights of the best single rule.
    rules : ndarray of shape (J, K)
        Weights of the rules that are mixed.
    shares : ndarray of shape (J,)
        Shares, positive, summing to one.
    value : float
        Smallest relative recall of the mixture.
    """

    best: FloatArray
    rules: FloatArray
    shares: FloatArray
    value: float


def largest_smallest_recall(scaled: FloatArray, weight: FloatArray) -> Mixture:
    """Find the mixture of rules whose smallest expected recall is largest.

    Parameters
    ----------
    scaled : ndarray of shape (n, K)
        Probabilities over prevalence and target, `q`.
    weight : ndarray of shape (n,)
        Weights that sum to one.
    """
    n_classes = scaled.shape[1]
    v = best = np.full(n_classes, 1 / n_classes)
    lowest, reach = np.inf, 1.5
    tried: list[FloatArray] = []
    recalls: list[FloatArray] = []
    for _ in range(_MOST):
        recall = expected_recall(scaled, weight, v)
        tried.append(v)
        recalls.append(recall)
        better = recall @ v < lowest - 1e-12
        if better:
            lowest, best = float(recall @ v), v
        # Far steps while they help; nearer to the best weights when they do not.
        reach = min(2 * reach, 1e6) if better else max(reach**0.5, 1 + 1e-9)
        floor, shares, _ = mix(np.array(recalls))
        if lowest - floor < _TOLERANCE:
            break
        _, _, v = mix(np.array(recalls), (best / reach, best * reach))
    used = shares > 1e-9
    return Mixture(best, np.array(tried)[used], shares[used] / shares[used].sum(), floor)


def expected_recall(scaled: FloatArray, weight: FloatArray, v: FloatArray) -> FloatArray:
    """Give the expected recall of each class, over its target, if the largest `v_k q_ik` decides."""
    chosen = largest_class(scaled, v)
    gained = weight * scaled[np.arange(chosen.size), chosen]
    return np.bincount(chosen, weights=gained, minlength=v.size).astype(np.float64, copy=False)


def mix(recalls: FloatArray, box: tuple[FloatArray, FloatArray] | None = None) -> tuple[float, FloatArray, FloatArray]:
    """Mix rules so that the smallest recall is largest.

    Parameters
    ----------
    recalls : ndarray of shape (J, K)
        Relative recalls of each rule.
    box : pair of ndarray of shape (K,), optional
        Limits of the weights of the classes.

    Returns
    -------
    value, shares, weights : float, ndarray of shape (J,), ndarray of shape (K,)
        The smallest recall of the mixture, the shares of the rules, and the weights of the classes.
    """
    from scipy.optimize import linprog

    n_rules, n_classes = recalls.shape
    limits = [(0.0, None)] * n_classes if box is None else list(zip(*(end.tolist() for end in box), strict=True))
    answer = linprog(
        np.append(np.zeros(n_classes), 1.0),
        A_ub=np.column_stack([recalls, -np.ones(n_rules)]),
        b_ub=np.zeros(n_rules),
        A_eq=np.append(np.ones(n_classes), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[*limits, (None, None)],
        method="highs",
    )
    # The weights are bounded and the best ones lie in every box, so there always is an optimum.
    shares = np.maximum(-np.asarray(answer.ineqlin.marginals), 0.0)
    solution = np.asarray(answer.x, dtype=np.float64)
    return float(solution[-1]), shares, solution[:-1]
