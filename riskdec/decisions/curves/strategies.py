"""What can be drawn in a decision curve: each strategy is a score, the cuts it uses, and what reaching a cut is worth.

With a threshold t an event that is acted on is worth 1, and a non-event `-t / (1 - t)`. A policy that defers acts from
one cut on and defers from another one on; a policy of fixed actions is a score of three values with cuts between them.
So net benefit is linear in the numbers of events and non-events at or above cuts, for every strategy alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_number, refuse
from riskdec._base.frames import frame_kind
from riskdec.decisions.choosing.answer import Decisions
from riskdec.decisions.costs.cost_input import negative_and_positive
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.judging.event_rows import check_event_risks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, FrameKind, IntArray
    from riskdec.decisions.costs.case_costs import CaseCosts
    from riskdec.decisions.judging.event_rows import EventRows


class Strategy(NamedTuple):
    """One curve.

    Attributes
    ----------
    name : str
        What the curve is called.
    risk : ndarray of shape (n,) or None
        The score; None where everybody reaches every cut.
    cuts : ndarray of shape (C,)
        Ascending cuts.
    on_event, on_non_event : ndarray of shape (T, C)
        What reaching cut c adds to the net benefit at threshold t, for an event and for a non-event.
    act, defer : ndarray of int, shape (T,)
        Places of the cuts from which the strategy acts, and from which it defers; equal where it does not defer.
    harm : float
        What obtaining the score costs each case, in true positives.
    """

    name: str
    risk: FloatArray | None
    cuts: FloatArray
    on_event: FloatArray
    on_non_event: FloatArray
    act: IntArray
    defer: IntArray
    harm: float = 0.0


class Deferral(NamedTuple):
    """What deferring is worth in true positives: a fee, and who decides then."""

    fee: float
    sensitivity: float
    specificity: float


def read_strategies(
    predictions: object, threshold: FloatArray, rows: EventRows, deferral: Deferral | None, harm: object = None
) -> tuple[list[Strategy], list[str]]:
    """Give the strategies that a user asks for, those that may defer after each one, and their names."""
    named = predictions if isinstance(predictions, Mapping) else {_only_name(predictions): predictions}
    if not named:
        raise refuse("predictions", "hold at least one strategy", "none")
    harms = _read_harm(harm, [str(key) for key in named])
    strategies = []
    for key, value in named.items():
        name = str(key)
        if name in ("treat all", "treat none"):
            cure = "They are always there."
            raise refuse("predictions", "not be called 'treat all' or 'treat none'", repr(name), cure)
        if isinstance(value, Decisions):
            fixed = _fixed(name, value, threshold, rows.is_event.shape[0], deferral)
            strategies.append(fixed._replace(harm=harms[name]))
            continue
        risk = check_event_risks(value, rows, name=f"predictions[{name!r}]")
        strategies.append(by_threshold(name, risk, threshold)._replace(harm=harms[name]))
        if deferral is not None:
            zone = _with_zone(f"{name}, may defer", risk, threshold, deferral)
            strategies.append(zone._replace(harm=harms[name]))
    return strategies, [strategy.name for strategy in strategies]


def _read_harm(harm: object, names: list[str]) -> dict[str, float]:
    """Give the harm of each strategy; strategies that are not named have none."""
    if harm is None:
        return dict.fromkeys(names, 0.0)
    given = harm if isinstance(harm, Mapping) else dict.fromkeys(names, harm)
    strange = [name for name in given if name not in names]
    if strange:
        raise refuse("harm", f"name strategies among predictions ({', '.join(names)})", repr(strange[0]))
    read = {name: check_number(value, name=f"harm of {name!r}", low=0) for name, value in given.items()}
    return dict.fromkeys(names, 0.0) | read


def read_deferral(defer: object) -> Deferral | None:
    """Give what deferring costs, from a fee in true positives or from a fee and the accuracy of an expert."""
    if defer is None:
        return None
    keys = ("fee", "sensitivity", "specificity")
    entries: dict[str, object] = dict(zip(keys, (defer, 1.0, 1.0), strict=True))
    if isinstance(defer, Mapping):
        if set(defer) != set(keys):
            shown = ", ".join(map(str, defer)) or "none"
            raise refuse("defer", f"be a fee, or a dict with the keys {', '.join(keys)}", shown)
        entries = dict(defer)
    fee = check_number(entries["fee"], name="fee of deferring", low=0, high=1)
    rates = [check_number(entries[key], name=f"{key} of the expert", low=0, high=1) for key in keys[1:]]
    return Deferral(fee, *rates)


def by_threshold(name: str, risk: FloatArray | None, threshold: FloatArray) -> Strategy:
    """Act from the threshold on; with no risk, act on everybody."""
    exchange = threshold / (1 - threshold)
    if risk is None:
        first = np.zeros(threshold.shape[0], dtype=np.intp)
        return Strategy(name, None, np.zeros(1), np.ones((first.size, 1)), -exchange[:, None], first, first)
    places = np.arange(threshold.shape[0])
    return Strategy(name, risk, threshold, np.eye(places.size), -np.diag(exchange), places, places)


def _with_zone(name: str, risk: FloatArray, threshold: FloatArray, deferral: Deferral) -> Strategy:
    """Act and defer where it is cheapest at the threshold's costs: a false alarm t, a miss 1 - t."""
    on_event, on_non_event = _worth_of_deferring(threshold, deferral)
    exchange = threshold / (1 - threshold)
    # In true positives: negative is worth nothing, deferring e1 or -e0, acting 1 or -t/(1-t).
    low = on_non_event / np.maximum(on_event + on_non_event, 1e-300)
    gain, loss = 1 - on_event, exchange - on_non_event
    high = np.where(loss > 0, loss / np.maximum(loss + gain, 1e-300), 0.0)
    empty = ~(low < high)
    low, high = np.where(empty, threshold, low), np.where(empty, threshold, high)
    cuts, place = np.unique(np.concatenate([low, high]), return_inverse=True)
    lows, highs = place[: threshold.size], place[threshold.size :]
    events, others = np.zeros((threshold.size, cuts.size)), np.zeros((threshold.size, cuts.size))
    rows = np.arange(threshold.size)
    np.add.at(events, (rows, lows), on_event)
    np.add.at(events, (rows, highs), 1 - on_event)
    np.add.at(others, (rows, lows), -on_non_event)
    np.add.at(others, (rows, highs), on_non_event - exchange)
    return Strategy(name, risk, cuts, events, others, highs, lows)


def _fixed(name: str, decisions: Decisions, threshold: FloatArray, n: int, deferral: Deferral | None) -> Strategy:
    """Keep the actions that were chosen, whatever the threshold is."""
    costs = decisions.costs
    if decisions.n != n:
        raise refuse(f"predictions[{name!r}]", f"have one decision per row ({n})", f"{decisions.n} decisions")
    if len(costs.outcomes) != 2 or len(costs.deciding) != 2:
        cure = "Net benefit knows acting, not acting and deferring."
        raise refuse(f"predictions[{name!r}]", "decide between two actions", f"{len(costs.deciding)} of them", cure)
    score = np.full(len(costs.actions), 0.5)
    score[list(_deciding_in_order(costs))] = 0.0, 1.0
    deferred = bool(decisions.counts[list(costs.not_deciding)].sum())
    if deferred and deferral is None:
        cure = "Say what deferring costs, in true positives: defer=0.02."
        raise refuse("defer", f"be given where {name!r} defers", "none", cure)
    on_event, on_non_event = _worth_of_deferring(threshold, deferral or Deferral(0.0, 1.0, 1.0))
    exchange = threshold / (1 - threshold)
    return Strategy(
        name,
        score[decisions.action_index],
        np.array([0.5, 1.0]),
        np.column_stack([on_event, 1 - on_event]),
        np.column_stack([-on_non_event, on_non_event - exchange]),
        np.ones(threshold.size, dtype=np.intp),
        np.full(threshold.size, 0 if deferred else 1),
    )


def _deciding_in_order(costs: CostMatrix | CaseCosts) -> tuple[int, int]:
    return negative_and_positive(costs if isinstance(costs, CostMatrix) else costs.average())


def _worth_of_deferring(threshold: FloatArray, deferral: Deferral) -> tuple[FloatArray, FloatArray]:
    """Give what deferring an event gains, and what deferring a non-event loses, in true positives."""
    exchange = threshold / (1 - threshold)
    gain = np.full(threshold.shape, deferral.sensitivity - deferral.fee)
    return gain, deferral.fee + (1 - deferral.specificity) * exchange


def _only_name(predictions: object) -> str:
    return "policy" if isinstance(predictions, Decisions) else "model"


def kind_of_frames(y_true: object, predictions: object) -> FrameKind:
    """Name the library of the outcomes, or else of the first risks or decisions given in a frame or series."""
    given = tuple(predictions.values()) if isinstance(predictions, Mapping) else (predictions,)
    kinds = (one.frame_kind if isinstance(one, Decisions) else frame_kind(one) for one in given)
    return frame_kind(y_true, otherwise=next((kind for kind in kinds if kind != "pandas"), "pandas"))
