"""Dense networks against the same windows cut out one by one."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn

from riskdec import CNNRiskModel
from riskdec.errors import InputError
from riskdec.nn.architectures import build_architecture
from riskdec.nn.calibration_layers import PlattLayer
from riskdec.nn.dense import convert_to_dense, multiply_adds, open_network, prove_dense, scan_dense
from riskdec.nn.dense.scanning import Steps, plan_steps

SIDE = 12


class Functional(nn.Module):
    """A network written with functions, a view, and one logit."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.first = nn.Linear(4 * 5 * 5, 6)
        self.between = nn.BatchNorm1d(6)
        self.last = nn.Linear(6, 1)

    def forward(self, images):
        features = torch.nn.functional.max_pool2d(torch.relu(self.norm(self.conv(images))), 2)
        features = features.view(features.size(0), -1)
        return self.last(torch.relu(self.between(self.first(features))))[:, 0]


class Shortcut(nn.Module):
    """A residual block of valid convolutions, and a mean over the map."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3), nn.Linear(4, 2)

    def forward(self, images):
        features = self.first(images)
        features = features[:, :, 1:-1, 1:-1] + torch.relu(self.second(features))
        return self.last(features.mean((2, 3)))


def valid():
    return build_architecture("valid", in_channels=1, image_size=(SIDE, SIDE), n_outcomes=2, dropout=0.2)


CONVERTIBLE = {
    "valid": valid,
    "valid with Platt": lambda: nn.Sequential(valid(), PlattLayer(-1.0, 2.0)),
    "functional": Functional,
    "shortcut": Shortcut,
    "floor pooling": lambda: nn.Sequential(
        *(nn.Conv2d(1, 3, 3), nn.MaxPool2d(2), nn.Conv2d(3, 3, 2), nn.AvgPool2d(3), nn.Flatten()),
        *(nn.Linear(3, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 2)),
    ),
    "global maximum": lambda: nn.Sequential(
        *(nn.Conv2d(1, 4, 3, stride=3), nn.BatchNorm2d(4), nn.ReLU()),
        *(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 3)),
    ),
    "global mean": lambda: nn.Sequential(
        *(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)),
    ),
}
STRIDES = {"functional": 2, "shortcut": 1, "floor pooling": 6, "global maximum": 3, "global mean": 1}
REFUSED = {
    "padding": (nn.Conv2d(1, 2, 3, padding=1), 'Conv2d "0" pads'),
    "same padding": (nn.Conv2d(1, 2, 3, padding="same"), 'Conv2d "0" pads'),
    "padded pool": (nn.MaxPool2d(2, padding=1), 'MaxPool2d "0" pads'),
    "padding layer": (nn.ZeroPad2d(1), 'ZeroPad2d "0" pads'),
    "ceil": (nn.MaxPool2d(5, ceil_mode=True), 'MaxPool2d "0" rounds up'),
    "group norm": (nn.GroupNorm(1, 1), 'GroupNorm "0" normalises by the statistics'),
    "instance norm": (nn.InstanceNorm2d(1), 'InstanceNorm2d "0" normalises'),
    "layer norm": (nn.LayerNorm([1, SIDE, SIDE]), 'LayerNorm "0" normalises'),
    "adaptive to 2 x 2": (nn.AdaptiveAvgPool2d(2), 'AdaptiveAvgPool2d "0" pools every image to one size'),
}


def made(make, seed=0):
    torch.manual_seed(seed)
    network = make()
    for layer in network.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
    return network.eval()


def crop_by_crop(network, image, stride):
    rows, columns = ((side - SIDE) // stride + 1 for side in image.shape[2:])
    with torch.no_grad():
        logits = [
            network(image[:, :, i * stride : i * stride + SIDE, j * stride : j * stride + SIDE]).reshape(-1)
            for i in range(rows)
            for j in range(columns)
        ]
    return torch.stack(logits).T.reshape(-1, rows, columns)


@pytest.mark.parametrize("name", CONVERTIBLE)
def test_dense_network_equals_its_windows(name):
    network = made(CONVERTIBLE[name])
    form = prove_dense(network, (SIDE, SIDE), [torch.randn(1, 1, 30, 30)])
    assert form.network is not None, form.reason
    assert form.stride == STRIDES.get(name, 4)
    assert form.difference <= 1e-5
    image = torch.randn(1, 1, 41, 33)
    expected = crop_by_crop(network, image, form.stride)
    with torch.no_grad():
        found = form.network(image).reshape(len(expected), -1, form.network(image).shape[-1])
    np.testing.assert_allclose(found[:, : expected.shape[1], : expected.shape[2]], expected, atol=2e-6)


def test_conversion_leaves_the_network_as_it_was():
    network = made(Functional).train()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    convert_to_dense(network, (SIDE, SIDE), in_channels=1)
    assert network.training
    assert all(torch.equal(values, before[name]) for name, values in network.state_dict().items())


@pytest.mark.parametrize("name", REFUSED)
def test_layer_without_dense_form_is_named(name):
    layer, words = REFUSED[name]
    network = nn.Sequential(layer, nn.Flatten()).eval()
    form = prove_dense(network, (SIDE, SIDE), [torch.randn(1, 1, 30, 30)])
    assert form.network is None
    assert form.reason.startswith(words)


def test_padded_networks_really_differ_between_crop_and_scene():
    network = made(lambda: nn.Conv2d(1, 1, 3, padding=1))
    image = torch.randn(1, 1, 30, 30)
    with torch.no_grad():
        inside, alone = network(image)[0, 0, 4:16, 4:16], network(image[:, :, 4:16, 4:16])[0, 0]
    assert float((inside - alone).abs().max()) > 1e-2


def test_unknown_operation_is_found_out_by_measuring():
    network = nn.Sequential(nn.Conv2d(1, 3, SIDE), nn.Flatten(), nn.Softmax(dim=-1)).eval()
    form = prove_dense(network, (SIDE, SIDE), [torch.randn(1, 1, 30, 30)])
    assert form.network is None
    assert "differs from crops by" in form.reason


def test_network_that_cannot_be_traced_says_so():
    class Branching(nn.Module):
        def forward(self, images):
            return images.sum((2, 3)) if images.sum() > 0 else images.mean((2, 3))

    assert "cannot be traced" in convert_to_dense(Branching(), (SIDE, SIDE), in_channels=1).reason


@pytest.mark.parametrize(("stride", "network_stride"), [(1, 4), (2, 4), (4, 4), (12, 4), (6, 4), (5, 4)])
def test_steps_place_every_window_once_on_the_map(stride, network_stride):
    steps = plan_steps(stride, network_stride)
    if steps is None:
        assert stride % network_stride
        assert network_stride % stride
        return
    # Window k lies at pixel k * stride: in pass k mod n at place k // n, times the network's stride.
    for k in range(20):
        shift, place = k % steps.n_shifts, k // steps.n_shifts
        assert shift * stride + place * steps.every * network_stride == k * stride


def test_steps_are_given_for_divisors_and_multiples_only():
    assert plan_steps(3, 4) is None
    assert plan_steps(4, 2) == Steps(1, 2)


@pytest.mark.parametrize("stride", [1, 2, 4, 8])
@pytest.mark.parametrize("tile", [8, 24, 1000])
def test_tiles_and_shifted_passes_change_nothing(stride, tile, monkeypatch):
    monkeypatch.setattr("riskdec.nn.dense.scanning._TILE", tile)
    monkeypatch.setattr("riskdec.nn.dense.scanning._WINDOWS", 0)
    module = made(valid)
    network = open_network(module)
    pixels = np.random.default_rng(1).normal(size=(61, 50, 1)).astype(np.float32)
    network.check_window((SIDE, SIDE), 1)
    assert network.prove((SIDE, SIDE), pixels).stride == 4
    shape = ((61 - SIDE) // stride + 1, (50 - SIDE) // stride + 1)
    found = scan_dense(
        lambda rows, columns: pixels[rows, columns],
        network,
        shape=shape,
        window=(SIDE, SIDE),
        stride=stride,
        network_stride=4,
    )
    logits = crop_by_crop(module, torch.from_numpy(pixels[..., 0])[None, None], stride)
    np.testing.assert_allclose(found, logits[1] - logits[0], atol=2e-6)


def test_multiply_adds_of_a_small_network_counted_by_hand():
    network = nn.Sequential(nn.Conv2d(2, 3, 3, stride=2), nn.Flatten(), nn.Linear(3 * 4 * 4, 5))
    assert multiply_adds(network, (2, 9, 9)) == 3 * 4 * 4 * (2 * 9) + 5 * 48


def test_arithmetic_ratio_of_a_single_convolution_is_one():
    # One kernel as large as the window: nothing is shared by neighbouring windows.
    network = open_network(nn.Sequential(nn.Conv2d(1, 2, SIDE, stride=4), nn.Flatten()))
    network.check_window((SIDE, SIDE), 1)
    assert network.prove((SIDE, SIDE), np.random.default_rng(0).normal(size=(40, 40, 1))).stride == 4
    assert network.arithmetic_ratio((SIDE, SIDE), 1) == pytest.approx(1)


@pytest.mark.parametrize("labels", [(0, 1), ("stroke", "object")])
def test_risk_model_gives_the_log_odds_of_its_risks(labels, rng):
    y = np.array(labels)[(rng.random(120) < 0.5).astype(int)]
    images = (rng.normal(100, 25, (120, SIDE, SIDE)) + 3 * (y == labels[1])[:, None, None]).clip(0, 255)
    model = CNNRiskModel(
        architecture="valid", calibration="platt", max_epochs=1, precision="float32", random_state=0, event=labels[1]
    ).fit(images.astype(np.uint8), y)
    network = open_network(model)
    log_odds = network.crop_log_odds(images.astype(np.uint8)[..., np.newaxis])
    np.testing.assert_allclose(1 / (1 + np.exp(-log_odds)), model.predict_risk(images.astype(np.uint8)), rtol=1e-5)


def test_wrong_windows_and_outputs_are_refused_before_a_scan():
    network = open_network(made(valid))
    with pytest.raises(InputError, match="the window must be one that the network takes"):
        network.check_window((8, 8), 1)
    with pytest.raises(InputError, match="must be one that the network takes"):
        open_network(made(Functional)).check_window((SIDE, SIDE), 3)
    three = open_network(nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, 3)))
    with pytest.raises(InputError, match="one or two logits per window"):
        three.check_window((SIDE, SIDE), 1)
    assert open_network("no network") is None
