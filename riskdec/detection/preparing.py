"""Before the first scene: does the model take its windows, and may it see the scene as a whole?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.codes import warn
from riskdec.detection.scanning import Evaluation
from riskdec.errors import RiskdecWarning

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray
    from riskdec.nn.dense import DenseForm, WindowNetwork

# Pixels of 0 to 1 beside 0 to 255 differ by a factor of 255; other cameras and other light by less than these.
_SHIFTED = 20.0
_SQUEEZED = 30.0
# So many pixels along each side of a scene tell its unit.
_SAMPLE = 512


def prepare(
    network: WindowNetwork | None, pixels: AnyArray, window: tuple[int, int], stride: int | None
) -> tuple[Evaluation, int]:
    """Say how the windows of a scene are evaluated, and at which stride.

    Raises
    ------
    InputError
        If the network does not take windows of this size and these channels.
    """
    without = stride or max(min(window) // 4, 1)
    if network is None:
        return Evaluation("crops", "the model is no network"), without
    network.check_window(window, pixels.shape[2])
    _check_unit(network, pixels)
    form = network.prove(window, pixels)
    if form.network is None:
        _warn(form.reason)
        return Evaluation("crops", form.reason, form.difference), without
    return _choose(network, form, window, pixels.shape[2], stride or form.stride)


def _choose(
    network: WindowNetwork, form: DenseForm, window: tuple[int, int], n_channels: int, stride: int
) -> tuple[Evaluation, int]:
    """Choose dense evaluation where strides fit and it needs less arithmetic."""
    from riskdec.nn.dense.scanning import plan_steps

    steps = plan_steps(stride, form.stride)
    if steps is None:
        reason = f"stride {stride} neither divides the network's {form.stride} nor is a multiple of it"
        _warn(reason)
        return Evaluation("crops", reason, form.difference, form.stride), stride
    ratio = network.arithmetic_ratio(window, n_channels) / steps.every**2
    if ratio < 1:
        reason = f"windows {stride} pixels apart need less arithmetic one by one"
        return Evaluation("crops", reason, form.difference, form.stride), stride
    reason = f"equal to crops within {form.difference:.1g} with {ratio:.3g} times less arithmetic"
    return Evaluation("dense", reason, form.difference, form.stride), stride


def _warn(reason: str) -> None:
    message = (
        f"windows are evaluated one by one, which takes many times longer: {reason}. The risks are the same. Networks "
        "of valid convolutions, such as architecture='valid', scan a whole scene at once."
    )
    warn("RD701", message, RiskdecWarning)


def _check_unit(network: WindowNetwork, pixels: AnyArray) -> None:
    """Warn of pixels whose mean and spread are nothing like those of the training images."""
    known = network.pixel_statistics
    if known is None:
        return
    every = [max(side // _SAMPLE, 1) for side in pixels.shape[:2]]
    sample = np.asarray(pixels[:: every[0], :: every[1]], dtype=np.float64).reshape(-1, pixels.shape[2])
    mean, spread = sample.mean(axis=0), sample.std(axis=0)
    away = np.abs(mean - known[0]) / known[1]
    factor = np.maximum(spread / known[1], known[1] / np.maximum(spread, 1e-12))
    # A scene of one colour has no spread, and is no sign of another unit.
    if (away > _SHIFTED).any() or (factor[spread > 0] > _SQUEEZED).any():
        message = (
            f"the pixels of the scene have mean {mean[0]:.3g} and standard deviation {spread[0]:.3g}, those of the "
            f"training images had {known[0][0]:.3g} and {known[1][0]:.3g}: they look to be in another unit. Bring them "
            "to that of the training images (0 to 255, or 0 to 1)."
        )
        warn("RD700", message, RiskdecWarning)
