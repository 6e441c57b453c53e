"""How often the bands of a reliability curve hold what they claim to hold, also where they are not claimed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit

from riskdec.diagnostics import reliability_curve
from riskdec.diagnostics.curves.bands import pointwise_band, simultaneous_band
from riskdec.scores.isotonic import pool_violators
from riskdec.scores.sums import sum_by_forecast
from simulations.markdown import share, table
from simulations.size_of_calibration_tests import mean_logit

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import FloatArray

SEED = 20261121
QUANTILES = (0.05, 0.2, 0.5, 0.8, 0.95)

# True log-odds at a predicted log-odds x, m the mean of x.
TRUTHS: dict[str, Callable[[FloatArray, float], FloatArray]] = {
    "calibrated": lambda x, _: x,
    "slope 0.5": lambda x, m: m + 0.5 * (x - m),
    "flat": np.full_like,
    "step": lambda x, m: np.where(x < m, m - 0.7, m + 0.7),
}
CLAIMED = ("calibrated", "slope 0.5", "flat")
# At least 50 expected events each.
SIZES = ((0.3, 1000), (0.05, 2000), (0.01, 5000))


class Rows(NamedTuple):
    """Risks in ascending order, the true rate at each, and outcomes."""

    risk: FloatArray
    truth: FloatArray
    y: FloatArray


def draw_rows(truth: str, prevalence: float, n: int, rng: np.random.Generator, digits: int | None = None) -> Rows:
    """Draw one data set."""
    mean = mean_logit(prevalence)
    x = np.sort(rng.normal(mean, 1, n))
    if digits is not None:
        rounded = np.clip(expit(x).round(digits), 10.0**-digits, 1 - 10.0**-digits)
        x = np.log(rounded) - np.log1p(-rounded)
    rate = expit(TRUTHS[truth](x, mean))
    return Rows(expit(x), rate, rng.random(n) < rate)


def pointwise_coverage(truth: str, prevalence: float, n: int, *, repetitions: int, seed: int = SEED) -> FloatArray:
    """Give how often the isotonic band of 0.95 holds the truth at each score quantile."""
    rng = np.random.default_rng([seed, list(TRUTHS).index(truth), int(1000 * prevalence), n])
    at = (np.array(QUANTILES) * n).astype(int)
    inside = np.zeros(len(at))
    for _ in range(repetitions):
        rows = draw_rows(truth, prevalence, n, rng)
        sums = sum_by_forecast(rows.risk, rows.y)
        band = pointwise_band(sums, *pool_violators(sums.events, sums.weight), 0.95)
        inside += (band.low[at] <= rows.truth[at]) & (rows.truth[at] <= band.high[at])
    return inside / repetitions


def spline_coverage(truth: str, prevalence: float, n: int, *, repetitions: int, seed: int = SEED) -> FloatArray:
    """Give the same for the Wald band of the spline."""
    rng = np.random.default_rng([seed, list(TRUTHS).index(truth), int(1000 * prevalence), n, 1])
    at = (np.array(QUANTILES) * n).astype(int)
    inside = np.zeros(len(at))
    for _ in range(repetitions):
        rows = draw_rows(truth, prevalence, n, rng)
        curve = reliability_curve(rows.y, rows.risk, method="spline", band="pointwise")
        inside += (curve.low[at] <= rows.truth[at]) & (rows.truth[at] <= curve.high[at])
    return inside / repetitions


def simultaneous_coverage(
    truth: str, prevalence: float, n: int, digits: int | None, *, level: float, repetitions: int, seed: int = SEED
) -> tuple[float, float]:
    """Give how often the band holds the whole true curve, and its mean width."""
    rng = np.random.default_rng([seed, list(TRUTHS).index(truth), int(1000 * prevalence), n, 2])
    inside, width = 0, 0.0
    for _ in range(repetitions):
        rows = draw_rows(truth, prevalence, n, rng, digits)
        sums = sum_by_forecast(rows.risk, rows.y)
        band = simultaneous_band(sums, level)
        first = np.searchsorted(rows.risk, sums.risk)
        true_curve = rows.truth[first]
        inside += bool(((band.low <= true_curve) & (true_curve <= band.high)).all())
        width += float(np.average(band.high - band.low, weights=sums.weight))
    return inside / repetitions, width / repetitions


def consistency_coverage(prevalence: float, n: int, *, repetitions: int, seed: int = SEED) -> FloatArray:
    """Give how often the curve of calibrated risks lies inside its consistency band at each score quantile."""
    rng = np.random.default_rng([seed, int(1000 * prevalence), n, 3])
    at = (np.array(QUANTILES) * n).astype(int)
    inside = np.zeros(len(at))
    for _ in range(repetitions):
        rows = draw_rows("calibrated", prevalence, n, rng)
        curve = reliability_curve(rows.y, rows.risk, n_resamples=99, rng=rng)
        rate = curve.event_rate[at]
        inside += (curve.low[at] - 1e-9 <= rate) & (rate <= curve.high[at] + 1e-9)
    return inside / repetitions


def _line(first: str, prevalence: float, n: int, coverage: FloatArray, note: str = "") -> list[str]:
    return [first, f"{prevalence:g}", f"{n:,}", *map(share, coverage), note]


def main(repetitions: int = 2000) -> None:
    """Print the tables of all bands."""
    error = np.sqrt(0.95 * 0.05 / repetitions)
    header = ["truth", "prevalence", "rows", *(f"{100 * q:g} %" for q in QUANTILES), ""]
    print(
        f"{repetitions:,} data sets in each line, seed {SEED}; the Monte Carlo standard error of a coverage of 0.95 is "
        f"{error:.4f}. Logits are normal with standard deviation 1; columns are quantiles of the predicted risk.\n"
    )
    print("## Pointwise isotonic band, 95 %\n\nClaimed: at least 0.93 for rising truths without jumps.\n")
    lines = [
        _line(truth, p, n, pointwise_coverage(truth, p, n, repetitions=repetitions))
        for truth in CLAIMED
        for p, n in SIZES
    ]
    lines.append(
        _line("step", 0.3, 1000, pointwise_coverage("step", 0.3, 1000, repetitions=repetitions), "not claimed")
    )
    print(table(header, lines), end="\n\n")
    print("The step jumps at the middle of the risks, and there the band is not claimed.\n")
    print("## Pointwise spline band, 95 %\n\nClaimed: 0.93 to 0.97 for truths inside the spline space.\n")
    lines = [_line(t, 0.3, 1000, spline_coverage(t, 0.3, 1000, repetitions=repetitions)) for t in CLAIMED]
    lines.append(_line("step", 0.3, 1000, spline_coverage("step", 0.3, 1000, repetitions=repetitions), "not claimed"))
    print(table(header, lines), end="\n\n")
    print("A step is outside the spline space: the band makes no allowance for smoothing bias.\n")
    print("## Consistency band, 95 %\n\nThe curve of calibrated risks, 99 draws for each data set.\n")
    lines = [
        _line("calibrated", p, n, consistency_coverage(p, n, repetitions=repetitions))
        for p, n in ((0.3, 500), (0.05, 1000))
    ]
    print(table(header, lines), end="\n\n")
    print("## Simultaneous band, 90 %\n\nClaimed: at least 0.90 for every rising truth; it is known to be wide.\n")
    cells = (
        ("calibrated", 0.3, 400, 2),
        ("slope 0.5", 0.3, 400, 2),
        ("step", 0.3, 400, 2),
        ("flat", 0.05, 400, 2),
        ("calibrated", 0.3, 150, None),
    )
    found = [simultaneous_coverage(*cell, level=0.9, repetitions=repetitions) for cell in cells]
    rows = [
        [
            truth,
            f"{p:g}",
            f"{n:,}",
            "all distinct" if digits is None else f"{digits} digits",
            share(inside),
            share(width),
        ]
        for (truth, p, n, digits), (inside, width) in zip(cells, found, strict=True)
    ]
    print(table(["truth", "prevalence", "rows", "risks", "coverage", "mean width"], rows), end="\n\n")
    print("Above 256 distinct risks neighbours are grouped outwards, which only widens the band.")


if __name__ == "__main__":
    main()
