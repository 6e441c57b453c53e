"""The small parts of training: order, schedule, averages, augmentation, precision."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import riskdec.nn.training.precision as precision
from riskdec import CNNRiskModel
from riskdec.nn.devices import Place, choose_device, takes_channels_last
from riskdec.nn.training.augmentation import augment
from riskdec.nn.training.average import MovingAverage
from riskdec.nn.training.optimizer import make_optimizer, pack_optimizer, unpack_optimizer
from riskdec.nn.training.order import epoch_order
from riskdec.nn.training.schedule import one_cycle


def test_order_is_a_permutation_that_depends_on_seed_and_epoch_alone():
    first = epoch_order(50, seed=1, epoch=2)
    assert sorted(first) == list(range(50))
    assert first.tolist() == epoch_order(50, seed=1, epoch=2).tolist()
    assert first.tolist() != epoch_order(50, seed=1, epoch=3).tolist()
    assert first.tolist() != epoch_order(50, seed=2, epoch=2).tolist()


@pytest.mark.parametrize("n_steps", [1, 2, 5, 10, 1000])
def test_schedule_rises_once_and_falls_once(n_steps):
    factors = [one_cycle(step, n_steps) for step in range(n_steps)]
    top = int(np.argmax(factors))
    assert max(factors) == 1.0
    assert all(np.diff(factors[: top + 1]) > 0)
    assert all(np.diff(factors[top:]) < 0)
    assert min(factors) > 0


def test_moving_average_of_one_value_is_that_of_its_formula():
    layer = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(layer.weight, 1.0)
    average = MovingAverage(layer, 0.5)
    torch.nn.init.constant_(layer.weight, 3.0)
    average.update(layer, step=0)  # decay 1/10
    average.update(layer, step=10_000)  # decay 0.5
    assert float(average.values[0]) == pytest.approx(0.5 * (0.1 * 1 + 0.9 * 3) + 0.5 * 3)
    average.swap(layer)
    assert float(layer.weight.detach()) == pytest.approx(2.9)
    assert float(average.values[0]) == 3.0


def test_flip_mirrors_some_images_and_shift_moves_all_by_one_step():
    images = torch.arange(8 * 16.0 * 16).reshape(8, 1, 16, 16)
    flipped = augment(images, ("flip",), np.random.default_rng(0))
    kinds = {
        torch.equal(a, b) or (-1 if torch.equal(a, b.flip(2)) else 0) for a, b in zip(flipped, images, strict=True)
    }
    assert kinds == {True, -1}
    shifted = augment(images, ("shift",), np.random.default_rng(3))
    rng = np.random.default_rng(3)
    down, right = rng.integers(-2, 3), rng.integers(-2, 3)
    assert (down, right) != (0, 0)
    rows = np.arange(max(down, 0), 16 + min(down, 0))
    columns = np.arange(max(right, 0), 16 + min(right, 0))
    inside = shifted[:, :, rows][:, :, :, columns]
    assert torch.equal(inside, images[:, :, rows - down][:, :, :, columns - right])
    assert float(shifted.sum()) == float(inside.sum())


def test_automatic_precision_takes_bfloat16_for_a_clear_gain_only(monkeypatch):
    network, images = torch.nn.Linear(1, 1), torch.zeros(1)
    ask = {"place": Place(torch.device("cpu")), "n_steps": 1000}
    for gain, expected in ((1.1, "float32"), (2.0, "bfloat16")):
        monkeypatch.setattr(precision, "_time_step", lambda *_, is_brief, gain=gain: 1.0 if is_brief else gain)
        assert precision.choose_precision("auto", network, images, **ask) == expected
        assert precision.choose_precision("float32", network, images, **ask) == "float32"
        assert precision.choose_precision("auto", network, images, **(ask | {"n_steps": 10})) == "float32"


def test_automatic_precision_is_tried_and_remembered(marked_images):
    model = CNNRiskModel(max_epochs=2, batch_size=4, random_state=0).fit(*marked_images)
    assert model.history_.precision in ("float32", "bfloat16")


def test_bfloat16_stays_near_float32(marked_images):
    images, y = marked_images
    options = {"max_epochs": 3, "batch_size": 32, "random_state": 0}
    risks = [CNNRiskModel(**options, precision=p).fit(images, y).predict_risk(images) for p in ("float32", "bfloat16")]
    assert 0 < np.abs(risks[0] - risks[1]).max() < 0.1


def test_network_that_views_its_features_keeps_contiguous_images():
    class Viewing(torch.nn.Module):
        def forward(self, images):
            return torch.nn.functional.conv2d(images, torch.ones(4, 3, 3, 3)).view(len(images), -1)

    images = torch.zeros(2, 3, 8, 8)
    assert not takes_channels_last(Viewing(), images)
    assert takes_channels_last(torch.nn.Conv2d(3, 4, 3), images)
    assert choose_device("cpu").type == "cpu"


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
def test_optimizer_state_goes_through_named_tensors(kind, marked_images):
    from riskdec.nn.options import make_plan

    plan = make_plan(CNNRiskModel(optimizer=kind), 0)
    layers = [torch.nn.Linear(2, 1) for _ in range(2)]
    optimizers = [make_optimizer(layer, plan) for layer in layers]
    layers[1].load_state_dict(layers[0].state_dict())
    layers[0](torch.ones(1, 2)).sum().backward()
    optimizers[0].step()
    layers[1].load_state_dict(layers[0].state_dict())
    stored = {name: tensor.clone() for name, tensor in pack_optimizer(optimizers[0]).items()}
    unpack_optimizer(optimizers[1], stored)
    for layer, optimizer in zip(layers, optimizers, strict=True):
        optimizer.zero_grad()
        layer(torch.ones(1, 2)).square().sum().backward()
        optimizer.step()
    assert torch.equal(layers[0].weight, layers[1].weight)
