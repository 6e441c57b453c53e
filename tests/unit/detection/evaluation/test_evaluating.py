"""Evaluations on small scenes whose answers can be counted by hand, and on drawn ones."""

from __future__ import annotations

import json

import numpy as np
import pytest

from riskdec import evaluate_scenes
from riskdec.detection.evaluation.cost import cost_scenes
from riskdec.detection.evaluation.reading import FALSE, REPEATED
from riskdec.detection.evaluation.scans import scan_scenes
from riskdec.errors import IncompleteRowsWarning, InputError

COSTS = {"false_positive": 1, "false_negative": 9, "defer": 0.4}


@pytest.fixture
def by_hand(risk_map_of, scene_of):
    """Two scenes: an object found at .9, one missed; a false alarm at .6, a doubtful object at .2."""
    first, second = np.full((12, 12), 1e-6), np.full((12, 12), 1e-6)
    first[2, 2], first[9, 9] = 0.9, 0.6
    second[4, 4] = 0.2
    one, two = risk_map_of(first), risk_map_of(second)
    scenes = [scene_of(one, (2, 3), (2, 11), sources=[7, 8]), scene_of(two, (4, 4), sources=[7])]
    return [(one,), (two,)], scenes


def test_regions_find_the_objects_they_reach(by_hand) -> None:
    scans = scan_scenes(*by_hand)
    assert scans.region_object.tolist() == [0, FALSE, 2]
    assert scans.region_scene.tolist() == [0, 0, 1]
    assert scans.region_risk == pytest.approx([0.9, 0.6, 0.2], abs=1e-3)
    assert scans.object_source.tolist() == [0, 1, 0]
    assert scans.n_windows.tolist() == [144, 144]
    assert scans.expected_objects == pytest.approx(1.7, abs=1e-3)


def test_curve_counts_hits_and_false_alarms(by_hand) -> None:
    found = evaluate_scenes(*by_hand, n_resamples=20)
    frame = found.frame("polars")
    assert frame["recall"].to_list() == found.froc.recall.tolist()
    assert frame.columns == ["threshold", "false_alarms", "recall", "precision"]
    assert found.froc.false_alarms.tolist() == [0, 0.5, 0.5]
    assert found.froc.recall == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    assert found.froc.precision == pytest.approx([1, 0.5, 2 / 3])
    assert found.recall_at(0.4) == pytest.approx(1 / 3)
    assert found.recall_at(0.5) == pytest.approx(2 / 3)
    assert found.recall[2].estimate == pytest.approx(2 / 3)


def test_second_region_on_an_object_is_neither_hit_nor_false_alarm(risk_map_of, scene_of) -> None:
    risk = np.full((12, 12), 1e-6)
    risk[4, 3], risk[4, 6] = 0.9, 0.8
    one = risk_map_of(risk)
    scans = scan_scenes([(one,)], [scene_of(one, (4, 4))])
    assert scans.region_object.tolist() == [0, REPEATED]


def test_costs_are_added_up_by_hand(by_hand) -> None:
    spent = cost_scenes(scan_scenes(*by_hand), COSTS)
    # Alarm from a risk of .6 on: one right, one false, and a missed object; the doubtful one is deferred.
    assert spent.cost.tolist() == pytest.approx([1 + 9, 0.4])
    assert spent.alarms.tolist() == [2, 0]
    assert spent.deferrals.tolist() == [0, 1]


def test_promise_is_compared_at_the_same_threshold(by_hand) -> None:
    balanced = (np.repeat([0, 1], 50), np.repeat([0.1, 0.9], 50))
    promise = evaluate_scenes(*by_hand, balanced=balanced, n_resamples=5).promise
    assert promise.promised_precision == promise.promised_recall == 1
    # Neither flagged window is the window of an object: the first is a near miss.
    assert (promise.window_precision, promise.false_windows) == (0, 1)
    assert (promise.alarm_precision, promise.alarm_recall, promise.false_alarms) == (0.5, 1 / 3, 0.5)


def test_intervals_by_scene_shrink_with_the_number_of_scenes(drawn_scenes) -> None:
    few, many = (evaluate_scenes(*drawn_scenes(n), n_resamples=200).recall[2] for n in (20, 180))
    assert (many.high - many.low) == pytest.approx((few.high - few.low) / 3, rel=0.5)
    assert many.low < many.estimate < many.high


def test_scenes_scanned_before_give_the_same_answer(drawn_scenes) -> None:
    drawn = drawn_scenes(12)
    scans = scan_scenes(*drawn)
    assert evaluate_scenes(scans, costs=COSTS).to_dict() == evaluate_scenes(*drawn, costs=COSTS).to_dict()


def test_order_and_repetition_of_scenes_change_no_estimate(drawn_scenes) -> None:
    maps, scenes = drawn_scenes(10, said=lambda z: z + 1)
    first = evaluate_scenes(maps, scenes, costs=COSTS, n_resamples=2)
    turned = evaluate_scenes(maps[::-1], scenes[::-1], costs=COSTS, n_resamples=2)
    twice = evaluate_scenes(maps * 2, scenes * 2, costs=COSTS, n_resamples=2)
    for other in (turned, twice):
        for name in ("citl", "slope", "intercept"):
            expected = getattr(first.calibration, name).estimate
            assert getattr(other.calibration, name).estimate == pytest.approx(expected, abs=1e-8)
        assert other.cost.estimate == pytest.approx(first.cost.estimate)
        assert [one.estimate for one in other.recall] == pytest.approx([one.estimate for one in first.recall])


def test_parts_of_scans_are_scans_of_the_parts(drawn_scenes) -> None:
    maps, scenes = drawn_scenes(9)
    part, alone = scan_scenes(maps, scenes).part(3, 7), scan_scenes(maps[3:7], scenes[3:7])
    for name in ("negatives", "object_scene", "object_score", "region_scene", "region_object", "n_windows"):
        assert np.array_equal(getattr(part, name), getattr(alone, name), equal_nan=True), name


def test_ignore_band_is_left_out_of_the_windows(by_hand) -> None:
    scans = scan_scenes(*by_hand, ignore=4.5)
    # Nine windows around each object, one of them its own; the second object of the first scene is at the border.
    assert scans.n_windows.tolist() == [144 - 8 - 5, 144 - 8]


def test_evaluation_is_printed_drawn_and_written(drawn_scenes) -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 100)
    found = evaluate_scenes(
        *drawn_scenes(15, said=lambda z: z + 8), costs=COSTS, balanced=(y, 0.2 + 0.6 * y), rng=rng, n_resamples=50
    )
    text = str(found)
    for words in ("Recall by false alarms", "Calibration of window risks", "Per scene", "Promised and kept", "RD712"):
        assert words in text
    assert found.findings[0].severity == "issue"
    assert len(found.plot().figure.axes) == 2
    assert json.loads(json.dumps(found.to_dict()))["n_scenes"] == 15


def test_window_of_an_object_near_the_border_is_reported(risk_map_of, scene_of) -> None:
    one = risk_map_of(np.random.default_rng(0).random((8, 8)) / 50)
    scene = scene_of(one, (4, 4))
    beyond = type(scene)(image=scene.image, centres=np.vstack([scene.centres, [[1.0, 1.0]]]))
    found = evaluate_scenes([(one,)], [beyond], n_resamples=5)
    assert found.n_objects == 2
    assert found.calibration.observed_objects == 1
    assert "RD713" in {finding.code for finding in found.findings}


def test_evaluation_refuses_what_it_cannot_judge(by_hand, risk_map_of, scene_of) -> None:
    maps, scenes = by_hand
    with pytest.raises(InputError, match="at least one scene"):
        evaluate_scenes(maps, [])
    with pytest.raises(InputError, match="one entry per scene"):
        evaluate_scenes(maps[:1], scenes)
    with pytest.raises(InputError, match="one scale"):
        evaluate_scenes([(maps[0][0], maps[0][0]), maps[1]], scenes)
    with pytest.raises(InputError, match="scenes must be given"):
        evaluate_scenes(maps)
    with pytest.raises(InputError, match="belong to the scenes"):
        evaluate_scenes([(risk_map_of(np.full((5, 5), 0.1)),)], scenes[:1])
    empty = scene_of(maps[0][0])
    with pytest.raises(InputError, match="hold an object"):
        evaluate_scenes(maps[:1], [empty])
    nameless = scene_of(maps[0][0], (2, 2))
    with pytest.raises(InputError, match="do not name sources"):
        evaluate_scenes(maps[:1], [nameless], resample="scene and source")


def test_a_scene_that_cannot_be_scanned_loses_nothing_of_the_others(drawn_scenes) -> None:
    maps, scenes = drawn_scenes(20)

    class Scanner:
        def risk_map(self, image):
            place = next(k for k, scene in enumerate(scenes) if scene.image is image)
            if place in (3, 7):
                raise InputError(f"the image must be whole; got half of it, number {place}.")
            return maps[place]

    with pytest.warns(IncompleteRowsWarning, match="RD715.*2 of 20 scenes.*at place 3.*half of it"):
        scans = scan_scenes(Scanner(), scenes)
    assert [place for place, _ in scans.refused] == [3, 7]
    rest = [k for k in range(20) if k not in (3, 7)]
    whole = scan_scenes([maps[k] for k in rest], [scenes[k] for k in rest])
    np.testing.assert_array_equal(scans.negatives, whole.negatives)
    np.testing.assert_array_equal(scans.object_score, whole.object_score)
    assert "Left out, scene 3" in str(scans.summary())
    with pytest.warns(IncompleteRowsWarning, match="RD715"):
        assert evaluate_scenes(Scanner(), scenes, n_resamples=20).n_scenes == 18
    with pytest.raises(InputError, match="half of it"):
        scan_scenes(Scanner(), [scenes[3]])
