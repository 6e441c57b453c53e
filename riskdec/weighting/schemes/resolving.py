"""The door of schemes: names, ratios, pairs and mappings in, schemes on the training rows out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

from riskdec._base.checks import check_number, refuse
from riskdec._base.table import number
from riskdec.weighting.schemes.class_weights import balanced_weights, effective_number_weights, natural_weights
from riskdec.weighting.schemes.scheme import Scheme
from riskdec.weighting.units import UNWEIGHTED

if TYPE_CHECKING:
    from riskdec._base.checks import Outcome
    from riskdec._base.typing import ArrayLike
    from riskdec.weighting.schemes.scheme import Way
    from riskdec.weighting.units import RowWeights

_SAMPLED: dict[str, Way] = {"undersample": "undersample", "oversample": "oversample", "smote": "smote"}
# More copies of rows than this are taken for a mistake.
_MOST_ROWS = 100_000_000
_KNOWN = (
    "be 'none', 'natural', 'balanced', 'undersample', 'oversample', 'smote', a number (the weight of an event over "
    "that of a non-event), a mapping of label to weight, (name, mapping), ('effective_number', beta), "
    "('recall_driven', power), ('undersample', ratio), ('oversample', ratio) or ('smote', ratio)"
)


def check_schemes(schemes: object) -> tuple[object, ...]:
    """Give the schemes asked for, without "none"; refuse what is no sequence and what holds none with weights."""
    if isinstance(schemes, (str, Mapping)) or not isinstance(schemes, Iterable):
        raise refuse("schemes", "be a sequence of schemes", repr(schemes), "For example ('none', 'natural').")
    wanted = tuple(scheme for scheme in schemes if not (isinstance(scheme, str) and scheme == "none"))
    if not wanted:
        raise refuse("schemes", "hold at least one with weights", repr(schemes), "For example ('none', 'natural').")
    return wanted


def needs_weights(wanted: Iterable[object]) -> bool:
    """Tell whether any of the schemes gives weights, which the estimator must then take."""
    names = map(_name_of, wanted)
    return not all(isinstance(name, str) and name in _SAMPLED for name in names)


def _name_of(scheme: object) -> object:
    return scheme[0] if isinstance(scheme, tuple) and scheme else scheme


class _Classes(NamedTuple):
    """Labels of non-event and event, what their rows weigh together, and how many there are.

    Attributes
    ----------
    y : array-like of shape (n,)
        Training outcomes.
    weights : RowWeights
        Of the rows.
    labels : tuple of two labels
        Non-event and event.
    totals : tuple of (float, float)
        Sum of the weights of the rows of each; the sizes that ratios follow.
    rows : tuple of (int, int)
        Number of rows of each, which resampling leaves out or repeats.
    """

    y: ArrayLike
    weights: RowWeights
    labels: tuple[Any, Any]
    totals: tuple[float, float]
    rows: tuple[int, int]


def resolve_schemes(
    schemes: object, y: ArrayLike, outcome: Outcome, weights: RowWeights = UNWEIGHTED
) -> tuple[Scheme, ...]:
    """Give the schemes asked for, the one without weights first whether it was named or not.

    Parameters
    ----------
    schemes : iterable
        Names, ratios, pairs of a name and a number, and mappings of label to weight.
    y : array-like of shape (n,)
        Training outcomes, whose class sizes most weights follow.
    outcome : Outcome
        The same, past the door.
    weights : RowWeights
        What each row counts for: sizes of classes are sums of weights.
    """
    wanted = check_schemes(schemes)
    if weights.importance is not None and any(_name_of(scheme) == "smote" for scheme in wanted):
        cure = "Rows made up between others have no weight of their own; take 'oversample', or weights."
        raise refuse("schemes", "not hold 'smote' beside importance weights", "both", cure)
    labels = _non_event_and_event(outcome)
    none = Scheme(name="none", labels=labels, weights=(1.0, 1.0))
    parts = (~outcome.is_event, outcome.is_event)
    totals, rows = ([measure(part) for part in parts] for measure in (weights.sum, weights.counted))
    classes = _Classes(y, weights, labels, (totals[0], totals[1]), (int(rows[0]), int(rows[1])))
    resolved = (none, *(_resolve(scheme, classes) for scheme in wanted))
    names = [scheme.name for scheme in resolved]
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise refuse("schemes", "differ from each other", f"{twice[0]!r} twice")
    return resolved


def _resolve(scheme: object, classes: _Classes) -> Scheme:
    labels = classes.labels
    if isinstance(scheme, str):
        return _named(scheme, None, classes)
    if isinstance(scheme, tuple) and len(scheme) == 2 and isinstance(scheme[0], str):
        if isinstance(scheme[1], Mapping):
            return replace(_resolve(scheme[1], classes), name=scheme[0])
        return _named(scheme[0], scheme[1], classes)
    if isinstance(scheme, Mapping):
        strange = [label for label in scheme if label not in labels]
        if strange or not scheme:
            rule = f"name labels of y ({labels[0]!r}, {labels[1]!r})"
            cure = f"For example {{{labels[0]!r}: 1, {labels[1]!r}: 3}}."
            raise refuse(f"the scheme {dict(scheme)}", rule, repr(strange[0]) if strange else "none", cure)
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


def _named(name: str, option: object, classes: _Classes) -> Scheme:
    """Resolve a scheme by its name, with the number beside it where it takes one."""
    y, labels, values = classes.y, classes.labels, classes.weights.values
    if name in _SAMPLED:
        ratio = classes.totals[0] / classes.totals[1]
        if option is not None:
            ratio = check_number(option, name=f"the ratio of {name!r}", low=0, open_low=True)
        shown = name if option is None else f"{name} {number(ratio)}"
        return Scheme(name=shown, labels=labels, weights=_copies(name, ratio, classes.rows), way=_SAMPLED[name])
    if name == "effective_number" and option is not None:
        kind = classes.weights.kind
        by_label = effective_number_weights(y, beta=option, sample_weight=values, weight_kind=kind)  # type: ignore[arg-type]  # checked there
        name = f"effective number, beta {number(float(option))}"  # type: ignore[arg-type]  # a number by now
    elif name in ("natural", "balanced") and option is None:
        rule = natural_weights if name == "natural" else balanced_weights
        by_label = rule(y, sample_weight=values)
    else:
        got = repr(name) if option is None else repr((name, option))
        examples = {"effective_number": 0.999, "recall_driven": 1}
        cure = f"For example {(name, examples[name])}." if name in examples else ""
        raise refuse("a scheme", _KNOWN, got, cure)
    return Scheme(name=name, labels=labels, weights=(by_label[labels[0]], by_label[labels[1]]))


def _copies(name: str, ratio: float, sizes: tuple[int, int]) -> tuple[float, float]:
    """Give how many copies of a row of each outcome there will be on average, whole rows counted.

    Undersampling keeps the rows of one outcome and a share of the other; the others keep all rows and add to one.
    """
    if name == "undersample":
        place, share = (0, 1 / ratio) if ratio >= 1 else (1, ratio)
        copies = max(round(share * sizes[place]), 1) / sizes[place]
    else:
        place, share = (1, ratio) if ratio >= 1 else (0, 1 / ratio)
        if share * sizes[place] > _MOST_ROWS:
            cure = "The weight itself, as a number among the schemes, needs no copies."
            raise refuse(f"the ratio of {name!r}", f"make at most {_MOST_ROWS:,} rows", f"{number(ratio)}", cure)
        copies = round(share * sizes[place]) / sizes[place]
    return (copies, 1.0) if place == 0 else (1.0, copies)


def _ratio_name(ratio: float) -> str:
    return f"ratio {number(ratio)}"


def _non_event_and_event(outcome: Outcome) -> tuple[Any, Any]:
    others = [label for label in outcome.classes.tolist() if label != outcome.event]
    return others[0], outcome.event
