"""Networks over scenes: dense where it is the same, crops where it is not, and the reason kept."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn

from riskdec import CNNRiskModel, SlidingWindowDetector
from riskdec.errors import InputError, RiskdecWarning

SIDE = 12


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    y = (rng.random(160) < 0.5).astype(int)
    images = (rng.normal(100, 25, (160, SIDE, SIDE)) + 4 * y[:, None, None]).clip(0, 255).astype(np.uint8)
    fitted = CNNRiskModel(architecture="valid", max_epochs=1, precision="float32", random_state=0, calibration="platt")
    return fitted.fit(images, y)


@pytest.fixture
def photo(rng):
    return rng.normal(100, 25, (45, 61)).clip(0, 255).astype(np.uint8)


def windows_of(photo, stride):
    views = np.lib.stride_tricks.sliding_window_view(photo, (SIDE, SIDE))[::stride, ::stride]
    return views.reshape(-1, SIDE, SIDE), views.shape[:2]


@pytest.mark.parametrize("stride", [None, 1, 2, 4])
def test_risk_model_scans_densely_with_the_risks_of_its_windows(model, photo, stride):
    detector = SlidingWindowDetector(model, SIDE, stride=stride)
    (found,) = detector.risk_map(photo)
    assert detector.evaluation_.way == "dense"
    assert detector.evaluation_.difference <= 1e-5
    crops, shape = windows_of(photo, stride or 4)
    np.testing.assert_allclose(found.risk, model.predict_risk(crops).reshape(shape), atol=1e-5)


def test_stride_that_does_not_fit_falls_back_to_crops_with_a_warning(model, photo):
    detector = SlidingWindowDetector(model, SIDE, stride=3)
    with pytest.warns(RiskdecWarning, match="RD701.*stride 3 neither divides the network's 4"):
        (found,) = detector.risk_map(photo)
    crops, shape = windows_of(photo, 3)
    np.testing.assert_allclose(found.risk, model.predict_risk(crops).reshape(shape), atol=1e-5)
    assert detector.evaluation_.way == "crops"


def test_windows_far_apart_are_evaluated_one_by_one_because_it_is_less_work(model, photo):
    detector = SlidingWindowDetector(model, SIDE, stride=32)
    detector.risk_map(photo)
    assert detector.evaluation_.way == "crops"
    assert "less arithmetic one by one" in detector.evaluation_.reason


def test_padded_network_is_slid_over_windows_and_the_layer_named(photo):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 1))
    detector = SlidingWindowDetector(network, SIDE, stride=4)
    with pytest.warns(RiskdecWarning, match='RD701.*Conv2d "0" pads with zeros'):
        (found,) = detector.risk_map(photo / 255)
    crops, shape = windows_of(photo / 255, 4)
    with torch.no_grad():
        logits = network(torch.tensor(crops[:, None], dtype=torch.float32))[:, 0]
    np.testing.assert_allclose(found.risk, torch.sigmoid(logits.double()).reshape(shape), atol=1e-6)


def test_module_in_training_is_copied_and_evaluated_without_dropout(photo):
    network = nn.Sequential(nn.Conv2d(1, 2, SIDE), nn.Dropout(0.5), nn.Flatten())
    detector = SlidingWindowDetector(network, SIDE, stride=1)
    (first,), (again,) = detector.risk_map(photo / 255), detector.risk_map(photo / 255)
    np.testing.assert_array_equal(first.risk, again.risk)
    assert network.training


def test_memory_map_and_scales_scan_densely_with_the_same_risks(model, photo, tmp_path):
    np.save(tmp_path / "photo.npy", photo)
    detector = SlidingWindowDetector(model, SIDE, scales=(1.0, 0.5))
    mapped = detector.risk_map(np.load(tmp_path / "photo.npy", mmap_mode="r"))
    for one, other in zip(mapped, detector.risk_map(photo), strict=True):
        np.testing.assert_array_equal(one.risk, other.risk)
        assert one.evaluation == "dense"


def test_other_windows_and_channels_than_in_training_are_refused(model, photo):
    with pytest.raises(InputError, match="window must be 12 x 12 pixels, as in training; got 16 x 16"):
        SlidingWindowDetector(model, 16).risk_map(photo)
    with pytest.raises(InputError, match="image must be gray, as the model's training images; got 3"):
        SlidingWindowDetector(model, SIDE).risk_map(np.zeros((40, 40, 3), dtype=np.uint8))


def test_pixels_in_another_unit_are_noticed(model, photo):
    with pytest.warns(RiskdecWarning, match="RD700.*look to be in another unit"):
        SlidingWindowDetector(model, SIDE).risk_map(photo / 255)


def test_scene_of_one_colour_is_no_sign_of_another_unit(model):
    (found,) = SlidingWindowDetector(model, SIDE).risk_map(np.full((30, 30), 110, dtype=np.uint8))
    assert found.risk.shape == (5, 5)
