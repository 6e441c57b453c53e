"""Rows kept at known rates, and the offset that makes the network speak about all rows."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.errors import InputError

torch = pytest.importorskip("torch")

from riskdec.nn.offset_training import train_with_offset

SIDE = 12


def draw(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw images whose brightness gives the log odds of a rare event."""
    rng = np.random.default_rng(seed)
    brightness = rng.normal(0, 1, n)
    images = brightness[:, None, None] + rng.normal(0, 0.3, (n, SIDE, SIDE))
    return images.astype(np.float32), rng.random(n) < 1 / (1 + np.exp(5 - 1.5 * brightness))


def risk_of(network, images) -> np.ndarray:
    with torch.no_grad():
        logits = network(torch.tensor(images[:, None]))
    return torch.sigmoid(logits[:, 1] - logits[:, 0]).double().numpy()


@pytest.fixture(scope="module")
def kept():
    images, y = draw(60_000, 0)
    # Bright negatives are kept more often.
    rate = np.clip(0.02 * np.exp(images.mean(axis=(1, 2))), 0.004, 1)
    chosen = y | (np.random.default_rng(1).random(len(y)) < rate)
    return images[chosen], y[chosen], -np.log(rate[chosen])


def test_offset_gives_risks_among_all_rows(kept) -> None:
    images, y, offset = kept
    network = train_with_offset(images, y, offset, max_epochs=6, random_state=0)
    new, outcome = draw(20_000, 2)
    assert risk_of(network, new).sum() == pytest.approx(outcome.sum(), rel=0.2)
    without = train_with_offset(images, y, np.zeros(len(y)), max_epochs=6, random_state=0)
    assert risk_of(without, new).sum() > 5 * outcome.sum()


def test_same_seed_gives_the_same_network_and_leaves_the_generator_alone(kept) -> None:
    images, y, offset = (one[:300] for one in kept)
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first, again = (train_with_offset(images, y, offset, max_epochs=1, random_state=3) for _ in range(2))
    assert torch.equal(torch.rand(1), expected)
    assert np.array_equal(risk_of(first, images), risk_of(again, images))


def test_own_module_can_be_trained(kept) -> None:
    images, y, offset = (one[:300] for one in kept)
    body = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(SIDE**2, 2))
    network = train_with_offset(images, y, offset, architecture=body, max_epochs=2, random_state=0)
    assert risk_of(network, images).mean() < y.mean()


def test_training_refuses_rows_that_teach_nothing(kept) -> None:
    images, y, offset = (one[:50] for one in kept)
    with pytest.raises(InputError, match="both outcomes"):
        train_with_offset(images, np.zeros(50), offset)
    with pytest.raises(InputError, match="offset must"):
        train_with_offset(images, y, offset[:20])
    with pytest.raises(InputError, match="images must"):
        train_with_offset(images[0], y, offset)
