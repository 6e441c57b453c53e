"""Images kept at known rates, and the offset that makes the network speak about all images."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.errors import InputError

torch = pytest.importorskip("torch")

from scipy.special import expit

import riskdec as rd
from riskdec.nn.offsets import fit_offset_layer

SIDE = 12


def draw(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw images whose brightness gives the log odds of a rare event."""
    rng = np.random.default_rng(seed)
    brightness = rng.normal(0, 1, n)
    images = brightness[:, None, None] + rng.normal(0, 0.3, (n, SIDE, SIDE))
    return images.astype(np.float32), (rng.random(n) < expit(1.5 * brightness - 5)).astype(int)


def fit(images: np.ndarray, y: np.ndarray, offset: np.ndarray | None, **options: object) -> rd.CNNRiskModel:
    chosen = {"max_epochs": 5, "precision": "float32", "random_state": 0, **options}
    return rd.CNNRiskModel(architecture="valid", **chosen).fit(images, y, offset=offset)


@pytest.fixture(scope="module")
def kept() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    images, y = draw(60_000, 0)
    # Bright images without the event are kept more often.
    rate = np.clip(0.02 * np.exp(images.mean(axis=(1, 2))), 0.004, 1)
    chosen = (y == 1) | (np.random.default_rng(1).random(len(y)) < rate)
    return images[chosen], y[chosen], -np.log(rate[chosen])


@pytest.mark.parametrize("calibration", [None, "temperature", "platt"])
def test_risks_are_those_among_all_images(kept, calibration) -> None:
    images, y, offset = kept
    model = fit(images, y, offset, calibration=calibration)
    new, outcome = draw(20_000, 2)
    assert model.predict_risk(new).sum() == pytest.approx(outcome.sum(), rel=0.2)
    assert "RD615" in [finding.code for finding in model.findings_]


def test_without_the_offset_risks_are_those_among_the_images_kept(kept) -> None:
    images, y, _ = kept
    new, outcome = draw(20_000, 2)
    assert fit(images, y, None).predict_risk(new).sum() > 5 * outcome.sum()


def test_constant_offset_shifts_the_log_odds_and_nothing_else(kept) -> None:
    images, y, _ = (one[:600] for one in kept)
    plain = fit(images, y, np.zeros(len(y)), calibration=None, weight_decay=0.0)
    moved = fit(images, y, np.full(len(y), 2.0), calibration=None, weight_decay=0.0)
    first, second = (np.log(m.predict_risk(images)) - np.log1p(-m.predict_risk(images)) for m in (plain, moved))
    np.testing.assert_allclose(first - second, 2.0, atol=0.1)


def test_offset_of_zero_gives_the_fit_without_an_offset(kept) -> None:
    images, y, _ = (one[:600] for one in kept)
    with_zeros, without = (fit(images, y, o, calibration=None) for o in (np.zeros(len(y)), None))
    np.testing.assert_allclose(with_zeros.predict_risk(images), without.predict_risk(images), rtol=1e-4)


def test_model_is_saved_and_interrupted_as_any_other(kept, tmp_path) -> None:
    images, y, offset = (one[:600] for one in kept)
    model = fit(images, y, offset, max_epochs=2, checkpoint_dir=tmp_path / "checkpoints")
    same = rd.load(model.save(tmp_path / "mined.riskdec"))
    np.testing.assert_array_equal(same.predict_risk(images), model.predict_risk(images))
    assert "offset" in str(same.summary())


@pytest.mark.parametrize("kind", ["temperature", "platt"])
def test_layer_is_the_logistic_regression_with_the_offset(kind) -> None:
    statsmodels = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(3)
    score, offset, weight = rng.normal(0, 2, 4000), rng.normal(1, 1, 4000), rng.integers(1, 4, 4000)
    y = (rng.random(4000) < expit(0.6 * score - 0.5 + offset)).astype(int)
    logits = np.column_stack([np.zeros(4000), score])
    layer = fit_offset_layer(kind, logits, y, weight.astype(float), offset)
    columns = score[:, None] if kind == "temperature" else np.column_stack([np.ones(4000), score])
    peer = statsmodels.GLM(y, columns, family=statsmodels.families.Binomial(), offset=offset, freq_weights=weight).fit(
        tol=1e-12
    )
    found = [float(value) for value in layer.parameters()]
    np.testing.assert_allclose(found, peer.params, rtol=1e-7)


def test_layer_of_scores_that_fall_is_flat_and_says_so() -> None:
    rng = np.random.default_rng(4)
    score, offset = rng.normal(0, 2, 2000), rng.normal(1, 1, 2000)
    y = (rng.random(2000) < expit(offset - score)).astype(int)
    logits = np.column_stack([np.zeros(2000), score])
    for kind in ("temperature", "platt"):
        layer = fit_offset_layer(kind, logits, y, None, offset)
        assert [finding.code for finding in layer.findings] == ["RD502"]
        flat = layer(torch.from_numpy(logits))
        assert np.ptp((flat[:, 1] - flat[:, 0]).numpy()) < 1e-12


def test_layer_of_separated_scores_exists() -> None:
    logits = np.column_stack([np.zeros(8), np.array([-3.0, -2, -1, -1, 1, 1, 2, 3])])
    y = (logits[:, 1] > 0).astype(int)
    with pytest.warns(rd.errors.SeparationWarning, match="separate"):
        layer = fit_offset_layer("platt", logits, y, None, np.zeros(8))
    assert np.isfinite([float(value) for value in layer.parameters()]).all()


def test_offset_is_refused_where_it_has_no_meaning(kept) -> None:
    images, y, offset = (one[:60] for one in kept)
    three = np.arange(60) % 3
    with pytest.raises(InputError, match="offset must be left out with more than two outcomes"):
        fit(images, three, offset)
    with pytest.raises(InputError, match="loss must be 'cross_entropy' with an offset"):
        fit(images, y, offset, loss="focal")
    with pytest.raises(InputError, match="calibration must be None, 'temperature' or 'platt'"):
        fit(images, y, offset, calibration="beta")
    with pytest.raises(InputError, match="offset must"):
        fit(images, y, offset[:20])
    with pytest.raises(InputError, match="offset must be finite"):
        fit(images, y, np.where(np.arange(60) == 3, np.nan, offset))
