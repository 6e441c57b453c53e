"""How often tests of calibration reject risks that are right: by their limit laws, and by draws under calibration."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, expit, logit, ndtri

from riskdec.diagnostics.curves.isotonic_curve import IsotonicStatistic
from riskdec.diagnostics.distances.cutoff import CutoffStatistic
from riskdec.diagnostics.draws import null_events
from riskdec.diagnostics.hosmer_lemeshow import HosmerLemeshowStatistic
from riskdec.diagnostics.hypothesis_tests import TOO_FEW_EVENTS, SpiegelhalterStatistic, event_count_test
from riskdec.diagnostics.slopes.hierarchy_tests import HierarchyStatistic
from riskdec.diagnostics.slopes.many_fits import OneDesign
from riskdec.scores.sums import sum_by_forecast
from simulations.markdown import share, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import FloatArray, WeightKind
    from riskdec.diagnostics.draws import MakeStatistic
    from riskdec.scores.sums import ForecastSums

SEED = 20261121
LEVEL = 0.05
# So many data sets share one set of risks.
_BLOCK = 100
_GROUPS = 10
# 95 % point of the range of a Brownian motion on [0, 1].
_BROWNIAN_RANGE = 2.4977


class Cell(NamedTuple):
    """A design: logits normal with standard deviation 1, outcomes Bernoulli with the risk.

    Attributes
    ----------
    prevalence : float
        Mean risk.
    n : int
        Forecasts of a data set.
    digits : int or None
        Decimals that risks are rounded to, for ties.
    weights : {"none", "frequency", "importance"}
        Frequency: 1 to 3 rows for each forecast. Importance: exponential weights.
    """

    prevalence: float
    n: int
    digits: int | None = None
    weights: str = "none"

    @property
    def words(self) -> str:
        """The cell in words."""
        extra = ("" if self.digits is None else f", {self.digits} digits") + (
            "" if self.weights == "none" else f", {self.weights} weights"
        )
        return f"{self.prevalence:g}, {self.n:,}{extra}"


class Sizes(NamedTuple):
    """Rejections at 0.05 of each test, and the mean number of expected events."""

    expected: float
    shares: dict[str, float]


CELLS = (Cell(0.5, 200), Cell(0.05, 200), Cell(0.05, 1000), Cell(0.01, 200), Cell(0.01, 1000), Cell(0.01, 5000))
TIED_AND_WEIGHTED = (
    Cell(0.05, 200),
    Cell(0.05, 1000),
    Cell(0.3, 100, digits=1),
    Cell(0.05, 400, digits=2),
    Cell(0.05, 200, digits=2, weights="frequency"),
    Cell(0.1, 200, weights="importance"),
)


def asymptotic_sizes(cell: Cell, *, repetitions: int, seed: int = SEED) -> Sizes:
    """Count rejections by the limit laws, and by the exact test of the number of events."""
    rng = np.random.default_rng([seed, int(1000 * cell.prevalence), cell.n, 1])
    rejected: dict[str, list[FloatArray]] = {}
    expected = []
    for _ in range(repetitions // _BLOCK):
        sums, observe = _draw_design(cell, rng)
        expected.append(float((sums.weight * sums.risk).sum()))
        events = np.array([observe() for _ in range(_BLOCK)])
        for name, flags in (_by_wald(sums, events) | _by_limit_law(sums, events)).items():
            rejected.setdefault(name, []).append(flags)
        if cell.prevalence * cell.n <= TOO_FEW_EVENTS:
            exact = [event_count_test(sums._replace(events=row)).p_value <= LEVEL for row in events]
            rejected.setdefault("number of events, exact", []).append(np.array(exact, dtype=float))
    return Sizes(float(np.mean(expected)), {n: float(np.concatenate(f).mean()) for n, f in rejected.items()})


def drawn_sizes(cell: Cell, *, repetitions: int, n_resamples: int = 99, seed: int = SEED) -> Sizes:
    """Count rejections by p-values of draws under calibration, one set of draws for all statistics."""
    key = [seed, int(1000 * cell.prevalence), cell.n, cell.digits or 0, len(cell.weights), 2]
    rng = np.random.default_rng(key)
    makers: dict[str, MakeStatistic] = {
        "likelihood ratios": HierarchyStatistic,
        "Spiegelhalter": SpiegelhalterStatistic,
        "Hosmer-Lemeshow": partial(HosmerLemeshowStatistic, n_groups=_GROUPS),
        "cutoff error": CutoffStatistic,
        "miscalibration": IsotonicStatistic,
    }
    p_values: dict[str, list[FloatArray]] = {}
    expected = []
    for _ in range(repetitions // _BLOCK):
        sums, observe = _draw_design(cell, rng)
        expected.append(float((sums.cell_count * sums.cell_risk).sum()))
        draws = null_events(sums, rng)
        sets = [[observe(), *islice(draws, n_resamples)] for _ in range(_BLOCK)]
        for name, make in makers.items():
            statistic = make(sums)
            values = statistic.finish(np.array([statistic.reduce(row) for rows in sets for row in rows]))
            p_values.setdefault(name, []).append(_p_values(values, n_resamples))
    shares: dict[str, float] = {}
    for name, parts in p_values.items():
        rates = (np.concatenate(parts) <= LEVEL).mean(axis=0)
        names = ("citl", "slope", "citl and slope") if name == "likelihood ratios" else (name,)
        shares |= dict(zip(names, rates.tolist(), strict=False))
    return Sizes(float(np.mean(expected)), shares)


def _p_values(values: FloatArray, n_resamples: int) -> FloatArray:
    sets = values.reshape(-1, n_resamples + 1, values.shape[1])[:, :, :3]
    return np.asarray((sets >= sets[:, :1] * (1 - 1e-9)).mean(axis=1))


def mean_logit(prevalence: float) -> float:
    """Give the mean of normal logits of standard deviation 1 whose risks have this mean."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights /= weights.sum()
    return float(brentq(lambda mean: float(weights @ expit(mean + nodes)) - prevalence, -20, 20))


def _draw_design(cell: Cell, rng: np.random.Generator) -> tuple[ForecastSums, Callable[[], FloatArray]]:
    """Draw the risks and weights of a block, and give a function that draws event sums of single rows."""
    risk = expit(rng.normal(mean_logit(cell.prevalence), 1, cell.n))
    if cell.digits is not None:
        risk = np.clip(risk.round(cell.digits), 10.0**-cell.digits, 1 - 10.0**-cell.digits)
    kind: WeightKind = "importance" if cell.weights == "importance" else "frequency"
    weight = rng.exponential(size=cell.n) if kind == "importance" else np.ones(cell.n)
    if cell.weights == "frequency":
        risk = np.repeat(risk, rng.integers(1, 4, cell.n))
        weight = np.ones(len(risk))
    sums = sum_by_forecast(risk, np.zeros(len(risk), dtype=bool), weight, kind=kind)
    place = np.searchsorted(sums.risk, risk)

    def observe() -> FloatArray:
        return np.bincount(place, weight * (rng.random(len(risk)) < risk), len(sums.risk))

    return sums, observe


def _by_wald(sums: ForecastSums, events: FloatArray) -> dict[str, FloatArray]:
    """Reject by estimate over standard error; data sets without an estimate do not count for the slope."""
    line = OneDesign(np.column_stack([np.ones(len(sums.risk)), logit(sums.risk)]), sums.weight)
    moments = events @ np.column_stack([np.ones(len(sums.risk)), logit(sums.risk)])
    critical = ndtri(1 - LEVEL / 2)
    calibrated = np.array([0.0, 1.0])
    shift, both = line.maximise(moments, calibrated, (0,)).coef, line.maximise(moments, calibrated, (0, 1)).coef
    with np.errstate(all="ignore"):
        shift_error = 1 / np.sqrt(_information(sums, shift)[0])
        a, b, c = _information(sums, both)
        slope_error = np.sqrt(a / (a * c - b * b))
        citl = np.abs(shift[:, 0]) / shift_error
        slope = np.abs(both[:, 1] - 1) / slope_error
    # Without an event or non-event there is no shift: that speaks against no risks that are right, but is a rejection
    # for a reader who sees an infinite estimate.
    citl = np.where((moments[:, 0] == 0) | (moments[:, 0] == sums.total), np.inf, citl)
    exists = np.isfinite(slope) & (np.abs(both[:, 1]) < 30)
    return {"citl, Wald": (citl > critical).astype(float), "slope, Wald": (slope[exists] > critical).astype(float)}


def _information(sums: ForecastSums, coef: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    x = logit(sums.risk)
    risk = expit(coef[:, :1] + coef[:, 1:] * x)
    weighted = sums.weight * risk * (1 - risk)
    return weighted.sum(axis=1), weighted @ x, weighted @ x**2


def _by_limit_law(sums: ForecastSums, events: FloatArray) -> dict[str, FloatArray]:
    def values(make: MakeStatistic) -> FloatArray:
        statistic = make(sums)
        return statistic.finish(np.array([statistic.reduce(row) for row in events]))

    ratios = values(HierarchyStatistic)
    hosmer_lemeshow = values(partial(HosmerLemeshowStatistic, n_groups=_GROUPS))[:, 0]
    scale = np.sqrt((sums.weight * sums.risk * (1 - sums.risk)).sum()) / sums.total
    flags = {
        "citl, likelihood ratio": ratios[:, 0] > chdtri(1, LEVEL),
        "slope, likelihood ratio": ratios[:, 1] > chdtri(1, LEVEL),
        "citl and slope, likelihood ratio": ratios[:, 2] > chdtri(2, LEVEL),
        "Spiegelhalter": values(SpiegelhalterStatistic)[:, 0] > ndtri(1 - LEVEL / 2),
        "Hosmer-Lemeshow, 10 groups": hosmer_lemeshow > chdtri(_GROUPS, LEVEL),
        "cutoff error, Brownian limit": values(CutoffStatistic)[:, 0] / scale > _BROWNIAN_RANGE,
    }
    return {name: flag.astype(float) for name, flag in flags.items()}


def _print_table(cells: tuple[Cell, ...], sizes: list[Sizes]) -> None:
    names = list(dict.fromkeys(name for size in sizes for name in size.shares))
    rows = [["expected events", *(f"{size.expected:.0f}" for size in sizes)]]
    rows += [[name, *(share(s.shares[name]) if name in s.shares else "" for s in sizes)] for name in names]
    print(table(["", *(cell.words for cell in cells)], rows), end="\n\n")


def main(repetitions: int = 4000) -> None:
    """Print both tables."""
    error = np.sqrt(LEVEL * (1 - LEVEL) / repetitions)
    print(
        f"Nominal size {LEVEL}. {repetitions:,} data sets in each cell, seed {SEED}, Monte Carlo standard error "
        f"{error:.4f}: up to {LEVEL + 3 * error:.3f} is compatible with the nominal size. Logits of the risks are "
        "normal with standard deviation 1; columns say prevalence and number of forecasts.\n"
    )
    print("## Limit laws\n")
    _print_table(CELLS, [asymptotic_sizes(cell, repetitions=repetitions) for cell in CELLS])
    print(
        "No event at all counts as a rejection by the Wald test of citl; data sets whose slope does not exist are left "
        "out of the Wald test of the slope. riskdec prints none of these p-values below 10 expected or seen events or "
        "non-events, takes them from draws below 100 expected, and always draws that of the Hosmer-Lemeshow test. The "
        "Brownian limit of the cutoff error is conservative: a discrete walk has a smaller range.\n"
    )
    print("## Draws under calibration, 99 for each data set\n")
    _print_table(TIED_AND_WEIGHTED, [drawn_sizes(cell, repetitions=repetitions) for cell in TIED_AND_WEIGHTED])
    print(
        "Outcomes are drawn row by row, p-values from the draws that `diagnose` makes. Below the nominal size lies "
        "what takes few different values. With importance weights the ratios are those of the weighted likelihood."
    )


if __name__ == "__main__":
    main()
