"""Export of a network with its calibration layer: images in, calibrated probabilities out, without riskdec."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import torch
from torch import nn

from riskdec._base.checks import check_option, refuse
from riskdec._base.optional import require

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec.nn.losses.training_loss import TrainingLoss

ExportFormat = Literal["torch", "onnx"]
_SUFFIX = {"torch": ".pt2", "onnx": ".onnx"}
# An example batch of one image would make "one image" part of the exported program.
_EXAMPLE_ROWS = 2


class CalibratedNetwork(nn.Module):
    """A network, the way back from its loss to probabilities, and its calibration layer, as one module.

    Parameters
    ----------
    network : torch.nn.Module
        Maps images to logits (n, K).
    layer : torch.nn.Module
        Calibration layer: maps logits, or what the loss makes of them, to calibrated logits.
    loss : TrainingLoss, optional
        A loss whose minimiser is not the logit of the probabilities; its inverse comes before the layer.
    """

    def __init__(self, network: nn.Module, layer: nn.Module, loss: TrainingLoss | None = None) -> None:
        super().__init__()
        self.network = network
        self.layer = layer
        self.loss = loss

    def forward(self, images: Tensor) -> Tensor:
        """Map images (n, C, h, w) to probabilities (n, K) in float32, rows summing to one."""
        # As `predict_proba` does: what follows may have large factors, and costs nothing beside the network.
        logits = self.network(images).double()
        if self.loss is not None:
            proper = self.loss.to_logits(logits)
            logits = logits if proper is None else proper
        return self.layer(logits).softmax(dim=1).float()


def export_network(
    module: nn.Module,
    path: str | Path,
    *,
    image_shape: tuple[int, int, int],
    image_dtype: torch.dtype = torch.float32,
    format: ExportFormat | None = None,
) -> Path:
    """Write a module of images for use without riskdec.

    Parameters
    ----------
    module : torch.nn.Module
        For example a `CalibratedNetwork`. It is exported as it predicts: without dropout, with the averages of
        BatchNorm, on the CPU.
    path : str or Path
        The file; an existing one is replaced.
    image_shape : (int, int, int)
        Channels, height and width of an image.
    image_dtype : torch.dtype
        Type of the images that the exported program takes.
    format : {"torch", "onnx"}, optional
        A ``torch.export`` program (``.pt2``) or an ONNX graph (``.onnx``); by default what the suffix says. ONNX needs
        the extra ``onnx``.

    Returns
    -------
    Path
        The file. Its program takes any number of images at once.

    Raises
    ------
    InputError
        For a suffix that does not tell the format.
    MissingExtraError
        For ONNX without its extra.

    Examples
    --------
    >>> import tempfile
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.Softmax(dim=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = export_network(network, Path(folder) / "tiny.pt2", image_shape=(1, 2, 2))
    ...     same = torch.export.load(file).module()
    >>> tuple(same(torch.zeros(7, 1, 2, 2)).shape)
    (7, 2)
    """
    target = Path(path)
    chosen = check_option(format or _format_of(target), _SUFFIX, name="format")
    example = torch.zeros(_EXAMPLE_ROWS, *image_shape, dtype=image_dtype)
    # A copy: the caller's module may be in training, on another device, and go on learning.
    copied = copy.deepcopy(module).eval().cpu().requires_grad_(requires_grad=False)
    for values in (*copied.parameters(), *copied.buffers()):
        # Channels-last weights, and those that share memory, are written as what they are.
        values.data = values.data.clone(memory_format=torch.contiguous_format)
    if chosen == "torch":
        batch = torch.export.Dim("batch", min=1)
        torch.export.save(torch.export.export(copied, (example,), dynamic_shapes=({0: batch},)), target)
    else:
        _write_onnx(copied, example, target)
    return target


def _format_of(path: Path) -> str:
    named = {suffix: name for name, suffix in _SUFFIX.items()}
    if path.suffix not in named:
        raise refuse("path", f"end in {' or '.join(named)}", repr(path.name), "Or say which format is meant.")
    return named[path.suffix]


def _write_onnx(module: nn.Module, example: Tensor, path: Path) -> None:
    for package in ("onnx", "onnxscript"):
        require(package, extra="onnx", caller="export to ONNX")
    batch = torch.export.Dim("batch", min=1)
    program = torch.onnx.export(
        module,
        (example,),
        dynamic_shapes=({0: batch},),
        input_names=["images"],
        output_names=["probabilities"],
        dynamo=True,
        verbose=False,
    )
    program.save(path)
