"""Precision and recall of weights at one half, and of a threshold that moves on the risks without weights."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.likelihood import fit_binomial, risks
from riskdec.weighting.units import UNWEIGHTED, sum_of_squares

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.weighting.units import RowWeights

# Two fits that agree in exact arithmetic differ by rounding, also at the cut itself.
ROUNDING = 2e-9
# Of sums of weights that are no counts, so many digits are rounding.
_LITTLE = 1e-12


class Flags(NamedTuple):
    """What is flagged at each of J cuts; shape (J,) each.

    Attributes
    ----------
    flagged, hits : ndarray
        Rows flagged, and rows with the event among them, as they are weighted.
    """

    flagged: FloatArray
    hits: FloatArray

    @property
    def precision(self) -> FloatArray:
        """Share of events among the flagged rows; nan where none is flagged."""
        with np.errstate(invalid="ignore"):
            return self.hits / self.flagged


class Matched(NamedTuple):
    """The moving threshold where it is as precise as the weights; shape (J,) each, nan where it never is.

    Attributes
    ----------
    recall : ndarray
        Recall of the threshold there.
    standard_error : ndarray
        Of the difference of the two recalls.
    """

    recall: FloatArray
    standard_error: FloatArray


def flag_columns(
    log_odds: FloatArray, cuts: FloatArray, is_event: BoolArray, weights: RowWeights = UNWEIGHTED
) -> tuple[Flags, BoolArray]:
    """Flag rows whose log-odds reach a cut: one column (n, J) for each of the J cuts, or one (n,) for all of them."""
    columns = log_odds if log_odds.ndim == 2 else log_odds[:, None]
    flags: BoolArray = columns >= cuts - ROUNDING
    if weights.values is not None:
        return Flags(weights.values @ flags, (weights.values * is_event) @ flags), flags
    return Flags(flags.sum(axis=0).astype(float), flags[is_event].sum(axis=0).astype(float)), flags


def match_precision(
    flags: BoolArray,
    weighted: Flags,
    unweighted: FloatArray,
    is_event: BoolArray,
    groups: IntArray | None,
    weights: RowWeights = UNWEIGHTED,
) -> Matched:
    """Find for each column of flags the threshold on the risks without weights that is as precise.

    Parameters
    ----------
    flags : ndarray of bool, shape (n, J)
        Rows flagged under weights.
    weighted : Flags
        The same, counted.
    unweighted : ndarray of shape (n,)
        Log-odds without weights.
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    groups : ndarray of int, shape (n,), or None
        Group numbers of dependent rows.
    weights : RowWeights
        What each row counts for.

    Notes
    -----
    With the rows in the order of falling risk, the first k rows with h(k) events are as precise as the weights where
    ``h(k) flagged = hits k``. Of several such k the one next to the number of rows that the weights flag is taken;
    between two distinct risks k is interpolated, and rows tied there count with that share. Recall at equal precision
    is ``h(k) / events``.

    Standard error of the difference of recalls, by the delta method: with w and m the flags of the weights and of the
    threshold, q their precision, t the risk at the threshold (recalibrated by intercept and slope on these rows) and d
    the difference, row i contributes
    ``y (w - m) - t / (q - t) (y - q) (m - w sum(m) / sum(w)) - d y``, over the number of events. The middle term says
    that noise in either precision moves the threshold, which is why there is none where ``t >= q``. All counts are sums
    of weights; equal rows contribute one by one, and a row of importance w contributes w times as much.
    """
    steps = _count_steps(unweighted, is_event, weights)
    edges = _recalibrate(steps, unweighted, is_event, weights)
    n_events, weight = weights.sum(is_event), weights.or_ones(len(is_event))
    recall, error = np.full(flags.shape[1], np.nan), np.full(flags.shape[1], np.nan)
    are_counts = weights.importance is None
    for j, (flagged, hits) in enumerate(zip(weighted.flagged, weighted.hits, strict=True)):
        place = _nearest_crossing(steps, flagged, hits, are_counts=are_counts) if flagged else None
        if place is None:
            continue
        precision = hits / flagged
        taken = np.clip(place - steps.of_row + 1, 0, 1)
        recall[j] = float(weight[is_event] @ taken[is_event]) / n_events
        edge = edges[max(int(np.ceil(place)) - 1, 0)]
        if edge < precision:
            near = np.flatnonzero(flags[:, j] | (taken > 0))
            w, m, y = flags[near, j], taken[near], is_event[near]
            gone = edge / (precision - edge) * (y - precision) * (m - w * (float(weight @ taken) / flagged))
            parts = y * (w - m) - gone - (hits / n_events - recall[j]) * y
            own = None if groups is None else groups[near]
            error[j] = float(np.sqrt(sum_of_squares(parts, weights.take(near), own))) / n_events
    return Matched(recall, error)


def find_crossing(log_ratio: FloatArray, precision: FloatArray, recall: FloatArray) -> tuple[float, float]:
    """Give the ratio at which precision equals recall, and their value; nan where they do not cross.

    Both are interpolated on the axis of the log ratio; of several crossings the first is taken.
    """
    gap = precision - recall
    known = np.flatnonzero(~np.isnan(gap))
    for left, right in pairwise(known):
        if gap[left] == 0:
            return float(np.exp(log_ratio[left])), float(recall[left])
        if gap[left] * gap[right] <= 0:
            share = gap[left] / (gap[left] - gap[right])
            at = log_ratio[left] + share * (log_ratio[right] - log_ratio[left])
            return float(np.exp(at)), float(recall[left] + share * (recall[right] - recall[left]))
    return float("nan"), float("nan")


class _Steps(NamedTuple):
    """Distinct risks in falling order.

    Attributes
    ----------
    rows, events : ndarray of shape (m + 1,)
        Rows down to each of them, and events among these; zero first.
    log_odds : ndarray of shape (m,)
        The risks, on that scale.
    of_row : ndarray of int, shape (n,)
        Which of them is that of each row, from 1.
    """

    rows: FloatArray
    events: FloatArray
    log_odds: FloatArray
    of_row: IntArray


def _count_steps(log_odds: FloatArray, is_event: BoolArray, weights: RowWeights) -> _Steps:
    distinct, of_row = np.unique(-log_odds, return_inverse=True)
    weight = weights.or_ones(len(is_event))
    rows = np.bincount(of_row, weights=weight, minlength=len(distinct))
    events = np.bincount(of_row, weights=weight * is_event, minlength=len(distinct))
    return _Steps(np.append(0.0, np.cumsum(rows)), np.append(0.0, np.cumsum(events)), -distinct, of_row + 1)


def _recalibrate(steps: _Steps, log_odds: FloatArray, is_event: BoolArray, weights: RowWeights) -> FloatArray:
    """Give the event rate at each of the distinct risks, by intercept and slope where these exist and rise."""
    if np.isfinite(steps.log_odds).all():
        fit = fit_binomial(log_odds[:, None], is_event, weight=weights.values)
        if fit.converged and not fit.aliases and fit.coef[1] > 0:
            return risks(fit.coef[0] + fit.coef[1] * steps.log_odds)
    return risks(steps.log_odds)


def _nearest_crossing(steps: _Steps, flagged: float, hits: float, *, are_counts: bool) -> float | None:
    """Give the place among the steps, next to a number of rows, at which these are as precise; None if there is none.

    Products of counts are exact, so that the same rows are found to be as precise as themselves; of products of other
    weights rounding is taken off.
    """
    above = steps.events * flagged - hits * steps.rows
    if not are_counts:
        above[np.abs(above) <= _LITTLE * flagged * steps.rows] = 0.0
    exact = np.flatnonzero(above[1:] == 0) + 1.0
    left = np.flatnonzero(above[1:-1] * above[2:] < 0) + 1
    inside = left + above[left] / (above[left] - above[left + 1])
    places = np.concatenate([exact, inside])
    if not len(places):
        return None
    rows = np.interp(places, np.arange(len(steps.rows)), steps.rows)
    return float(places[np.abs(rows - flagged).argmin()])
