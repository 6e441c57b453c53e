"""Actions for regions, and what the scene as a whole holds."""

import pickle

import numpy as np
import pytest

from riskdec import CostMatrix, SlidingWindowDetector, decide
from riskdec.detection.deciding import detect_on_maps
from riskdec.errors import InputError
from tests.unit.detection.test_suppression import make_map

COSTS = {"false_positive": 1, "false_negative": 9, "defer": 0.5}


def risks():
    risk = np.full((9, 12), 1e-5)
    risk[1, 1], risk[4, 9], risk[7, 4], risk[4, 4] = 0.9, 0.2, 0.01, 1e-4
    return risk


def detected(costs=COSTS, **options):
    return detect_on_maps([make_map(risks())], costs, **{"min_risk": None, "separation": 0.5, **options})


def test_regions_get_the_action_of_least_expected_cost():
    found = detected()
    assert found.action.tolist() == ["alarm", "defer", "clear"]
    np.testing.assert_array_equal(found.decisions.action_index, decide(found.risk, found.decisions.costs).action_index)
    np.testing.assert_allclose(found.expected_cost, [1 - found.risk[0], 0.5, 9 * found.risk[2]])
    assert found.centres.tolist() == [[8, 8], [20, 40], [32, 20]]
    assert found.boxes[1].tolist() == [16, 36, 24, 44]


def test_scene_risk_and_expected_objects_are_those_of_all_windows():
    found = detected()
    assert found.expected_objects == pytest.approx(risks().sum())
    assert found.scene_risk == pytest.approx(1 - np.prod(1 - risks()))
    acted = found.expected_in_region[:2].sum()
    assert found.expected_cleared == pytest.approx(risks().sum() - acted)
    assert found.n_windows == 108


def test_least_risk_is_a_tenth_of_the_first_cut_unless_given():
    assert detected().min_risk == pytest.approx(0.5 / 9 / 10)
    assert detected(min_risk=0.1).n == 2
    assert detected(min_risk=0.0).n > 4


def test_costs_of_the_caller_keep_their_names():
    costs = CostMatrix([[0, 1], [9, 0]], outcomes=("road", "hole"), actions=("drive", "stop"))
    assert detected(costs).action.tolist() == ["stop", "stop", "drive"]


def test_scene_without_anything_has_no_regions():
    found = detect_on_maps([make_map(np.full((3, 3), 1e-9))], COSTS, min_risk=None, separation=0.5)
    assert found.n == 0
    assert found.boxes.shape == (0, 4)
    assert found.findings == ()
    assert len(found.frame()) == 0
    assert "nothing listed" in repr(found)
    assert str(found.summary())
    assert found.to_dict()["boxes"] == []


@pytest.mark.parametrize(
    ("costs", "options", "words"),
    [
        ([[0, 1], [9, 0]], {}, "costs must be a CostMatrix, or a dict"),
        (CostMatrix(1 - np.eye(3), outcomes=("a", "b", "c"), actions=("x", "y", "z")), {}, "for two outcomes"),
        (COSTS, {"separation": 0}, "separation must be a number above 0"),
        (COSTS, {"min_risk": 2}, "min_risk must be a number of at least 0 and at most 1"),
    ],
)
def test_what_cannot_be_decided_is_refused(costs, options, words):
    with pytest.raises(InputError, match=words):
        detected(costs, **options)


def test_risks_of_balanced_training_are_noticed_in_a_scene(bright, scene):
    (finding,) = SlidingWindowDetector(bright, 8).detect(scene, COSTS).findings
    assert finding.code == "RD702"
    assert "Pass train_prevalence and deploy_prevalence" in finding.todo
    rare = SlidingWindowDetector(bright, 8, train_prevalence=0.5, deploy_prevalence=1e-3)
    assert rare.detect(scene, COSTS).findings == ()
    # Windows all over the scene look like objects, after the shift too.
    (finding,) = rare.detect(scene + 0.7, COSTS).findings
    assert "(0.001), 0.391 are usual" in finding.sentence


def test_frame_and_dict_hold_every_region():
    found = detected()
    frame = found.frame()
    assert list(frame.columns)[:4] == ["top", "left", "bottom", "right"]
    assert frame["action"].tolist() == found.action.tolist()
    stored = found.to_dict()
    assert stored["risk"] == found.risk.tolist()
    assert stored["scene_risk"] == found.scene_risk


def test_answers_survive_pickling_and_stay_locked():
    found = pickle.loads(pickle.dumps(detected()))
    with pytest.raises(ValueError, match="read-only"):
        found.risk[0] = 0


def test_summary_leads_with_the_places():
    lines = str(detected().summary()).splitlines()
    assert lines[0] == "Detections in an image of 40 x 52 pixels"
    assert "(8, 8)" in lines[2]
    assert "alarm" in lines[2]


def test_map_summary_and_dict():
    one = make_map(risks())
    assert "108" in str(one.summary())
    assert one.to_dict()["expected_objects"] == pytest.approx(risks().sum())
    assert "9 x 12 windows" in repr(one)
