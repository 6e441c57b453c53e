"""Class weights by formula, for any number of classes: natural, balanced, effective number, recall-driven."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, expm1, log
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_labels, check_number, check_numbers, refuse, sorted_labels
from riskdec.weighting.units import UNWEIGHTED, check_row_weights

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, WeightKind
    from riskdec.weighting.units import RowWeights


def natural_weights(y: ArrayLike, *, sample_weight: ArrayLike | None = None) -> dict[Any, float]:
    """Give each class a weight inverse to its size: with two classes the size of the other one, ``(|C1|, |C0|)``.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of two classes or more.
    sample_weight : array-like of shape (n,), optional
        Non-negative weights of the rows: the size of a class is the sum over its rows; rows of weight 0 are as if
        absent.

    Returns
    -------
    dict of label to weight
        For `class_weight=`: ``(prod_j |C_j|)^(1/(K-1)) / |C_k|``, for K = 2 the sizes exchanged. It does not matter
        which label is the event.

    Raises
    ------
    InputError
        For missing labels, and for a single class.

    See Also
    --------
    balanced_weights : The same ratios, hence the same fit, with weights that sum to the number of rows.

    Notes
    -----
    Up to scale the weight of class k is ``1 / |C_k|``, as in scikit-learn's ``"balanced"``. Only ratios matter, so the
    two are the same fit.

    Examples
    --------
    >>> natural_weights([0, 0, 0, 1])
    {0: 1.0, 1: 3.0}
    """
    sizes = class_sizes(y, _weigh(sample_weight, y))
    if len(sizes) == 2:
        (first, n_first), (second, n_second) = sizes.items()
        return {first: float(n_second), second: float(n_first)}
    scale = exp(sum(log(size) for size in sizes.values()) / (len(sizes) - 1))
    return {label: scale / size for label, size in sizes.items()}


def balanced_weights(y: ArrayLike, *, sample_weight: ArrayLike | None = None) -> dict[Any, float]:
    """Give scikit-learn's ``"balanced"`` weights, ``n / (K |C_k|)``, under which all classes weigh the same.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of K classes, two or more.
    sample_weight : array-like of shape (n,), optional
        Non-negative weights of the rows: the size of a class is the sum over its rows; rows of weight 0 are as if
        absent.

    Returns
    -------
    dict of label to weight
        For `class_weight=`; the same fit as `natural_weights`, because only ratios matter.

    Raises
    ------
    InputError
        For missing labels, and for a single class.

    Examples
    --------
    >>> balanced_weights(["no", "no", "no", "yes"])
    {'no': 0.6666666666666666, 'yes': 2.0}
    """
    sizes = class_sizes(y, _weigh(sample_weight, y))
    n = sum(sizes.values())
    return {label: n / (len(sizes) * size) for label, size in sizes.items()}


def effective_number_weights(
    y: ArrayLike, *, beta: float, sample_weight: ArrayLike | None = None, weight_kind: WeightKind = "frequency"
) -> dict[Any, float]:
    """Give each class the inverse of its effective number of rows, ``(1 - beta) / (1 - beta^|C_k|)``.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of K classes, two or more.
    beta : float
        In [0, 1): 0 gives equal weights, and towards 1 the ratios become those of `natural_weights`.
    sample_weight : array-like of shape (n,), optional
        Non-negative weights of the rows: the size of a class is the sum over its rows; rows of weight 0 are as if
        absent.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers), or makes one row more or less important: such weights are scaled
        to mean one, because this formula needs sizes, not only their ratio.

    Returns
    -------
    dict of label to weight
        For `class_weight=`; scaled to sum to K, which changes no fit.

    Raises
    ------
    InputError
        For missing labels, a single class, and a beta outside [0, 1).

    Notes
    -----
    The effective number ``(1 - beta^n) / (1 - beta)`` is that of distinct things among n draws, each of which falls
    on what is already covered with a probability that grows with it; ``1 / (1 - beta)`` is its limit. It is a formula
    for a ratio, like any other: the risks move by the log of that ratio.

    References
    ----------
    Y. Cui, M. Jia, T.-Y. Lin, Y. Song and S. Belongie, Class-balanced loss based on effective number of samples,
    CVPR 2019. arXiv:1901.05555

    Examples
    --------
    >>> weights = effective_number_weights([0] * 900 + [1] * 100, beta=0.999)
    >>> round(weights[1] / weights[0], 2)
    6.24
    """
    sizes = class_sizes(y, _weigh(sample_weight, y, weight_kind, mean_one=True))
    share = check_number(beta, name="beta", low=0)
    if share >= 1:
        raise refuse("beta", "lie in [0, 1)", repr(beta), "For its limit at 1 take natural_weights(y).")
    # 1 - beta^n without cancellation where beta is near 1.
    inverse = {label: 1.0 if share == 0 else 1 / -expm1(size * log(share)) for label, size in sizes.items()}
    total = sum(inverse.values())
    return {label: len(sizes) * value / total for label, value in inverse.items()}


def recall_driven_weights(recalls: Mapping[Any, float], *, power: float = 1.0) -> dict[Any, float]:
    """Give classes that are found less often than average more weight: ``(mean recall / recall_k)^power``.

    Parameters
    ----------
    recalls : mapping of label to float
        Share of each class that an earlier fit found, in (0, 1]; measured on rows that it was not fitted on.
    power : float, default=1.0
        Strength; 0 gives equal weights, negative powers favour what is found already.

    Returns
    -------
    dict of label to weight
        For `class_weight=`.

    Raises
    ------
    InputError
        For fewer than two classes, and a recall outside (0, 1]: a class that was never found would weigh infinitely
        more than any other.

    Notes
    -----
    It is ``(1 - (recall_k - mean) / recall_k)^power`` in another writing, because ``1 - (r - m) / r = m / r``. The
    mean is that of the classes, not of the rows.

    Examples
    --------
    >>> weights = recall_driven_weights({"cat": 0.6, "car": 0.9}, power=2)
    >>> {name: round(weight, 4) for name, weight in weights.items()}
    {'cat': 1.5625, 'car': 0.6944}
    """
    if not isinstance(recalls, Mapping) or len(recalls) < 2:
        raise refuse("recalls", "be a mapping of two labels or more to their recall", repr(recalls))
    strength = check_number(power, name="power")
    values = check_numbers(list(recalls.values()), name="recalls")
    for label, value in zip(recalls, values.tolist(), strict=True):
        if not 0 < value <= 1:
            cure = "A class that is never found has no finite weight: measure recalls at another threshold."
            raise refuse(f"recalls[{label!r}]", "lie in (0, 1]", value, cure)
    mean = float(values.mean())
    return {label: (mean / value) ** strength for label, value in zip(recalls, values.tolist(), strict=True)}


def class_sizes(y: ArrayLike, weights: RowWeights = UNWEIGHTED) -> dict[Any, float]:
    """Count the rows of each class, or sum their weights, in the sorted order of the labels; refuse a single class."""
    labels = check_labels(y, name="y")
    if weights.values is not None:
        counted = weights.values > 0
        labels, weights = labels[counted], weights.take(counted)
    classes = sorted_labels(labels, name="y").tolist()
    if len(classes) < 2:
        shown = ", ".join(map(repr, classes))
        raise refuse("y", "hold two classes or more", f"{len(classes)} ({shown})")
    return {label: weights.sum(labels == label) for label in classes}


def _weigh(sample_weight: object, y: object, kind: WeightKind = "importance", *, mean_one: bool = False) -> RowWeights:
    """Check weights; only the formula that needs more than ratios of sizes asks what they mean."""
    if sample_weight is None:
        return UNWEIGHTED
    weights = check_row_weights(sample_weight, kind, len(check_labels(y, name="y")))
    if not mean_one or weights.importance is None:
        return weights
    return weights._replace(values=weights.importance / weights.importance[weights.importance > 0].mean())
