"""Maximum likelihood under many ratios of class weights at once: anchors by Newton's method, the rest from between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import in_order, one_blas_thread
from riskdec.likelihood.newton_step import solve_information
from riskdec.likelihood.rows.design import chunk_rows
from riskdec.likelihood.rows.reading import add_up, cut, row_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.likelihood.rows.design import Design
    from riskdec.likelihood.rows.reading import Sums

# Between so many Chebyshev points over seven units of log ratio, informations are known to about a hundredth.
_ANCHORS = 7
_LEAST_ANCHORS = 5
# Lengths of steps are sums over standardised coefficients. Anchors stop after a step so short; scores do the rest.
_NEAR = 0.25
# Steps are taken until what the next one would be is smaller than this.
_SETTLED = 1e-11
_MOST_STEPS = 20
_FARTHEST = 20.0
# Up to this size (256 MiB) standardised rows are made once and kept: they are read half a dozen times.
_KEEP_NUMBERS = 1 << 25


class ClassWeightPath(NamedTuple):
    """Estimates under several ratios of class weights.

    Attributes
    ----------
    coef : ndarray of shape (J, p + 1) or (J, p)
        In the units of the columns, the intercept first where there is one.
    gradient : ndarray of shape (J,)
        Largest absolute score over the sum of weights, on standardised columns, before the last step.
    converged : ndarray of bool, shape (J,)
        Whether the steps died away; the others should be fitted one by one.
    n_readings : int
        How often all rows were read.
    """

    coef: FloatArray
    gradient: FloatArray
    converged: BoolArray
    n_readings: int


class _Anchors(NamedTuple):
    """Coefficients and informations, of a unit of weight, at Chebyshev points of the log ratio."""

    log_ratio: FloatArray
    coef: FloatArray
    information: FloatArray


def fit_class_weight_path(
    design: Design,
    is_event: BoolArray,
    unweighted: FloatArray,
    ratios: FloatArray,
    weight: FloatArray | None = None,
) -> ClassWeightPath:
    """Maximise the binomial log-likelihood with weight r on events and 1 on the others, for each of several r.

    Parameters
    ----------
    design : Design
        Standardised rows.
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    unweighted : ndarray of shape (k,)
        Standardised coefficients of the maximum without weights of classes, whose existence has been proved.
    ratios : ndarray of shape (J,)
        Positive numbers, ascending.
    weight : ndarray of shape (n,), optional
        Positive weights of the rows, with which those of the classes are multiplied.

    Returns
    -------
    ClassWeightPath

    Notes
    -----
    Positive weights move no row to the other side of a plane, so all maxima exist where one does. Coefficients and
    informations are analytic functions of the log ratio. Newton's method runs at a few Chebyshev points of it, from
    the unweighted estimate with the log ratio added to its intercept, where a model of the right form stays up to
    chance. Between them both are interpolated by polynomials. From there each ratio steps by its own exact score and
    the interpolated information: a reading of the rows takes two matrix products with all ratios side by side, and
    each leaves a hundredth or less of the distance.
    """
    with one_blas_thread():
        path = _Path(design, is_event, ratios, weight)
        anchors = path.climb(unweighted)
        if anchors is None:
            empty = np.full((len(ratios), len(design.to_columns())), np.nan)
            none = np.zeros(len(ratios), dtype=bool)
            return ClassWeightPath(empty, np.full(len(ratios), np.inf), none, path.n_readings)
        return path.follow(anchors)


class _Path:
    """The rows, the ratios, and how often the rows were read."""

    def __init__(
        self, design: Design, is_event: BoolArray, ratios: FloatArray, weight: FloatArray | None = None
    ) -> None:
        self.design, self.is_event, self.ratios, self.weight = _standardised(design), is_event, ratios, weight
        self.n_events = float(np.count_nonzero(is_event) if weight is None else weight @ is_event)
        self.n_others = float(design.n_rows if weight is None else weight.sum()) - self.n_events
        self.n_readings = 0
        # What outcomes alone add to the score of a unit of event weight.
        self.observed = self._sum_of_events()

    def climb(self, unweighted: FloatArray) -> _Anchors | None:
        """Take Newton steps at the anchors until they are short; None where they lead nowhere."""
        log_ratio = _chebyshev_points(np.log(self.ratios))
        coef = np.tile(unweighted, (len(log_ratio), 1))
        if self.design.intercept:
            coef[:, 0] += log_ratio
        for _ in range(_MOST_STEPS):
            score, information = self.read(coef, np.exp(log_ratio), np.arange(len(log_ratio)))
            steps = _solve(information, score)
            if steps is None:
                return None
            coef = coef + steps
            longest = float(np.abs(steps).sum(axis=1).max())
            if not longest <= _FARTHEST:
                return None
            if longest <= _NEAR:
                return _Anchors(log_ratio, coef, information)
        return None

    def follow(self, anchors: _Anchors) -> ClassWeightPath:
        """Step by exact scores and interpolated informations until the steps have died away."""
        between = _interpolation(anchors.log_ratio, np.log(self.ratios))
        coef = between @ anchors.coef
        k = coef.shape[1]
        information = (between @ anchors.information.reshape(len(anchors.coef), -1)).reshape(-1, k, k)
        before = np.full(len(coef), np.inf)
        gradient, settled = np.full(len(coef), np.inf), np.zeros(len(coef), dtype=bool)
        active = np.arange(len(coef))
        for _ in range(_MOST_STEPS):
            score, _ = self.read(coef[active], self.ratios[active], np.empty(0, dtype=np.intp))
            steps = _solve(information[active], score)
            if steps is None:
                break
            length = np.abs(steps).sum(axis=1)
            coef[active] += steps
            gradient[active] = np.abs(score).max(axis=1, initial=0.0)
            # Each step is a fixed share of the one before it, so the next one is known; rounding ends them too.
            done = (length**2 <= _SETTLED * before[active]) & (length <= np.sqrt(_SETTLED)) | (length <= _SETTLED)
            settled[active] = done
            shrinks = length < before[active]
            before[active] = length
            active = active[~done & shrinks]
            if not len(active):
                break
        return ClassWeightPath(coef @ self.design.to_columns().T, gradient, settled, self.n_readings)

    def read(self, coef: FloatArray, ratios: FloatArray, informed: IntArray) -> tuple[FloatArray, FloatArray]:
        """Give scores of all ratios and informations of some of them, each of a unit of weight."""
        columns = np.ascontiguousarray(-coef.T)

        def part(Z: FloatArray, places: IntArray, weight: FloatArray | None) -> Sums:
            # In one piece of memory: minus the linear predictors, then the expected outcomes.
            risk = Z @ columns
            # Beyond 709 the exponential is infinite and the risk 0, as it should be.
            with np.errstate(over="ignore"):
                np.exp(risk, out=risk)
            risk += 1
            np.reciprocal(risk, out=risk)
            variance = risk[:, informed]
            variance *= 1 - variance
            variance[places] *= ratios[informed]
            risk[places] *= ratios
            if weight is not None:
                variance *= weight[:, None]
                risk *= weight[:, None]
            return risk.T @ Z, _crossproducts(Z, variance)

        expected, information = self._add_up(part)
        self.n_readings += 1
        total = self.n_others + ratios * self.n_events
        score = (ratios[:, None] * self.observed - expected) / total[:, None]
        return score, information / total[informed, None, None]

    def _sum_of_events(self) -> FloatArray:
        total = np.zeros(self.design.n_columns)
        places = np.flatnonzero(self.is_event)
        for part in cut(slice(0, len(places)), chunk_rows(self.design.n_columns)):
            rows = self.design.rows(places[part]) if self.design.cache is None else self.design.cache[places[part]]
            total += rows.sum(axis=0) if self.weight is None else self.weight[places[part]] @ rows
        return total

    def _add_up(self, part: Callable[[FloatArray, IntArray, FloatArray | None], Sums]) -> Sums:
        """Call a function on chunks of standardised rows, places of events among them and weights, and add up."""
        design = self.design
        step = chunk_rows(design.n_columns)

        def block_sums(block: slice) -> Sums:
            room = np.empty((min(step, block.stop - block.start), design.n_columns))
            total: Sums = ()
            for rows in cut(block, step):
                if design.cache is None:
                    Z = design.standardise(rows, room[: rows.stop - rows.start])
                else:
                    Z = design.cache[rows]
                weight = None if self.weight is None else self.weight[rows]
                answer = part(Z, np.flatnonzero(self.is_event[rows]), weight)
                total = tuple(a + b for a, b in zip(total, answer, strict=True)) if total else answer
            return total

        return add_up(block_sums, design.n_rows, design.n_columns)


def _standardised(design: Design) -> Design:
    """Give the design with its standardised rows, where they are not too many to keep."""
    if design.cache is not None or design.n_rows * design.n_columns > _KEEP_NUMBERS:
        return design
    kept = np.empty((design.n_rows, design.n_columns))
    blocks = row_blocks(design.n_rows, design.n_columns)
    for _ in in_order(lambda rows: design.standardise(rows, kept[rows]), blocks):
        pass
    return replace(design, cache=kept)


def _crossproducts(Z: FloatArray, weights: FloatArray) -> FloatArray:
    """Give ``Z' diag(w) Z`` for each column w of the weights, shape (m, k, k)."""
    products = np.empty((weights.shape[1], Z.shape[1], Z.shape[1]))
    room = np.empty_like(Z)
    for product, root in zip(products, np.sqrt(weights.T), strict=True):
        np.multiply(Z, root[:, None], out=room)
        np.dot(room.T, room, out=product)
    return products


def _chebyshev_points(log_ratios: FloatArray) -> FloatArray:
    """Give the anchors: Chebyshev points from the least to the largest log ratio, or the log ratios if they are few."""
    if len(log_ratios) <= _LEAST_ANCHORS:
        return log_ratios
    low, high = log_ratios[0], log_ratios[-1]
    angle = np.linspace(np.pi, 0, _ANCHORS)
    points: FloatArray = (low + high) / 2 + (high - low) / 2 * np.cos(angle)
    return points


def _interpolation(points: FloatArray, wanted: FloatArray) -> FloatArray:
    """Give the matrix that takes values at the points to those of their polynomial at other places.

    The barycentric formula, whose weights at Chebyshev points alternate and are halved at both ends (Berrut and
    Trefethen, SIAM Review 46 (2004), 501-517). SciPy's interpolator orders the points by chance: other last digits.
    """
    if np.array_equal(points, wanted):
        return np.eye(len(points))
    weight = (-1.0) ** np.arange(len(points))
    weight[[0, -1]] /= 2
    away = wanted[:, None] - points
    hit = away == 0
    share = weight / np.where(hit, 1.0, away)
    share[hit.any(axis=1)] = hit[hit.any(axis=1)]
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def _solve(information: FloatArray, score: FloatArray) -> FloatArray | None:
    """Give the step of each ratio; None where an information has no inverse with digits to spare."""
    steps = np.empty_like(score)
    for step, matrix, right in zip(steps, information, score, strict=True):
        newton = solve_information((matrix + matrix.T) / 2, right)
        if newton is None or not newton.trusted:
            return None
        step[:] = newton.step
    return steps
