"""Level and slope of window risks: against row-wise fits, and under known distortions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from riskdec.detection.evaluation.resampling import draw_weights
from riskdec.detection.evaluation.scans import scan_scenes
from riskdec.detection.evaluation.window_calibration import calibrate_windows
from riskdec.detection.labelling import label_windows
from riskdec.diagnostics import calibration_slope


def calibration_of(drawn, *, n_resamples: int = 200, by: str = "scene"):
    scans = scan_scenes(*drawn, min_risk=0.5)
    draws = draw_weights(scans, by=by, n_resamples=n_resamples, rng=np.random.default_rng(1))
    return calibrate_windows(scans, draws, 0.95)


def test_bins_agree_with_a_fit_of_all_windows(drawn_scenes) -> None:
    maps, scenes = drawn_scenes(60, said=lambda z: 0.8 * z + 0.5)
    found = calibration_of((maps, scenes), n_resamples=2)
    risk = np.concatenate([one.risk.ravel() for (one,) in maps])
    pairs = zip(maps, scenes, strict=True)
    truth = np.concatenate([label_windows(one.grid, scene.centres).is_object.ravel() for (one,), scene in pairs])
    rows = calibration_slope(truth, risk)
    assert found.citl.estimate == pytest.approx(rows.citl.estimate, abs=2e-3)
    assert found.slope.estimate == pytest.approx(rows.slope.estimate, abs=2e-3)
    assert found.intercept.estimate == pytest.approx(rows.intercept.estimate, abs=5e-3)
    assert found.expected_objects == pytest.approx(risk.sum())
    assert found.observed_objects == truth.sum()
    shifted = expit(logit(risk) + found.citl.estimate)
    assert found.information == pytest.approx((shifted * (1 - shifted)).sum(), rel=1e-3)


def test_right_risks_have_slope_one_and_level_zero(drawn_scenes) -> None:
    found = calibration_of(drawn_scenes(150))
    assert found.citl.low <= 0 <= found.citl.high
    assert found.slope.low <= 1 <= found.slope.high
    assert found.expected_objects == pytest.approx(found.observed_objects, rel=0.1)


@pytest.mark.parametrize("shift", [-2.0, 3.0])
def test_shifted_log_odds_shift_the_level_back(drawn_scenes, shift: float) -> None:
    right = calibration_of(drawn_scenes(40), n_resamples=2)
    moved = calibration_of(drawn_scenes(40, said=lambda z: z + shift), n_resamples=2)
    assert moved.citl.estimate == pytest.approx(right.citl.estimate - shift, abs=5e-3)
    assert moved.slope.estimate == pytest.approx(right.slope.estimate, abs=5e-3)


def test_interval_of_the_level_is_as_wide_as_the_information_says(drawn_scenes) -> None:
    # Windows are independent here, so that the standard deviation is 1 / sqrt(sum p (1 - p)).
    found = calibration_of(drawn_scenes(100), n_resamples=800)
    half = (found.citl.high - found.citl.low) / 2
    assert half == pytest.approx(1.96 / np.sqrt(found.information), rel=0.25)


def test_originals_widen_the_interval(drawn_scenes) -> None:
    drawn = drawn_scenes(100)
    narrow, wide = calibration_of(drawn), calibration_of(drawn, by="scene and source")
    assert wide.citl.high - wide.citl.low > 1.2 * (narrow.citl.high - narrow.citl.low)
    assert wide.citl.estimate == narrow.citl.estimate


def test_groups_count_every_window(drawn_scenes) -> None:
    maps, scenes = drawn_scenes(10)
    found = calibration_of((maps, scenes), n_resamples=2)
    assert found.windows.sum() == sum(one.risk.size for (one,) in maps)
    assert (found.low <= found.rate + 1e-12).all()
    assert (found.rate <= found.high + 1e-12).all()
    assert (np.diff(found.risk) > 0).all()


def test_risks_that_separate_the_windows_have_no_slope(risk_map_of, scene_of) -> None:
    risk = np.full((6, 6), 1e-4)
    risk[2, 2] = 0.9
    one = risk_map_of(risk)
    found = calibration_of(([(one,)] * 3, [scene_of(one, (2, 2))] * 3), n_resamples=5)
    assert np.isnan(found.slope.estimate)
    assert np.isfinite(found.citl.estimate)
