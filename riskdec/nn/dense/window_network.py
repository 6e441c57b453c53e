"""A network seen from a sliding window: pixels in, log odds of the event out, one window or a whole tile at a time."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn

from riskdec._base.checks import choose_event, refuse
from riskdec.models.faces import require_fitted
from riskdec.nn.dense.measuring import DenseForm, arithmetic_ratio, as_map, patch_side, prove_dense
from riskdec.nn.dense.precision import exact_inference
from riskdec.nn.devices import Place, takes_channels_last
from riskdec.nn.risk_model import CNNRiskModel
from riskdec.nn.training.validation import log_odds_of_classes

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.nn.predicting import FittedParts

# Where a patch is too flat to tell two networks apart, its noise is this.
_LEAST_SPREAD = 1e-3


class RiskOutput(NamedTuple):
    """What turns the logits of a network into the log odds of the event.

    Attributes
    ----------
    parts : FittedParts or None
        Loss and calibration layer of a risk model; None for a network whose logits are taken as they are.
    column : int
        The outcome that is the event, of those of a risk model.
    """

    parts: FittedParts | None
    column: int

    def log_odds(self, logits: Tensor) -> FloatArray:
        """Map logits (n, K) to log odds (n,), in float64."""
        values = logits.double().cpu()
        if self.parts is not None:
            values = self.parts.layer(log_odds_of_classes(self.parts.loss, values))
        if values.shape[1] == 1:
            return np.array(values[:, 0].numpy())
        others = torch.cat([values[:, : self.column], values[:, self.column + 1 :]], dim=1)
        return np.array((values[:, self.column] - others.logsumexp(dim=1)).numpy())


class WindowNetwork:
    """A network, where it runs, and what its logits mean.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode; maps pixels (n, c, h, w) to logits (n, K) or (n,).
    output : RiskOutput
        From logits to log odds.
    place : Place
        Device and memory order.
    shape : (int, int, int) or None
        Channels, height and width of the windows that the network was made for, where it says so.
    """

    def __init__(
        self, network: nn.Module, output: RiskOutput, place: Place, shape: tuple[int, int, int] | None
    ) -> None:
        self._network = network
        self._output = output
        self._place = place
        self._dense: DenseForm | None = None
        self.shape = shape

    @property
    def pixel_statistics(self) -> tuple[FloatArray, FloatArray] | None:
        """Mean and standard deviation of each channel in training, in the unit of the pixels, where they are known."""
        parts = self._output.parts
        if parts is None:
            return None
        return parts.network.mean.numpy(force=True).ravel(), parts.network.scale.numpy(force=True).ravel()

    @property
    def n_channels(self) -> int | None:
        """Channels of the windows, where the network says so."""
        return None if self.shape is None else self.shape[0]

    def check_window(self, window: tuple[int, int], n_channels: int) -> None:
        """Refuse windows that the network cannot take, before anything is scanned.

        Raises
        ------
        InputError
            If one window of zeros does not give one row of logits.
        """
        if self.shape is not None and self.shape[1:] != window:
            known = f"{self.shape[1]} x {self.shape[2]} pixels, as in training"
            raise refuse("window", f"be {known}", f"{window[0]} x {window[1]}", "To find larger objects use scales.")
        zeros = np.zeros((2, *window, n_channels), dtype=np.float32)
        if self._output.parts is None:
            self._place = Place(self._place.device, takes_channels_last(self._network, self._tensor(zeros)))
        try:
            with exact_inference():
                found = tuple(self._logits(zeros).shape)
        except (RuntimeError, ValueError) as err:
            got = f"{window[0]} x {window[1]} pixels with {n_channels} channel(s) ({err!s:.100})"
            raise refuse("the window", "be one that the network takes", got) from err
        is_model = self._output.parts is not None
        if len(found) != 2 or found[0] != 2 or (not is_model and found[1] not in (1, 2)):
            cure = "Wrap a network of more outcomes so that it gives the logit of the event."
            raise refuse("model", "give one or two logits per window", f"shape {found} for two windows", cure)

    def prove(self, window: tuple[int, int], image: AnyArray) -> DenseForm:
        """Look for a dense form and measure it: on random pixels, and on the middle of an image (h, w, c)."""
        margin = [patch_side(side, 32) for side in window]
        start = [max((have - want) // 2, 0) for have, want in zip(image.shape[:2], margin, strict=True)]
        real = np.asarray(image[start[0] : start[0] + margin[0], start[1] : start[1] + margin[1]], dtype=np.float32)
        spread = max(float(real.std()), _LEAST_SPREAD * max(1.0, float(np.abs(real).max())))
        noise = np.random.default_rng(0).normal(float(real.mean()), spread, (*margin, image.shape[2]))
        patches = [self._tensor(patch[np.newaxis].astype(np.float32)) for patch in (noise, real)]
        self._dense = prove_dense(self._network, window, patches)
        return self._dense

    def arithmetic_ratio(self, window: tuple[int, int], n_channels: int) -> float:
        """Give how many times the multiply-adds of the dense form one window after the other needs, at its stride."""
        if self._dense is None:
            return 1.0
        return arithmetic_ratio(self._network, self._dense, window, in_channels=n_channels)

    def crop_log_odds(self, crops: AnyArray) -> FloatArray:
        """Give the log odds of windows (n, h, w, c): shape (n,)."""
        with exact_inference():
            return self._output.log_odds(self._logits(crops))

    def tile_log_odds(self, tile: AnyArray) -> FloatArray:
        """Give the log odds of all windows of a tile (h, w, c) at the stride of the network: shape (rows, columns)."""
        if self._dense is None or self._dense.network is None:
            raise refuse("the network", "have a dense form", "none", "Scan it window by window.")
        with exact_inference():
            logits = as_map(self._dense.network(self._tensor(tile[np.newaxis])))[0].float()
            rows, columns = logits.shape[1:]
            return self._output.log_odds(logits.reshape(len(logits), -1).T).reshape(rows, columns)

    def _logits(self, crops: AnyArray) -> Tensor:
        found = self._network(self._tensor(crops)).float()
        return found[:, None] if found.ndim == 1 else found

    def _tensor(self, images: AnyArray) -> Tensor:
        return self._place.put(torch.from_numpy(np.ascontiguousarray(images, dtype=np.float32)).permute(0, 3, 1, 2))


def open_network(model: object) -> WindowNetwork | None:
    """Open a model as a network, or give None for what is none.

    Parameters
    ----------
    model : CNNRiskModel or torch.nn.Module
        A fitted model, whose calibration and event are used; or a network whose logits are log odds (one per window) or
        stand for "nothing" and "object" (two per window). A network is copied.
    """
    if isinstance(model, CNNRiskModel):
        parts = require_fitted(model, "parts_")
        event = choose_event(model.classes_, model.event, name="y")
        output = RiskOutput(parts, model.classes_.tolist().index(event))
        return WindowNetwork(parts.network.eval(), output, parts.place, parts.shape)
    if isinstance(model, nn.Module):
        network = copy.deepcopy(model).eval().float()
        first = next(iter((*network.parameters(), *network.buffers())), torch.zeros(1))
        return WindowNetwork(network, RiskOutput(None, 1), Place(first.device), None)
    return None
