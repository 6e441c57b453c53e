"""The detector as a user meets it: risk maps, the prior, memory maps, and input that cannot be scanned."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from riskdec import SlidingWindowDetector, adjust_prevalence
from riskdec.detection.pyramid import ScaledImage
from riskdec.errors import InputError, NotFittedError
from tests.unit.detection.conftest import Bright


def one_by_one(model, image, window, stride):
    rows, columns = ((side - window) // stride + 1 for side in image.shape[:2])
    places = [(i * stride, j * stride) for i in range(rows) for j in range(columns)]
    risks = [model.predict_risk(image[None, i : i + window, j : j + window])[0] for i, j in places]
    return np.array(risks).reshape(rows, columns)


def test_risk_map_equals_a_loop_over_windows(bright, scene):
    (found,) = SlidingWindowDetector(bright, 8, stride=3).risk_map(scene)
    np.testing.assert_allclose(found.risk, one_by_one(bright, scene, 8, 3), rtol=1e-12)
    assert found.row_centres[1] == 3 + 4
    assert found.evaluation == "crops"


def test_windows_go_in_batches_of_one_shape(bright, rng):
    SlidingWindowDetector(bright, (8, 6), stride=1).risk_map(rng.random((30, 400)))
    assert {shape[1:] for shape in bright.shapes} == {(8, 6)}
    assert max(shape[0] for shape in bright.shapes) <= 256
    assert sum(shape[0] for shape in bright.shapes) == 23 * 395


def test_colour_windows_keep_their_channels_last(bright, rng):
    image = rng.random((20, 24, 3))
    (found,) = SlidingWindowDetector(bright, 8, stride=4).risk_map(image)
    np.testing.assert_allclose(found.risk, one_by_one(bright, image, 8, 4), rtol=1e-12)
    assert bright.shapes[0][1:] == (8, 8, 3)


def test_prior_correction_is_adjust_prevalence_of_every_window(bright, scene):
    (plain,) = SlidingWindowDetector(bright, 8, stride=2).risk_map(scene)
    detector = SlidingWindowDetector(bright, 8, stride=2, train_prevalence=0.4, deploy_prevalence=1e-3)
    (found,) = detector.risk_map(scene)
    expected = adjust_prevalence(plain.risk.ravel(), train=0.4, target=1e-3).reshape(plain.risk.shape)
    np.testing.assert_allclose(found.risk, expected, rtol=1e-9)
    assert (found.train_prevalence, found.deploy_prevalence) == (0.4, 1e-3)


def test_scales_find_the_same_square_at_twice_the_size(scene):
    large = np.kron(scene, np.ones((2, 2)))
    (small_map,) = SlidingWindowDetector(Bright(), 8, stride=4).risk_map(scene)
    full, half = SlidingWindowDetector(Bright(), 8, stride=4, scales=(1.0, 0.5)).risk_map(large)
    assert half.risk.shape == small_map.risk.shape
    # Smoothing before the image shrinks takes a little off the edges of the square.
    np.testing.assert_allclose(logit(half.risk), logit(small_map.risk), atol=0.6)
    np.testing.assert_allclose(half.row_centres, 2 * small_map.row_centres)
    assert full.scale == 1.0


def test_each_scale_is_shifted_to_its_own_prevalence(bright, scene):
    deploy = (1e-3, 0.02)
    both = SlidingWindowDetector(bright, 8, stride=4, scales=(1.0, 0.5), train_prevalence=0.4, deploy_prevalence=deploy)
    for found, scale, share in zip(both.risk_map(scene), (1.0, 0.5), deploy, strict=True):
        (alone,) = SlidingWindowDetector(
            bright, 8, stride=4, scales=(scale,), train_prevalence=0.4, deploy_prevalence=share
        ).risk_map(scene)
        np.testing.assert_array_equal(found.risk, alone.risk)
        assert found.deploy_prevalence == share
    # Shifts are undone again where the prevalence is estimated.
    plain = SlidingWindowDetector(bright, 8, stride=4, scales=(1.0, 0.5), train_prevalence=0.4)
    estimates = [one.estimate_prevalence([scene, scene[::-1]], calibrated=True).prevalence for one in (both, plain)]
    assert estimates[0].estimate == pytest.approx(estimates[1].estimate, rel=1e-3)
    with pytest.raises(InputError, match=r"deploy_prevalence must be one share, or one for each of 1 scale\(s\)"):
        SlidingWindowDetector(bright, 8, train_prevalence=0.4, deploy_prevalence=deploy)
    with pytest.raises(InputError, match="each deploy_prevalence must"):
        SlidingWindowDetector(bright, 8, train_prevalence=0.4, deploy_prevalence=[0.0])


@pytest.mark.parametrize("scales", [(1.0,), (0.5, 1.3)])
def test_memory_map_gives_the_same_risks_as_an_array(bright, rng, tmp_path, scales):
    pixels = rng.integers(0, 2, (90, 70)).astype(np.uint8)
    path = tmp_path / "scene.npy"
    np.save(path, pixels)
    mapped = np.load(path, mmap_mode="r")
    detector = SlidingWindowDetector(bright, 8, stride=4, scales=scales)
    for one, other in zip(detector.risk_map(mapped), detector.risk_map(pixels), strict=True):
        np.testing.assert_array_equal(one.risk, other.risk)


@pytest.mark.parametrize("scales", [(1.0,), (0.5,)])
def test_no_more_of_a_scene_is_looked_at_than_a_band_of_windows(bright, rng, monkeypatch, scales):
    sizes = []
    take = ScaledImage.take

    def noting(self, rows, columns):
        sizes.append(rows.stop - rows.start)
        return take(self, rows, columns)

    monkeypatch.setattr(ScaledImage, "take", noting)
    SlidingWindowDetector(bright, 8, stride=4, scales=scales).risk_map(rng.random((600, 400)))
    assert max(sizes) <= 8 + 256 // 49 * 4
    assert len(sizes) > 10


def test_classifier_with_probabilities_is_slid_with_its_event(rng):
    class Flat:
        def __init__(self, classes):
            X = rng.normal(size=(200, 16))
            y = np.array(classes)[(X.mean(axis=1) + 0.1 * rng.normal(size=200) > 0).astype(int)]
            self.inner = LogisticRegression().fit(X, y)
            self.classes_ = self.inner.classes_

        def predict_proba(self, X):
            return self.inner.predict_proba(X.reshape(len(X), -1))

    image = rng.normal(size=(9, 9))
    model = Flat([0, 1])
    (found,) = SlidingWindowDetector(model, 4, stride=5).risk_map(image)
    assert found.risk[0, 0] == pytest.approx(model.predict_proba(image[None, :4, :4])[0, 1])
    with pytest.raises(InputError, match="event must be given"):
        SlidingWindowDetector(Flat(["a", "b"]), 4, stride=5).risk_map(image)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": 0}, "window height must be a whole number of at least 1"),
        ({"window": (4, 4, 1)}, "window must be a height and a width"),
        ({"stride": 0}, "stride must be a whole number"),
        ({"scales": ()}, "scales must be a sequence"),
        ({"train_prevalence": 1.0}, "train_prevalence must be below 1"),
        ({"deploy_prevalence": 0.1}, "train_prevalence must be given with deploy_prevalence"),
        ({"model": "nothing"}, "model must give risks of windows; got a str"),
        ({"model": LogisticRegression}, "model must give risks of windows"),
    ],
)
def test_options_that_are_none_are_refused(bright, options, words):
    given = {"model": bright, "window": 8, **options}
    with pytest.raises(InputError, match=words):
        SlidingWindowDetector(given.pop("model"), given.pop("window"), **given)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((4, 40)), "image must be at least as large as a window"),
        (np.zeros(40), r"image must have shape \(height, width\)"),
        (np.zeros((2, 40, 40, 3)), "image must have shape"),
        (np.zeros((3, 400, 400)), "at most 32 channels, as the last axis"),
        (np.full((40, 40), "x"), "image must hold numbers"),
        (np.zeros((0, 40)), "image must have shape"),
    ],
)
def test_what_is_no_scene_is_refused(bright, image, words):
    with pytest.raises(InputError, match=words):
        SlidingWindowDetector(bright, 8, stride=4).risk_map(image)


def test_nan_is_named_with_its_place_in_the_scene(bright, scene):
    scene[33, 41] = np.nan
    with pytest.raises(InputError, match="nan near row 33, column 41"):
        SlidingWindowDetector(bright, 8, stride=4).risk_map(scene)


def test_channels_must_stay_those_of_the_first_scene(bright, scene):
    detector = SlidingWindowDetector(bright, 8, stride=4)
    detector.risk_map(scene)
    with pytest.raises(InputError, match=r"image must be gray, as the model's training images; got 3 channel"):
        detector.risk_map(np.zeros((20, 20, 3)))


def test_risks_that_are_none_are_refused(scene):
    class Wrong:
        def predict_risk(self, X):
            return np.full(len(X), 1.5)

    with pytest.raises(InputError, match=r"the risks of windows must lie in \[0, 1\]"):
        SlidingWindowDetector(Wrong(), 8).risk_map(scene)


def test_prevalence_of_scenes_is_found_with_its_interval(rng):
    # Windows of one pixel: N(0, 1) of background, N(3, 1) of objects; the risk is exact at one half.
    class Pixels:
        def predict_risk(self, X):
            return expit(3 * X.reshape(len(X)) - 4.5)

    def scene():
        return rng.normal(size=(40, 50)) + 3 * (rng.random((40, 50)) < 0.02)

    detector = SlidingWindowDetector(Pixels(), 1, stride=1, train_prevalence=0.5)
    with pytest.raises(InputError, match="7 to 23 times too many"):
        detector.estimate_prevalence([scene(), scene()])
    found = detector.estimate_prevalence((scene() for _ in range(20)), calibrated=True)
    assert found.n_groups == 20
    assert found.prevalence.low < 0.02 < found.prevalence.high
    assert found.prevalence.high - found.prevalence.low < 0.01
    # The estimate does not depend on the prior that the detector was given for its risks.
    shifted = SlidingWindowDetector(Pixels(), 1, stride=1, train_prevalence=0.5, deploy_prevalence=found)
    assert shifted.deploy_prevalence == found.prevalence.estimate
    scenes = [scene() for _ in range(5)]
    one = detector.estimate_prevalence(scenes, calibrated=True).prevalence.estimate
    other = shifted.estimate_prevalence(scenes, calibrated=True).prevalence.estimate
    assert other == pytest.approx(one, rel=1e-3)


def test_prevalence_needs_scenes_and_the_prevalence_of_training(bright, scene):
    with pytest.raises(InputError, match="train_prevalence must be given to the detector"):
        SlidingWindowDetector(bright, 8).estimate_prevalence([scene])
    with pytest.raises(InputError, match="images must be at least two scenes; got 1"):
        SlidingWindowDetector(bright, 8, train_prevalence=0.01).estimate_prevalence([scene])


def test_repr_says_how_windows_are_evaluated(bright, scene):
    detector = SlidingWindowDetector(bright, 8)
    assert "not used yet" in repr(detector)
    detector.risk_map(scene)
    assert "crops: the model is no network" in repr(detector)
    assert detector.stride_ == 2


def test_unfitted_image_model_says_so():
    pytest.importorskip("torch")
    from riskdec import CNNRiskModel

    with pytest.raises(NotFittedError, match="not fitted"):
        SlidingWindowDetector(CNNRiskModel(), 8)
