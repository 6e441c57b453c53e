from __future__ import annotations

import importlib.util

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn

from riskdec.errors import InputError, MissingExtraError
from riskdec.nn import CNNRiskModel
from riskdec.nn.architectures import build_architecture
from riskdec.nn.calibration_layers import BetaLayer, IdentityLayer, TemperatureLayer
from riskdec.nn.export import CalibratedNetwork, export_network
from riskdec.nn.losses import make_loss

HAS_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))


def calibrated(name: str, layer: nn.Module, loss: nn.Module | None = None) -> CalibratedNetwork:
    torch.manual_seed(0)
    network = build_architecture(name, in_channels=1, image_size=(16, 16), n_outcomes=2, dropout=0.2)
    if name == "resnet":
        network(torch.randn(32, 1, 16, 16))
    return CalibratedNetwork(network, layer, loss).eval()


@pytest.mark.parametrize("name", ["small", "valid", "resnet"])
def test_exported_program_gives_the_same_probabilities_for_any_number_of_images(name, tmp_path) -> None:
    module = calibrated(name, BetaLayer(0.7, 1.3, 0.2))
    file = export_network(module, tmp_path / "model.pt2", image_shape=(1, 16, 16))
    program = torch.export.load(file).module()
    for n in (1, 2, 9):
        images = torch.randn(n, 1, 16, 16)
        torch.testing.assert_close(program(images), module(images), rtol=1e-5, atol=1e-7)


def test_inverse_of_the_loss_is_part_of_the_export(tmp_path) -> None:
    loss = make_loss("focal", class_counts=np.array([9.0, 1.0]), class_weight=np.array([1.0, 9.0]))
    module = calibrated("small", IdentityLayer(), loss)
    images = torch.randn(5, 1, 16, 16)
    torch.testing.assert_close(module(images), loss.to_probabilities(module.network(images).double()).float())
    file = export_network(module, tmp_path / "model.pt2", image_shape=(1, 16, 16))
    torch.testing.assert_close(torch.export.load(file).module()(images), module(images), rtol=1e-5, atol=1e-7)


def test_export_takes_the_type_of_the_images_and_leaves_the_module_as_it_was(tmp_path) -> None:
    class Pixels(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.float() / 255

    module = nn.Sequential(Pixels(), calibrated("small", TemperatureLayer(0.5))).train()
    file = export_network(module, tmp_path / "model.pt2", image_shape=(1, 16, 16), image_dtype=torch.uint8)
    assert module.training
    assert all(values.requires_grad for values in module[1].network.parameters())
    program = torch.export.load(file).module()
    images = torch.randint(0, 256, (3, 1, 16, 16), dtype=torch.uint8)
    # Without dropout and gradients, although the module was in training.
    assert not program(images).requires_grad
    torch.testing.assert_close(program(images), module.eval()(images), rtol=1e-5, atol=1e-7)


def test_export_asks_for_a_suffix_that_tells_the_format(tmp_path) -> None:
    with pytest.raises(InputError, match=r"path must end in \.pt2 or \.onnx; got 'model.bin'"):
        export_network(nn.Flatten(), tmp_path / "model.bin", image_shape=(1, 2, 2))


@pytest.mark.skipif(importlib.util.find_spec("onnx") is not None, reason="onnx is installed")
def test_export_to_onnx_says_what_to_install(tmp_path) -> None:
    with pytest.raises(MissingExtraError, match=r"riskdec\[onnx\]"):
        export_network(nn.Flatten(), tmp_path / "model.onnx", image_shape=(1, 2, 2))


@pytest.mark.skipif(not HAS_ONNX, reason="onnx, onnxscript and onnxruntime are not installed")
@pytest.mark.filterwarnings("ignore")
def test_onnx_graph_gives_the_same_probabilities_for_any_number_of_images(tmp_path) -> None:
    import onnxruntime

    module = calibrated("small", BetaLayer(0.7, 1.3, 0.2))
    file = export_network(module, tmp_path / "model.onnx", image_shape=(1, 16, 16))
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for n in (1, 5):
        images = torch.randn(n, 1, 16, 16)
        (proba,) = session.run(None, {"images": images.numpy()})
        np.testing.assert_allclose(proba, module(images).detach(), atol=1e-5)


def test_export_of_a_fitted_model_gives_its_risks(tmp_path, rng) -> None:
    y = rng.integers(0, 3, 150)
    images = (rng.integers(0, 60, (150, 12, 12)) + 60 * y[:, None, None] * np.eye(12)).astype(np.uint8)
    model = CNNRiskModel(max_epochs=1, loss="focal", class_weight="balanced", precision="float32", random_state=0)
    parts = model.fit(images, y).parts_
    module = CalibratedNetwork(parts.network, parts.layer, parts.loss)
    file = export_network(module, tmp_path / "model.pt2", image_shape=parts.shape, image_dtype=torch.uint8)
    proba = torch.export.load(file).module()(torch.from_numpy(images[:, None]))
    np.testing.assert_allclose(proba, model.predict_proba(images), rtol=0, atol=1e-6)
