"""Calibration errors against netcal 1.4.0, relplot 1.0.3, uncertainty-calibration 0.1.4 and model-diagnostics 1.5.0.

The call that gave a number stands beside it, with `p` and `y` as here.
"""

from __future__ import annotations

import numpy as np
import pytest

from riskdec import binned_calibration_error, debiased_calibration_error, decompose_score, smooth_calibration_error

_ROW = np.arange(400)
P = ((_ROW * 37) % 401 + 0.5) / 401.5
Y = ((_ROW * _ROW * 7 + 3 * _ROW) % 100 < 100 * P**1.3).astype(int)


@pytest.mark.parametrize(
    ("binning", "norm", "wanted"),
    [
        # netcal.metrics.ECE(10).measure(p, y)
        ("equal_width", "l1", 0.07678082191780831),
        # netcal.metrics.MCE(10).measure(p, y)
        ("equal_width", "max", 0.15080946450809468),
        # calibration.plugin_ce(calibration.bin(list(zip(p, y)), calibration.get_equal_bins(p, num_bins=10)), power=1)
        ("equal_mass", "l1", 0.06503735990037361),
        # ... power=2
        ("equal_mass", "l2", 0.07761407406933846),
    ],
)
def test_binned_errors_equal_those_of_netcal_and_uncertainty_calibration(
    binning: str, norm: str, wanted: float
) -> None:
    error = binned_calibration_error(Y, P, n_bins=10, binning=binning, norm=norm, n_resamples=1, rng=0)  # type: ignore[arg-type]
    assert error.estimate == pytest.approx(wanted, rel=1e-12)


def test_smooth_error_equals_relplot_within_its_grid() -> None:
    # relplot.smECE(p, y), whose bandwidth is resolved to 2^-10 on a grid.
    assert smooth_calibration_error(Y, P, n_resamples=1, rng=0).estimate == pytest.approx(
        0.049653335287679914, abs=2e-4
    )


def test_debiased_error_differs_from_the_one_by_the_variance_of_y_by_the_spread_of_risks_in_a_bin() -> None:
    # calibration.unbiased_square_ce(the same bins)
    theirs = 0.002065611160307422
    order = np.argsort(P)
    spread = 0.0
    for rows in np.array_split(order, 10):
        off, y = Y[rows] - P[rows], Y[rows].astype(float)
        spread += len(rows) / 400 * (y.var(ddof=1) - off.var(ddof=1)) / len(rows)
    ours = debiased_calibration_error(Y, P, n_bins=10, n_resamples=1, rng=0).estimate
    assert ours == pytest.approx(theirs + spread, abs=1e-14)


@pytest.mark.parametrize(
    ("score", "wanted"),
    [
        # model_diagnostics.scoring.decompose(y, p, scoring_function=LogLoss())
        ("log", (0.04594350893570476, 0.2353175691790088, 0.690695175794653, 0.501321115551349)),
        # ... SquaredError(), as printed
        ("brier", (0.011463, 0.099145, 0.248775, 0.161093)),
    ],
)
def test_decomposition_equals_that_of_model_diagnostics(score: str, wanted: tuple[float, ...]) -> None:
    parts = decompose_score(Y, P, score=score)  # type: ignore[arg-type]
    ours = (parts.miscalibration, parts.discrimination, parts.uncertainty, parts.score)
    assert ours == pytest.approx(wanted, abs=1e-12 if score == "log" else 6e-7)
