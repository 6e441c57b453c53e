"""The door of schemes: names, ratios, pairs and mappings in, schemes on the training rows out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number, refuse
from riskdec._base.table import number
from riskdec.weighting.schemes.class_weights import balanced_weights, effective_number_weights, natural_weights
from riskdec.weighting.schemes.scheme import Scheme

if TYPE_CHECKING:
    from riskdec._base.checks import Outcome
    from riskdec._base.typing import ArrayLike
    from riskdec.weighting.schemes.scheme import Way

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
    names = (scheme[0] if isinstance(scheme, tuple) and scheme else scheme for scheme in wanted)
    return not all(isinstance(name, str) and name in _SAMPLED for name in names)


def resolve_schemes(schemes: object, y: ArrayLike, outcome: Outcome) -> tuple[Scheme, ...]:
    """Give the schemes asked for, the one without weights first whether it was named or not.

    Parameters
    ----------
    schemes : iterable
        Names, ratios, pairs of a name and a number, and mappings of label to weight.
    y : array-like of shape (n,)
        Training outcomes, whose class sizes most weights follow.
    outcome : Outcome
        The same, past the door.
    """
    wanted = check_schemes(schemes)
    labels = _non_event_and_event(outcome)
    none = Scheme(name="none", labels=labels, weights=(1.0, 1.0))
    n_events = int(np.count_nonzero(outcome.is_event))
    sizes = (len(outcome.is_event) - n_events, n_events)
    resolved = (none, *(_resolve(scheme, y, labels, sizes) for scheme in wanted))
    names = [scheme.name for scheme in resolved]
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise refuse("schemes", "differ from each other", f"{twice[0]!r} twice")
    return resolved


def _resolve(scheme: object, y: ArrayLike, labels: tuple[Any, Any], sizes: tuple[int, int]) -> Scheme:
    if isinstance(scheme, str):
        return _named(scheme, None, y, labels, sizes)
    if isinstance(scheme, tuple) and len(scheme) == 2 and isinstance(scheme[0], str):
        if isinstance(scheme[1], Mapping):
            return replace(_resolve(scheme[1], y, labels, sizes), name=scheme[0])
        return _named(scheme[0], scheme[1], y, labels, sizes)
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


def _named(name: str, option: object, y: ArrayLike, labels: tuple[Any, Any], sizes: tuple[int, int]) -> Scheme:
    """Resolve a scheme by its name, with the number beside it where it takes one."""
    if name in _SAMPLED:
        ratio = sizes[0] / sizes[1]
        if option is not None:
            ratio = check_number(option, name=f"the ratio of {name!r}", low=0, open_low=True)
        shown = name if option is None else f"{name} {number(ratio)}"
        return Scheme(name=shown, labels=labels, weights=_copies(name, ratio, sizes), way=_SAMPLED[name])
    if name == "effective_number" and option is not None:
        by_label = effective_number_weights(y, beta=option)  # type: ignore[arg-type]  # checked there
        name = f"effective number, beta {number(float(option))}"  # type: ignore[arg-type]  # a number by now
    elif name in ("natural", "balanced") and option is None:
        by_label = natural_weights(y) if name == "natural" else balanced_weights(y)
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
