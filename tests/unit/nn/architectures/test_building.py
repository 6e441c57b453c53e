from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn

from riskdec.errors import InputError
from riskdec.nn.architectures import ArchitectureArguments, build_architecture, build_from, describe, layer_rows

SHAPES = [
    ("small", 1, (28, 28), 2),
    ("small", 3, (32, 32), 10),
    ("small", 2, (5, 7), 3),
    ("small", 1, (130, 65), 2),
    ("valid", 1, (16, 16), 2),
    ("valid", 3, (12, 20), 3),
    ("valid", 1, (32, 36), 2),
    ("resnet", 3, (32, 32), 10),
    ("resnet", 1, (9, 17), 2),
]


@pytest.mark.parametrize(("name", "channels", "size", "k"), SHAPES)
def test_network_gives_one_row_of_logits_per_image(name, channels, size, k) -> None:
    network = build_architecture(name, in_channels=channels, image_size=size, n_outcomes=k).eval()
    images = torch.randn(3, channels, *size)
    logits = network(images)
    assert logits.shape == (3, k)
    torch.testing.assert_close(network(images[1:2]), logits[1:2], rtol=1e-4, atol=1e-5)


def test_small_is_the_network_of_its_description() -> None:
    network = build_architecture("small", in_channels=3, image_size=(32, 32), n_outcomes=10)
    kinds = {row["kind"] for row in layer_rows(network)}
    assert kinds == {"Conv2d", "ReLU", "Flatten", "Linear"}
    convolutions = [(5 * 5 * 3 + 1) * 32, (3 * 3 * 32 + 1) * 64, (3 * 3 * 64 + 1) * 128]
    dense = [(4 * 4 * 128 + 1) * 128, (128 + 1) * 10]
    counts = [row["n_parameters"] for row in layer_rows(network) if row["n_parameters"]]
    assert counts == convolutions + dense


def test_small_keeps_its_dense_layer_small_on_large_images() -> None:
    network = build_architecture("small", in_channels=1, image_size=(512, 512), n_outcomes=2)
    assert max(row["n_parameters"] for row in layer_rows(network)) <= (8 * 8 * 128 + 1) * 128


@pytest.mark.parametrize("name", ["small", "valid", "resnet"])
def test_dropout_acts_in_training_only(name) -> None:
    network = build_architecture(name, in_channels=1, image_size=(16, 16), n_outcomes=2, dropout=0.5)
    images = torch.randn(4, 1, 16, 16)
    network.train()
    assert not torch.equal(network(images), network(images))
    network.eval()
    assert torch.equal(network(images), network(images))


def test_seed_decides_the_weights() -> None:
    states = []
    for _ in range(2):
        torch.manual_seed(7)
        states.append(build_architecture("resnet", in_channels=1, image_size=(16, 16), n_outcomes=2).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_arguments_rebuild_the_network_from_json() -> None:
    network = build_architecture("valid", in_channels=1, image_size=(16, 24), n_outcomes=3, dropout=0.2)
    stored = json.loads(json.dumps(network.arguments.to_dict()))
    again = build_from(ArchitectureArguments.from_dict(stored))
    assert again.arguments == network.arguments
    again.load_state_dict(network.state_dict())
    images = torch.randn(2, 1, 16, 24)
    torch.testing.assert_close(again.eval()(images), network.eval()(images), rtol=0, atol=0)


@pytest.mark.parametrize("window", [(16, 16), (12, 20), (28, 28), (32, 32)])
def test_dense_map_of_a_scene_equals_its_windows(window) -> None:
    network = build_architecture("valid", in_channels=2, image_size=window, n_outcomes=3, dropout=0.3).eval()
    scene = torch.randn(1, 2, 47, 61)
    maps = network.dense(scene)
    rows, columns = (47 - window[0]) // 4 + 1, (61 - window[1]) // 4 + 1
    assert maps.shape == (1, 3, rows, columns)
    cut = torch.stack(
        [scene[0, :, 4 * i : 4 * i + window[0], 4 * j : 4 * j + window[1]] for i in range(rows) for j in range(columns)]
    )
    torch.testing.assert_close(network(cut).T.reshape(3, rows, columns), maps[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("window", [(16, 16), (32, 36)])
def test_every_pixel_of_a_window_and_no_other_reaches_its_logit(window) -> None:
    network = build_architecture("valid", in_channels=1, image_size=window, n_outcomes=2).double()
    for place, layer in enumerate(network.features):
        # Means in place of maxima and positive weights: nothing hides a pixel.
        if isinstance(layer, nn.MaxPool2d):
            network.features[place] = nn.AvgPool2d(layer.kernel_size)
    for values in network.parameters():
        values.data.abs_()
    scene = torch.rand(1, 1, window[0] + 4, window[1] + 4, dtype=torch.float64).requires_grad_()
    network.dense(scene)[0, 1, 0, 0].backward()
    touched = scene.grad[0, 0]
    expected = torch.zeros_like(touched, dtype=torch.bool)
    expected[: window[0], : window[1]] = True
    assert torch.equal(touched > 0, expected)


def test_describe_counts_every_parameter_once() -> None:
    network = build_architecture("resnet", in_channels=1, image_size=(16, 16), n_outcomes=2)
    total = sum(values.numel() for values in network.parameters())
    assert sum(row["n_parameters"] for row in layer_rows(network)) == total
    assert f"ResidualNetwork: {total:,} parameters" in str(describe(network))


def test_layer_rows_tell_networks_apart_that_do_not_take_each_others_weights() -> None:
    one, other = (layer_rows(nn.Sequential(nn.Linear(*shape))) for shape in ((3, 4), (4, 3)))
    assert one[0]["shapes"] == {"weight": [4, 3], "bias": [4]}
    assert one[0]["shapes"] != other[0]["shapes"]
    json.dumps(one)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": "vgg"}, "architecture must be one of 'small', 'valid', 'resnet'"),
        ({"n_outcomes": 1}, "n_outcomes must be a whole number of at least 2"),
        ({"in_channels": 0}, "in_channels must be a whole number of at least 1"),
        ({"dropout": 1.0}, "dropout must be below 1"),
        ({"dropout": -0.1}, "dropout must be a number of at least 0"),
        ({"image_size": (4, 28)}, "image_size must be at least 5x5"),
        ({"name": "valid", "image_size": (30, 28)}, "multiples of 4 and at least 12"),
        ({"name": "valid", "image_size": (8, 8)}, "multiples of 4 and at least 12"),
        ({"name": "resnet", "image_size": (7, 28)}, "image_size must be at least 8x8"),
    ],
)
def test_build_architecture_refuses_what_it_cannot_build(changed, message) -> None:
    arguments = {"name": "small", "in_channels": 1, "image_size": (28, 28), "n_outcomes": 2, **changed}
    with pytest.raises(InputError, match=message):
        build_architecture(**arguments)


def test_numbers_of_numpy_are_taken_and_stored_as_plain_ones() -> None:
    network = build_architecture("small", in_channels=np.int64(1), image_size=(np.int64(8), 8), n_outcomes=np.int64(2))
    json.dumps(network.arguments.to_dict())
