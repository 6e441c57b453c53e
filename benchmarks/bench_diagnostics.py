"""Diagnosing calibration, against scikit-learn, model-diagnostics, netcal, relplot and uncertainty-calibration.

Draws under calibration are left out where the peer makes none. Peers that are not installed are left out.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from benchmarks.interleave import Comparison, interleave
from riskdec import decompose_score, diagnose, reliability_curve
from riskdec.datasets import simulate_risks
from riskdec.diagnostics.curves.smoothed import distances
from riskdec.diagnostics.distances.binned import bin_norms
from riskdec.diagnostics.distances.binning import bin_forecasts, find_bins
from riskdec.diagnostics.distances.cutoff import CutoffStatistic
from riskdec.diagnostics.distances.debiased import debiased_square
from riskdec.diagnostics.distances.smooth import SmoothStatistic, fixed_points
from riskdec.diagnostics.draws import observe
from riskdec.diagnostics.hypothesis_tests import SpiegelhalterStatistic
from riskdec.diagnostics.slopes.hierarchy import fit_hierarchy
from riskdec.scores.decomposition import mean_score
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.isotonic import isotonic_fit, pool_violators
from riskdec.scores.ranking import rank_probability
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec.scores.sums import ForecastSums

N = 1_000_000
# R 4.2.2, rms 6.5-0: seconds of val.prob(p, y, pl = TRUE) for a million rows, measured once on such a machine.
VAL_PROB_SECONDS = 4.59


def run() -> Iterator[Comparison]:
    """Yield the comparisons."""
    data = simulate_risks(N, prevalence=0.05, rng=0)
    y, p = data.y, data.risk
    yield from _isotonic(y, p)
    yield from _band(y[: N // 10], p[: N // 10])
    yield from _single_errors(y, p)
    yield from _ten_quantities(y, p)
    yield _val_prob(y, p)
    yield interleave(
        f"diagnose n={N:,}, 200 draws", "riskdec n=100,000", lambda: diagnose(y, p, rng=0),
        lambda: diagnose(y[: N // 10], p[: N // 10], rng=0), pairs=1,
    )  # fmt: skip


def _isotonic(y: np.ndarray, p: np.ndarray) -> Iterator[Comparison]:
    outcome = y.astype(float)
    fit = isotonic_fit(p, outcome)
    apart = np.abs(IsotonicRegression().fit(p, y).predict(fit.x) - fit.level).max()
    job = f"isotonic fit n={N:,} (apart {apart:.0e})"
    yield interleave(
        job, "scikit-learn", lambda: isotonic_fit(p, outcome), lambda: IsotonicRegression().fit(p, y), pairs=7
    )
    weight = np.full(N, 0.5)
    yield interleave(
        f"weighted isotonic fit n={N:,}",
        "scikit-learn",
        lambda: isotonic_fit(p, outcome, weight),
        lambda: IsotonicRegression().fit(p, y, weight),
        pairs=5,
    )
    yield interleave(
        f"reliability_curve n={N:,}, no band",
        "scikit-learn IsotonicRegression",
        lambda: reliability_curve(y, p, band=None),
        lambda: IsotonicRegression(y_min=0, y_max=1).fit(p, y).predict(p),
        pairs=5,
    )


def _band(y: np.ndarray, p: np.ndarray) -> Iterator[Comparison]:
    if find_spec("model_diagnostics") is None:
        return
    plot_reliability_diagram = import_module("model_diagnostics.calibration").plot_reliability_diagram
    pyplot = import_module("matplotlib.pyplot")

    def theirs() -> None:
        plot_reliability_diagram(y, p, n_bootstrap=100)
        pyplot.close("all")

    job = f"isotonic band n={len(y):,}, 100 resamples"
    yield interleave(job, "model-diagnostics", lambda: reliability_curve(y, p, n_resamples=100, rng=0), theirs, pairs=3)


def _single_errors(y: np.ndarray, p: np.ndarray) -> Iterator[Comparison]:
    if find_spec("relplot") is not None:
        smooth_error = import_module("relplot").smECE
        apart = abs(smooth_error(p, y) - _smooth(sum_by_forecast(p, y == 1)))
        job = f"smooth error n={N:,} (apart {apart:.0e})"
        yield interleave(
            job, "relplot", lambda: _smooth(sum_by_forecast(p, y == 1)), lambda: smooth_error(p, y), pairs=5
        )
    if find_spec("netcal") is not None:
        ece = import_module("netcal.metrics").ECE(15)
        apart = abs(ece.measure(p, y) - _binned(sum_by_forecast(p, y == 1)))
        job = f"binned error n={N:,} (apart {apart:.0e})"
        yield interleave(
            job, "netcal ECE", lambda: _binned(sum_by_forecast(p, y == 1)), lambda: ece.measure(p, y), pairs=5
        )
    if find_spec("calibration") is not None:
        theirs = import_module("calibration").get_calibration_error

        def debiased() -> object:
            sums = sum_by_forecast(p, y == 1)
            return debiased_square(bin_forecasts(sums, find_bins(sums, 15, "equal_mass")))

        job = f"debiased error with interval n={N:,}"
        yield interleave(job, "uncertainty-calibration, no interval", debiased, lambda: theirs(p, y), pairs=3)


def _ten_quantities(y: np.ndarray, p: np.ndarray) -> Iterator[Comparison]:
    """Brier and log score, AUC, binned, smooth, debiased and cutoff error, miscalibration, discrimination, slope."""
    if find_spec("netcal") is None or find_spec("relplot") is None:
        job = f"decompose_score n={N:,} (Brier, 3 parts)"
        yield interleave(
            job, "scikit-learn Brier + log loss + AUC", lambda: decompose_score(y, p), lambda: _scores(y, p), pairs=5
        )
        return
    ece, smooth_error = import_module("netcal.metrics").ECE(15), import_module("relplot").smECE

    def ours() -> list[object]:
        sums = sum_by_forecast(p, y == 1)
        brier, constant = mean_score(sums, sums.risk), mean_score(sums, sums.prevalence)
        best = mean_score(sums, pool_violators(sums.events, sums.weight)[0])
        scores = [brier, mean_score(sums, sums.risk, "log"), rank_probability(sums.events, sums.weight)]
        bins = bin_forecasts(sums, find_bins(sums, 15, "equal_mass"))
        errors = [_binned(sums), _smooth(sums), *debiased_square(bins), observe(sums, CutoffStatistic)]
        return [*scores, *errors, brier - best, constant - best]

    def theirs() -> list[object]:
        fitted = IsotonicRegression(y_min=0, y_max=1).fit(p, y).predict(p)
        best, constant = brier_score_loss(y, fitted), brier_score_loss(y, np.full(N, y.mean()))
        quantiles = np.quantile(p, np.linspace(0, 1, 16))
        place = np.digitize(p, quantiles[1:-1])
        means = [np.bincount(place, weights=v) / np.bincount(place) for v in (y, p)]
        residual = np.cumsum((y - p)[np.argsort(p)]) / N
        brier = brier_score_loss(y, p)
        errors = [ece.measure(p, y), smooth_error(p, y), means, np.ptp(residual)]
        return [*_scores(y, p), *errors, brier - best, constant - best]

    job = f"ten quantities n={N:,}"
    yield interleave(job, "scikit-learn + netcal + relplot", ours, theirs, pairs=3)


def _val_prob(y: np.ndarray, p: np.ndarray) -> Comparison:
    def ours() -> object:
        given = check_forecasts(y, p)
        sums = sum_by_forecast(given.risk, given.is_event)
        fitted = fit_hierarchy(sums, given, confidence_level=0.95)
        return fitted, distances(sums, sums.events[None, :]), observe(sums, SpiegelhalterStatistic), _scores_of(sums)

    timed = interleave(f"statistics of val.prob n={N:,}", "", ours, lambda: None, pairs=3)
    return timed._replace(peer="R rms val.prob (noted, not run)", theirs=[VAL_PROB_SECONDS] * len(timed.ours))


def _scores(y: np.ndarray, p: np.ndarray) -> list[Any]:
    return [brier_score_loss(y, p), log_loss(y, p), roc_auc_score(y, p)]


def _scores_of(sums: ForecastSums) -> list[float]:
    return [mean_score(sums, sums.risk), mean_score(sums, sums.risk, "log"), rank_probability(sums.events, sums.weight)]


def _smooth(sums: ForecastSums) -> float:
    return float(fixed_points(observe(sums, SmoothStatistic)[None, :])[0])


def _binned(sums: ForecastSums) -> float:
    bins = bin_forecasts(sums, find_bins(sums, 15, "equal_width"))
    return float(bin_norms(bins.residual[None, :], bins.weight, "l1")[0])
