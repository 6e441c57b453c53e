"""Which arithmetic is faster here, found by trying."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Literal

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec.nn.devices import Place
    from riskdec.nn.network import RiskNetwork
    from riskdec.nn.training.plan import Precision

# Rounding to eight bits is worth it for a clear gain only; and a clear gain is found again in the next run.
_CLEAR_GAIN = 1.3
_TRIALS = 4
# Below this many steps the trial would cost more than it brings.
FEWEST_STEPS = 100


def choose_precision(
    precision: Literal["auto", "float32", "bfloat16"],
    network: RiskNetwork,
    images: Tensor,
    *,
    place: Place,
    n_steps: int,
) -> Precision:
    """Give the precision asked for, or with "auto" the faster one on a batch of these images.

    The trial works on a copy, and one step in each precision is not counted. bfloat16 has to be 1.3 times as fast.
    """
    if precision != "auto":
        return precision
    if n_steps < FEWEST_STEPS or place.device.type == "mps":
        return "float32"
    trial = copy.deepcopy(network).train()
    seconds: dict[bool, list[float]] = {False: [], True: []}
    try:
        for _ in range(_TRIALS + 1):
            for is_brief, kept in seconds.items():
                kept.append(_time_step(trial, images, place, is_brief=is_brief))
    except RuntimeError:
        # A layer of the user's has no bfloat16.
        return "float32"
    return "bfloat16" if min(seconds[False][1:]) > _CLEAR_GAIN * min(seconds[True][1:]) else "float32"


def _time_step(network: RiskNetwork, images: Tensor, place: Place, *, is_brief: bool) -> float:
    start = _clock(place)
    standard = network.standardise(place.put(images))
    with torch.autocast(place.device.type, torch.bfloat16, enabled=is_brief):
        logits = network.body(standard)
    logits.float().square().mean().backward()
    return _clock(place) - start


def _clock(place: Place) -> float:
    if place.device.type == "cuda":
        torch.cuda.synchronize(place.device)
        return time.perf_counter()
    # Time of this process alone: what else the machine does plays no part.
    return time.process_time()
