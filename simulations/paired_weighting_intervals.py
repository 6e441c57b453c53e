"""Coverage of the paired intervals of `compare_weighting` for figures that are no means over rows.

Each repetition draws rows and four sets of risks: calibrated ones, the same shifted by 2 on the log-odds scale, bent,
and nearly the same. The truth of each difference is that of many rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from riskdec.weighting.comparison.paired_bootstrap import FIGURES, resample_differences, values_of
from riskdec.weighting.judging import HeldOut, Judged, judge_risks
from simulations.markdown import share, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261121
ROWS, REPETITIONS, RESAMPLES, MANY = 1_500, 150, 200, 400_000
OTHERS = ("shifted by 2", "bent", "nearly the same")
# Without costs there is no second cut.
SHOWN = FIGURES[:8]


def draw(rng: np.random.Generator, n: int) -> tuple[list[Judged], HeldOut]:
    """Give the four sets of risks, judged; the first is calibrated up to a little noise."""
    x, noise, little = rng.normal(-2, 1.1, size=n), 0.15 * rng.normal(size=n), rng.normal(size=n)
    held_out = HeldOut(rng.random(n) < expit(x), None, None, 0.95)
    eta = x + noise
    log_odds = (eta, eta + 2, 0.7 * x - 0.5 + noise, eta + 0.03 * little + 0.02)
    return [judge_risks(expit(one), held_out) for one in log_odds], held_out


def coverage(*, repetitions: int = REPETITIONS, seed: int = SEED, many: int = MANY) -> np.ndarray:
    """Give the share of intervals that hold the truth: a line for each set of risks, a column for each figure."""
    judged, _ = draw(np.random.default_rng([seed, 0]), many)
    truth = np.array([values_of(one) - values_of(judged[0]) for one in judged[1:]])
    held = np.zeros((len(OTHERS), len(SHOWN)))
    for repetition in range(repetitions):
        rng = np.random.default_rng([seed, 1, repetition])
        judged, held_out = draw(rng, ROWS)
        found = resample_differences(judged, held_out, np.arange(ROWS), n_resamples=RESAMPLES, rng=rng)[1:]
        for place, differences in enumerate(found):
            intervals = [differences[name] for name in SHOWN]
            held[place] += [one.low <= wanted <= one.high for one, wanted in zip(intervals, truth[place], strict=False)]
    return held / repetitions


def _lines(repetitions: int) -> Iterator[tuple[str, ...]]:
    for name, shares in zip(OTHERS, coverage(repetitions=repetitions), strict=True):
        yield (name, *map(share, shares))


def main(repetitions: int = REPETITIONS) -> None:
    """Print the table."""
    error = share(float(np.sqrt(0.95 * 0.05 / repetitions)))
    print(
        f"{ROWS:,} rows, about 220 events, {repetitions:,} repetitions, {RESAMPLES} resamples, seed {SEED}; truth from "
        f"{MANY:,} rows. The level is .95, the standard error of a share of .95 is {error}.\n"
    )
    print(table(("calibrated risks against", *(name.replace("_", " ") for name in SHOWN)), _lines(repetitions)))


if __name__ == "__main__":
    main()
