"""Weighting schemes: which weight each outcome gets, and the costs that such weights silently assume."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_labels, check_number, refuse, sorted_labels
from riskdec._base.table import number
from riskdec.decisions import CostMatrix

if TYPE_CHECKING:
    from riskdec._base.checks import Outcome
    from riskdec._base.typing import ArrayLike

_NAMED = ("none", "natural", "balanced")
_KNOWN = (
    "be 'none', 'natural', 'balanced', a number (the weight of an event over that of a non-event) "
    "or a mapping of label to weight"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scheme:
    """How much each outcome weighs in the loss; only the ratio matters.

    Attributes
    ----------
    name : str
        What tables call it.
    labels : tuple of two labels
        Non-event and event.
    weights : tuple of (float, float)
        Their weights.
    """

    name: str
    labels: tuple[Any, Any]
    weights: tuple[float, float]

    @property
    def ratio(self) -> float:
        """Weight of an event over that of a non-event."""
        return self.weights[1] / self.weights[0]

    @property
    def is_none(self) -> bool:
        """Whether it is the fit without weights, to which the others are compared."""
        return self.name == "none"

    @property
    def class_weight(self) -> dict[Any, float]:
        """The weights by label, in scikit-learn's form."""
        return dict(zip(self.labels, self.weights, strict=True))


def natural_weights(y: ArrayLike) -> dict[Any, float]:
    """Give each of two classes the size of the other one as its weight: ``(|C1|, |C0|)``.

    Parameters
    ----------
    y : array-like of shape (n,)
        Two labels.

    Returns
    -------
    dict of label to weight
        For `class_weight=`. It does not matter which label is the event.

    Raises
    ------
    InputError
        For missing labels, and for anything but two classes.

    See Also
    --------
    balanced_weights : The same ratio, hence the same fit, with weights that sum to the number of rows.

    Notes
    -----
    Up to scale the weight of class k is ``1 / |C_k|``, as in scikit-learn's ``"balanced"``. Only the ratio
    matters, so the two are the same fit.

    Examples
    --------
    >>> natural_weights([0, 0, 0, 1])
    {0: 1.0, 1: 3.0}
    """
    (first, n_first), (second, n_second) = _class_sizes(y)
    return {first: float(n_second), second: float(n_first)}


def balanced_weights(y: ArrayLike) -> dict[Any, float]:
    """Give scikit-learn's ``"balanced"`` weights, ``n / (2 |C_k|)``, under which both classes weigh the same.

    Parameters
    ----------
    y : array-like of shape (n,)
        Two labels.

    Returns
    -------
    dict of label to weight
        For `class_weight=`; the same fit as `natural_weights`, because only the ratio matters.

    Raises
    ------
    InputError
        For missing labels, and for anything but two classes.

    Examples
    --------
    >>> balanced_weights(["no", "no", "no", "yes"])
    {'no': 0.6666666666666666, 'yes': 2.0}
    """
    sizes = _class_sizes(y)
    n = sum(size for _, size in sizes)
    return {label: n / (2 * size) for label, size in sizes}


def implied_costs(weight_ratio: float) -> CostMatrix:
    """Give the costs that a weight ratio silently assumes: a false alarm costs 1, a miss costs the ratio.

    Parameters
    ----------
    weight_ratio : float
        Weight of an event over that of a non-event in the loss.

    Returns
    -------
    CostMatrix
        Under these costs the honest risk is acted on from ``1 / (1 + weight_ratio)``, which is where a model
        fitted with these weights reaches 0.5 if its form is right.

    Raises
    ------
    InputError
        If the ratio is not a positive number.

    References
    ----------
    C. Elkan, The foundations of cost-sensitive learning, IJCAI 2001.

    Examples
    --------
    >>> implied_costs(9).regions()
    <Regions: negative below 10 %, positive from 10 %>
    """
    ratio = check_number(weight_ratio, name="weight_ratio", low=0, open_low=True)
    return CostMatrix.binary(false_positive=1, false_negative=ratio)


def resolve_schemes(schemes: object, y: ArrayLike, outcome: Outcome) -> tuple[Scheme, ...]:
    """Give the schemes asked for, the one without weights first whether it was named or not.

    Parameters
    ----------
    schemes : iterable
        Names, ratios and mappings of label to weight.
    y : array-like of shape (n,)
        Training outcomes, whose class sizes natural and balanced weights follow.
    outcome : Outcome
        The same, past the door.
    """
    labels = _non_event_and_event(outcome)
    if isinstance(schemes, (str, Mapping)) or not isinstance(schemes, Iterable):
        raise refuse("schemes", "be a sequence of schemes", repr(schemes), "For example ('none', 'natural').")
    wanted = [scheme for scheme in schemes if scheme != "none"]
    none = Scheme(name="none", labels=labels, weights=(1.0, 1.0))
    resolved = (none, *(_resolve(scheme, y, labels) for scheme in wanted))
    names = [scheme.name for scheme in resolved]
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise refuse("schemes", "differ from each other", f"{twice[0]!r} twice")
    if not wanted:
        raise refuse("schemes", "hold at least one with weights", repr(schemes), "For example ('none', 'natural').")
    return resolved


def _resolve(scheme: object, y: ArrayLike, labels: tuple[Any, Any]) -> Scheme:
    if isinstance(scheme, str):
        if scheme not in _NAMED:
            cure = "Resampling (undersampling, oversampling, SMOTE) is not a weight and is not offered."
            raise refuse("a scheme", _KNOWN, repr(scheme), cure)
        by_label = natural_weights(y) if scheme == "natural" else balanced_weights(y)
        return Scheme(name=scheme, labels=labels, weights=(by_label[labels[0]], by_label[labels[1]]))
    if isinstance(scheme, Mapping):
        strange = [label for label in scheme if label not in labels]
        if strange:
            rule = f"name labels of y ({labels[0]!r}, {labels[1]!r})"
            raise refuse(f"the scheme {dict(scheme)}", rule, repr(strange[0]))
        # As in scikit-learn, a label without a weight of its own has weight one.
        weights = [
            check_number(scheme.get(label, 1.0), name=f"the weight of {label!r}", low=0, open_low=True)
            for label in labels
        ]
        return Scheme(name=_ratio_name(weights[1] / weights[0]), labels=labels, weights=(weights[0], weights[1]))
    if not isinstance(scheme, Real) or isinstance(scheme, bool):
        raise refuse("a scheme", _KNOWN, repr(scheme))
    ratio = check_number(scheme, name="the weight ratio of a scheme", low=0, open_low=True)
    return Scheme(name=_ratio_name(ratio), labels=labels, weights=(1.0, ratio))


def _ratio_name(ratio: float) -> str:
    return f"ratio {number(ratio)}"


def _non_event_and_event(outcome: Outcome) -> tuple[Any, Any]:
    others = [label for label in outcome.classes.tolist() if label != outcome.event]
    return others[0], outcome.event


def _class_sizes(y: ArrayLike) -> list[tuple[Any, int]]:
    labels = check_labels(y, name="y")
    classes = sorted_labels(labels, name="y").tolist()
    if len(classes) != 2:
        shown = ", ".join(map(repr, classes[:5]))
        raise refuse("y", "hold two classes", f"{len(classes)} ({shown})")
    n_first = int((labels == classes[0]).sum())
    return [(classes[0], n_first), (classes[1], len(labels) - n_first)]
