"""One split: the plain fit, the weighted fit and the offsets, and what each way of deciding finds on the test rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec.decisions import recall_offsets
from riskdec.decisions.offsets.largest import largest_class
from riskdec.weighting.balance.arms import judge_arm
from riskdec.weighting.balance.calibrating import calibrate
from riskdec.weighting.balance.effect import measure_effect
from riskdec.weighting.balance.fitting import fit_classes, predict_classes, put_weights_back
from riskdec.weighting.balance.judging import Judge, effective_counts, range_by_chance
from riskdec.weighting.fitting import divides_weights_out
from riskdec.weighting.schemes import recall_driven_weights

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.decisions import CostMatrix, DecisionOffsets
    from riskdec.weighting.balance.arms import RecallArm
    from riskdec.weighting.balance.calibrating import Calibration
    from riskdec.weighting.balance.effect import WeightEffect
    from riskdec.weighting.balance.parts import Part, Parts


class Settings(NamedTuple):
    """Options of `balance_recall`, checked."""

    ways: tuple[str, ...]
    power: float
    calibration: str
    costs: CostMatrix | None
    confidence_level: float


class SplitResult(NamedTuple):
    """What one split showed; the fields are those of `RecallBalance`.

    Attributes
    ----------
    hides_weights : bool
        Whether the model divides the weights out of its probabilities.
    """

    parts: Parts
    arms: tuple[RecallArm, ...]
    held_out_recall: FloatArray
    weights: FloatArray | None
    effect: WeightEffect | None
    hides_weights: bool
    offsets: DecisionOffsets | None
    counted_range: float | None
    calibration: Calibration


class _Plain(NamedTuple):
    """The fit without weights: itself, its probabilities of held-out and test rows, and the map that calibrates it."""

    fitted: Any
    held_out: FloatArray
    test: FloatArray
    calibration: Calibration
    calibrated: FloatArray


class _Weighted(NamedTuple):
    """The fit with recall-driven weights: these, decisions on the test rows, what they did, whether it hides them."""

    weights: FloatArray
    chosen: IntArray
    effect: WeightEffect | None
    hides_weights: bool


def judge_split(estimator: Any, parts: Parts, settings: Settings) -> SplitResult:
    """Fit and judge on one split.

    Parameters
    ----------
    estimator : classifier
        Has passed `check_estimator`.
    parts : Parts
        The rows.
    settings : Settings
        What to try.
    """
    judge = _judge(parts, settings)
    plain = _fit_plain(estimator, parts, settings.calibration)
    chosen = plain.test.argmax(axis=1)
    decisions = {"plain": chosen}
    hits, counts = _held_out_hits(plain, parts)
    weighted, offsets = None, None
    if "weights" in settings.ways:
        weighted = _fit_weighted(estimator, plain, np.maximum(hits, 0.5) / counts, settings.power, parts, judge)
        decisions["weights"] = weighted.chosen
    if "offsets" in settings.ways:
        offsets = _fit_offsets(plain, parts, settings)
        decisions["offsets"] = largest_class(plain.calibrated, np.exp(offsets.offsets))
    if settings.costs is not None:
        decisions["least cost"] = (plain.calibrated @ settings.costs.costs).argmin(axis=1)
    arms = tuple(judge_arm(way, one, chosen, judge) for way, one in decisions.items())
    return SplitResult(
        parts=parts,
        arms=arms,
        held_out_recall=hits / counts,
        weights=None if weighted is None else weighted.weights,
        effect=None if weighted is None else weighted.effect,
        hides_weights=weighted is not None and weighted.hides_weights,
        offsets=offsets,
        counted_range=None if offsets is None else _counted_range(arms, judge, parts.held_out),
        calibration=plain.calibration,
    )


def _judge(parts: Parts, settings: Settings) -> Judge:
    return Judge(
        codes=parts.test.codes,
        weights=parts.test.weights,
        groups=parts.test.groups,
        costs=settings.costs,
        confidence_level=settings.confidence_level,
    )


def _fit_plain(estimator: Any, parts: Parts, method: str) -> _Plain:
    fitted = fit_classes(estimator, parts.fitted, None)
    held_out, test = (predict_classes(fitted, part.X, parts.classes) for part in (parts.held_out, parts.test))
    found = calibrate(held_out, parts.held_out.labels, method, parts.held_out.weights)
    return _Plain(fitted, held_out, test, found, found.apply(test))


def _held_out_hits(plain: _Plain, parts: Parts) -> tuple[FloatArray, FloatArray]:
    """Give how many held-out rows of each class the plain fit finds, and how many there are, in rows of mean weight."""
    part = parts.held_out
    weight = part.weights.or_ones(len(part.codes)) * (part.counts / part.totals)[part.codes]
    hits = np.bincount(part.codes, weights=weight * (plain.held_out.argmax(axis=1) == part.codes))
    return np.asarray(hits, dtype=np.float64), part.counts


def _fit_weighted(
    estimator: Any, plain: _Plain, recalls: FloatArray, power: float, parts: Parts, judge: Judge
) -> _Weighted:
    by_label = recall_driven_weights(dict(zip(parts.classes.tolist(), recalls.tolist(), strict=True)), power=power)
    weights = np.array(list(by_label.values()))
    fitted = fit_classes(estimator, parts.fitted, by_label)

    def decided(part: Part) -> IntArray:
        proba = predict_classes(fitted, part.X, parts.classes)
        return np.asarray(put_weights_back(fitted, proba, weights).argmax(axis=1))

    before = predict_classes(plain.fitted, parts.fitted.X, parts.classes).argmax(axis=1)
    own = [parts.fitted.weights.mean(made == parts.fitted.codes) for made in (before, decided(parts.fitted))]
    chosen = decided(parts.test)
    effect = measure_effect(weights, chosen, plain.test, plain.calibrated, judge, (own[0], own[1]))
    return _Weighted(weights, chosen, effect, divides_weights_out(fitted))


def _fit_offsets(plain: _Plain, parts: Parts, settings: Settings) -> DecisionOffsets:
    method = "probabilities" if plain.calibration.method == "vector" else "labels"
    return recall_offsets(
        parts.held_out.labels,
        plain.calibration.apply(plain.held_out),
        method=method,
        sample_weight=parts.held_out.weights.values,
        weight_kind=parts.held_out.weights.kind,
        costs=settings.costs,
        confidence_level=settings.confidence_level,
    )


def _counted_range(arms: tuple[RecallArm, ...], judge: Judge, held_out: Part) -> float:
    """Give the range to be expected on the test rows if recalls were made equal on the labels of the held-out rows."""
    mean = next(arm.mean_recall for arm in arms if arm.way == "offsets")
    sizes = effective_counts(held_out.codes, held_out.weights)
    return range_by_chance(np.sqrt(mean * (1 - mean) * (1 / judge.counts + 1 / sizes)))
