"""Coverage of intervals under importance weights: do rows drawn unequally, weighted back, give honest intervals?

Each repetition draws rows of a population, keeps each with a probability that depends on its outcome and its risk, and
weights it by one over that probability. The truth is that of the population. What the same rows say without weights
stands beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from riskdec.diagnostics import calibration_slope
from riskdec.weighting.comparison.paired_bootstrap import resample_differences, values_of
from riskdec.weighting.comparison.rows import subtract
from riskdec.weighting.judging import HeldOut, Judged, judge_risks
from riskdec.weighting.units import UNWEIGHTED, RowWeights
from simulations.markdown import share, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.result import Estimate

SEED = 20261122
DRAWN, REPETITIONS, RESAMPLES, MANY = 4_000, 400, 100, 400_000
# Of one set of risks, as `diagnose` gives them; differences of two sets, as `compare_weighting` gives them.
FIGURES = (
    "citl",
    "slope",
    "citl difference",
    "slope difference",
    "Brier difference",
    "log difference",
    "AUC difference",
)


def draw(rng: np.random.Generator, n: int, *, keep: bool = True) -> tuple[np.ndarray, np.ndarray, RowWeights]:
    """Give two sets of risks, outcomes and weights; the second set is what class weights make of the first.

    Events are kept with probability .9, others with .1 to .6, those of high risk more often.
    """
    x, noise = rng.normal(-2, 1.1, size=n), 0.15 * rng.normal(size=n)
    is_event = rng.random(n) < expit(x)
    risks = expit(np.array([0.85 * x - 0.3 + noise, 0.75 * x + 1.5 + noise]))
    if not keep:
        return risks, is_event, UNWEIGHTED
    chance = np.where(is_event, 0.9, 0.1 + 0.5 * expit(1.5 * (x + 2)))
    kept = rng.random(n) < chance
    weight = 1 / chance[kept]
    return risks[:, kept], is_event[kept], RowWeights(weight / weight.mean(), "importance")


def truth(*, seed: int = SEED, many: int = MANY) -> np.ndarray:
    """Give the figures of many rows of the population."""
    risks, is_event, weights = draw(np.random.default_rng([seed, 0]), many, keep=False)
    held_out = HeldOut(is_event, None, None, 0.95, weights)
    judged = [judge_risks(risk, held_out) for risk in risks]
    slope = calibration_slope(is_event, risks[0])
    differences = [one.estimate for one in _differences(judged, held_out)]
    return np.array([slope.citl.estimate, slope.slope.estimate, *differences, values_of(judged[1])[0] - judged[0].auc])


def coverage(
    *, repetitions: int = REPETITIONS, seed: int = SEED, many: int = MANY, resamples: int = RESAMPLES
) -> np.ndarray:
    """Give the shares of intervals that hold the truth, with weights and without: a line each, a column a figure."""
    wanted = truth(seed=seed, many=many)
    held = np.zeros((2, len(FIGURES)))
    for repetition in range(repetitions):
        rng = np.random.default_rng([seed, 1, repetition])
        risks, is_event, weights = draw(rng, DRAWN)
        for line, taken in enumerate((weights, UNWEIGHTED)):
            slope = calibration_slope(
                is_event, risks[0], sample_weight=taken.values, weight_kind="importance" if line == 0 else "frequency"
            )
            held_out = HeldOut(is_event, None, None, 0.95, taken)
            judged = [judge_risks(risk, held_out) for risk in risks]
            area = resample_differences(judged, held_out, np.arange(len(is_event)), n_resamples=resamples, rng=rng)
            intervals = [slope.citl, slope.slope, *_differences(judged, held_out), area[1]["auc"]]
            held[line] += [one.low <= value <= one.high for one, value in zip(intervals, wanted, strict=True)]
    return held / repetitions


def _differences(judged: list[Judged], held_out: HeldOut) -> Iterator[Estimate]:
    first, second = judged
    for name in ("citl", "slope", "brier", "log_score"):
        yield subtract(getattr(second, name), getattr(first, name), held_out)


def main(repetitions: int = REPETITIONS) -> None:
    """Print the table."""
    lines = coverage(repetitions=repetitions)
    error = share(float(np.sqrt(0.95 * 0.05 / repetitions)))
    print(
        f"{DRAWN:,} rows of a population with 15 % events, of which about 1,500 are kept; {repetitions:,} repetitions, "
        f"{RESAMPLES} resamples for the AUC, seed {SEED}; truth from {MANY:,} rows. The level is .95, the standard "
        f"error of a share of .95 is {error}.\n"
    )
    named = zip(("weights of one over the chance of being kept", "no weights"), lines, strict=True)
    print(table(("", *FIGURES), ((name, *map(share, shares)) for name, shares in named)))


if __name__ == "__main__":
    main()
