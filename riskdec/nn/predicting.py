"""From images to calibrated probabilities, with the fitted parts of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from riskdec._base.checks import refuse
from riskdec._base.codes import warn
from riskdec.errors import IncompleteRowsWarning
from riskdec.nn.devices import Place
from riskdec.nn.images.ahead import ahead
from riskdec.nn.images.door import open_images
from riskdec.nn.images.scan import check_pixels
from riskdec.nn.training.validation import log_odds_of_classes

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import BoolArray, FloatArray
    from riskdec.nn.calibration_layers import CalibrationLayer
    from riskdec.nn.images.source import ImageSource
    from riskdec.nn.losses.training_loss import TrainingLoss
    from riskdec.nn.network import RiskNetwork


class FittedParts(NamedTuple):
    """What turns images into probabilities.

    Attributes
    ----------
    network : RiskNetwork
        Pixels to logits.
    loss : TrainingLoss
        Knows what its minimiser means.
    layer : CalibrationLayer
        Logits to calibrated logits.
    shape : tuple of int
        Channels, height and width of an image.
    n_outcomes : int
        Number of classes.
    channels_last : bool
        Memory order in which the network works; another one would change the last digits.
    """

    network: RiskNetwork
    loss: TrainingLoss
    layer: CalibrationLayer
    shape: tuple[int, int, int]
    n_outcomes: int
    channels_last: bool

    @property
    def place(self) -> Place:
        """Where the network is."""
        return Place(self.network.mean.device, self.channels_last)


def predict_images(parts: FittedParts, X: object, *, image_size: tuple[int, int] | None) -> FloatArray:
    """Give the probabilities of images, NaN in rows of images that cannot be read: shape (n, K).

    Raises
    ------
    InputError
        For images of another shape than those of the fit.
    """
    source = open_for_prediction(parts, X, image_size=image_size)
    if not source.n:
        return np.empty((0, parts.n_outcomes))
    logits, readable = source_logits(parts, source)
    proba = probabilities(parts, logits)
    if not readable.all():
        first = source.name_of(int(np.flatnonzero(~readable)[0]))
        message = (
            f"{int((~readable).sum())} of {source.n} images cannot be read ({first} is the first); "
            "their rows are nan. The other rows stand."
        )
        warn("RD610", message, IncompleteRowsWarning)
        proba[~readable] = np.nan
    return proba


def open_for_prediction(parts: FittedParts, X: object, *, image_size: tuple[int, int] | None) -> ImageSource:
    """Open images that have to look like those of the fit."""
    source = open_images(X, image_size=image_size)
    if source.shape != parts.shape:
        words = "{} channel(s) of {} x {} pixels"
        raise refuse("X", f"hold images of {words.format(*parts.shape)}", words.format(*source.shape))
    return source


def source_logits(parts: FittedParts, source: ImageSource) -> tuple[Tensor, BoolArray]:
    """Give the logits of all images of a source (n, K), float64, and which of them could be read."""
    network, place = parts.network.eval(), parts.place
    logits, readable = [], []
    with torch.inference_mode():
        for places, (images, found) in ahead(source.parts(), in_background=source.decodes):
            logits.append(network(place.put(check_pixels(source, places, images))).float().cpu())
            readable.append(found)
    # Past inference mode, so that what comes after may differentiate.
    return torch.cat(logits).double().clone(), np.concatenate(readable)


def probabilities(parts: FittedParts, logits: Tensor) -> FloatArray:
    """Give calibrated probabilities (n, K) of logits."""
    with torch.inference_mode():
        calibrated = parts.layer(log_odds_of_classes(parts.loss, logits))
        return np.array(calibrated.softmax(dim=1).numpy())
