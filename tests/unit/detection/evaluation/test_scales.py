"""Several scales evaluated at once: what must hold, on scenes drawn from the risks of all their windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit

from riskdec import SlidingWindowDetector, evaluate_scenes, window_prevalence
from riskdec.datasets import DigitScenes, make_scene
from riskdec.detection import calibrate_scans, certify_alarms, scan_scenes
from riskdec.detection.labelling import nearest_scale
from riskdec.detection.risk_map import RiskMap
from riskdec.detection.windows import WindowGrid
from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec.datasets import Scene

SIDE, SCALES = 160, (1.0, 0.5)
GRIDS = [WindowGrid((SIDE, SIDE), (16, 16), 4, scale) for scale in SCALES]
COSTS = {"false_positive": 1, "false_negative": 9, "defer": 0.4}
ARRAYS = ("negatives", "negative_risk", "object_score", "object_scene", "region_risk", "region_object", "n_windows")

Drawn = tuple[list[tuple[RiskMap, ...]], list["Scene"]]


def map_of(risk: np.ndarray, grid: WindowGrid) -> RiskMap:
    return RiskMap(
        risk=risk,
        row_centres=grid.row_centres,
        column_centres=grid.column_centres,
        window=grid.window,
        stride=grid.stride,
        scale=grid.scale,
        image_shape=grid.image_shape,
        evaluation="dense",
        train_prevalence=None,
        deploy_prevalence=None,
    )


def draw_scenes(n: int, *, said: Callable[[np.ndarray], np.ndarray] = lambda z: z, seed: int = 0) -> Drawn:
    """Draw an object into windows of both scales by their own risks, anywhere in the cell and in the band of sizes."""
    rng = np.random.default_rng(seed)
    maps, scenes = [], []
    for _ in range(n):
        risks, centres, sizes = [], [], []
        for grid in GRIDS:
            z = rng.normal(-6.5, 2, grid.shape)
            risks.append(map_of(expit(said(z)), grid))
            cells = np.argwhere(rng.random(grid.shape) < expit(z))
            middle = np.stack([grid.row_centres[cells[:, 0]], grid.column_centres[cells[:, 1]]], axis=1)
            centres.append(middle + rng.uniform(-0.499, 0.499, middle.shape) * 4 / grid.scale)
            sizes.append(16 / grid.scale * 2 ** rng.uniform(-0.499, 0.499, len(cells)))
        mixed = rng.permutation(sum(map(len, sizes)))
        places, sides = np.concatenate(centres)[mixed], np.concatenate(sizes)[mixed]
        scenes.append(make_scene(np.zeros((SIDE, SIDE)), places, sizes=sides))
        maps.append(tuple(risks))
    return maps, scenes


def test_risks_that_are_the_truth_at_all_scales_are_calibrated() -> None:
    maps, scenes = draw_scenes(150)
    found = evaluate_scenes(maps, scenes, n_resamples=200).calibration
    assert found.observed_objects == sum(scene.n_objects for scene in scenes)
    error = 1 / np.sqrt(found.information)
    assert error < 0.04
    assert found.citl.estimate == pytest.approx(0, abs=3 * error)
    assert found.slope.low < 1 < found.slope.high
    assert found.expected_objects == pytest.approx(found.observed_objects, rel=3 * error)


def test_scale_left_out_or_counted_twice_is_not_calibrated() -> None:
    # The law above can fail: objects of one scale alone are far fewer than the risks of both.
    maps, scenes = draw_scenes(60)
    small = [one_scale(scene, 0) for scene in scenes]
    assert evaluate_scenes(maps, small, n_resamples=20).calibration.citl.high < -0.1
    # So are sizes measured in another unit than the model's: all objects are taken for small ones.
    wrong = evaluate_scenes(maps, scenes, object_size=160.0, n_resamples=20).calibration
    assert wrong.slope.high < 0.95


def one_scale(scene: Scene, level: int) -> Scene:
    mine = nearest_scale(scene.sizes, SCALES, 16.0) == level
    return make_scene(scene.image, scene.centres[mine], sizes=scene.sizes[mine])


def test_windows_add_up_to_those_of_each_scale_against_the_objects_of_its_size() -> None:
    maps, scenes = draw_scenes(12)
    both = scan_scenes(maps, scenes)
    alone = [
        scan_scenes([one[level : level + 1] for one in maps], [one_scale(scene, level) for scene in scenes])
        for level in (0, 1)
    ]
    np.testing.assert_array_equal(both.negatives, alone[0].negatives + alone[1].negatives)
    np.testing.assert_allclose(both.negative_risk, alone[0].negative_risk + alone[1].negative_risk, rtol=1e-12)
    np.testing.assert_array_equal(both.n_windows, alone[0].n_windows + alone[1].n_windows)
    scores = np.concatenate([one.object_score for one in alone])
    np.testing.assert_array_equal(np.sort(both.object_score), np.sort(scores))
    assert both.expected_objects == pytest.approx(sum(one.expected_objects for one in alone), rel=1e-12)


def test_prevalence_is_objects_in_reach_over_windows_of_all_scales() -> None:
    maps, scenes = draw_scenes(20)
    corner = make_scene(scenes[0].image, [*scenes[0].centres, (1.0, 1.0)], sizes=[*scenes[0].sizes, 30.0])
    found = evaluate_scenes(maps, [corner, *scenes[1:]], n_resamples=10)
    n = sum(scene.n_objects for scene in scenes)
    assert found.n_objects == n + 1
    assert found.calibration.observed_objects == n
    assert found.n_windows == 20 * sum(grid.n for grid in GRIDS)
    assert found.prevalence == pytest.approx(window_prevalence((SIDE, SIDE), 16, 4, n / 20, scales=SCALES))
    assert "RD713" in {finding.code for finding in found.findings}


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("ignore", [0.0, 6.0])
def test_one_scale_is_evaluated_as_without_sizes(level, ignore) -> None:
    maps, scenes = draw_scenes(8)
    alone = [one[level : level + 1] for one in maps]
    nameless = [make_scene(scene.image, scene.centres) for scene in scenes]
    first = scan_scenes(alone, nameless, ignore=ignore)
    for object_size in (None, 5.0):
        again = scan_scenes(alone, scenes, ignore=ignore, object_size=object_size)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(again, name), getattr(first, name))


def test_order_of_scales_changes_no_estimate() -> None:
    maps, scenes = draw_scenes(10)
    first = evaluate_scenes(maps, scenes, costs=COSTS, n_resamples=2)
    turned = evaluate_scenes([one[::-1] for one in maps], scenes, costs=COSTS, n_resamples=2)
    assert turned.calibration.citl.estimate == pytest.approx(first.calibration.citl.estimate, abs=1e-9)
    assert turned.calibration.slope.estimate == pytest.approx(first.calibration.slope.estimate, abs=1e-9)
    assert turned.cost.estimate == pytest.approx(first.cost.estimate)
    np.testing.assert_allclose(turned.froc.recall, first.froc.recall)


def test_calibrator_and_certificate_follow_from_scans_of_several_scales() -> None:
    scans = scan_scenes(*draw_scenes(150, said=lambda z: 2 * z + 3))
    platt = calibrate_scans(scans)
    # said = 2 z + 3, so that z = said / 2 - 1.5.
    assert platt.slope_ == pytest.approx(0.5, abs=0.03)
    assert platt.intercept_ == pytest.approx(-1.5, abs=0.1)
    certificate = certify_alarms(scans, max_false_alarms=1, max_share=0.2)
    assert 0 < certificate.threshold < 1
    assert certificate.is_kept_by(scans)


def test_ignore_band_is_left_out_at_every_scale() -> None:
    scene = make_scene(np.zeros((SIDE, SIDE)), [(80.0, 80.0)], sizes=[16])
    maps = [tuple(map_of(np.full(grid.shape, 1e-3), grid) for grid in GRIDS)]
    band, whole = (scan_scenes(maps, [scene], ignore=ignore) for ignore in (8.0, 0.0))
    # Windows 4 pixels apart, one of them its own, and windows 8 pixels apart.
    assert whole.n_windows - band.n_windows == (25 - 1) + 9
    assert band.object_score == whole.object_score


class Bright:
    """The brighter the middle of a window against its border, the likelier."""

    def predict_risk(self, X: np.ndarray) -> np.ndarray:
        middle = X[:, 4:12, 4:12].mean(axis=(1, 2))
        return expit(-12 + 16 * (2 * middle - X.mean(axis=(1, 2))))


def test_regions_are_those_of_detect_and_find_objects_of_every_size() -> None:
    scenes = DigitScenes(side=192, sizes=(1.0, 2.0), seed=3).scenes("test", 4, n_targets=3)
    detector = SlidingWindowDetector(Bright(), 16, stride=4, scales=SCALES)
    scans = scan_scenes(detector, scenes, min_risk=1e-3)
    for number, scene in enumerate(scenes):
        detections = detector.detect(scene.image, COSTS, min_risk=1e-3)
        mine = scans.region_scene == number
        np.testing.assert_allclose(scans.region_risk[mine], np.sort(detections.risk)[::-1], rtol=1e-12)
    found = np.zeros(scans.n_objects, dtype=bool)
    found[scans.region_object[scans.region_object >= 0]] = True
    sizes = np.concatenate([scene.sizes for scene in scenes])
    assert found[sizes == 16].any()
    assert found[sizes == 32].any()


def test_region_reaches_as_far_as_the_window_of_its_own_scale() -> None:
    quiet = [np.full(grid.shape, 1e-7) for grid in GRIDS]
    quiet[1][8, 8] = 0.9
    maps = [tuple(map_of(risk, grid) for risk, grid in zip(quiet, GRIDS, strict=True))]
    row = GRIDS[1].row_centres[8]
    # Windows of the second scale are 32 pixels wide, and a region reaches half of that.
    near, far = (make_scene(np.zeros((SIDE, SIDE)), [(row + away, row)], sizes=[16]) for away in (15.9, 16.1))
    assert scan_scenes(maps, [near]).region_object.tolist() == [0]
    assert scan_scenes(maps, [far]).region_object.tolist() == [-1]


def test_several_scales_are_refused_where_objects_have_no_size() -> None:
    maps, scenes = draw_scenes(3)
    nameless = [make_scene(scene.image, scene.centres) for scene in scenes]
    with pytest.raises(InputError, match=r"detector must look at one scale.*got 2 scales.*make_scene.*sizes=\.\.\."):
        evaluate_scenes(maps, nameless)
    # No scene with objects is left out in silence.
    with pytest.raises(InputError, match="2 scales"):
        scan_scenes(maps, [*scenes[:2], nameless[2]])
    empty = make_scene(scenes[0].image, [])
    assert scan_scenes(maps, [empty, *scenes[1:]]).n_scenes == 3
    with pytest.raises(InputError, match="object_size must be a number above 0"):
        scan_scenes(maps, scenes, object_size=0)
