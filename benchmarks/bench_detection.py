"""One pass over a whole scene against its windows one by one: 1024 x 1024 pixels, stride 4, float32, one thread.

The multiply-adds of both are printed beside the ratio: what exceeds theirs is memory, since features of small crops fit
a cache worse. Crops go through the library's own loop in batches of 256. CPU time, in turn in one process.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.interleave import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIDE, _STRIDE = 1024, 4
_WINDOWS = (16, 24, 28, 32)
_PAIRS = 3


def run() -> Iterator[Comparison]:
    """Yield one comparison for each window size; none without torch."""
    try:
        import torch
    except ImportError:
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for window in _WINDOWS:
            yield _compare(window)
    finally:
        torch.set_num_threads(before)


def _compare(window: int) -> Comparison:
    import torch

    from riskdec.detection.pyramid import ScaledImage
    from riskdec.detection.scanning import Evaluation, scan
    from riskdec.detection.windows import WindowGrid
    from riskdec.nn.architectures import build_architecture
    from riskdec.nn.dense import multiply_adds, open_network

    torch.manual_seed(0)
    module = build_architecture("valid", in_channels=1, image_size=(window, window), n_outcomes=2)
    network = open_network(module)
    assert network is not None
    network.check_window((window, window), 1)
    pixels = np.random.default_rng(0).normal(size=(_SIDE, _SIDE, 1)).astype(np.float32)
    form = network.prove((window, window), pixels)
    assert form.network is not None
    image = ScaledImage(pixels, (_SIDE, _SIDE))
    grid = WindowGrid((_SIDE, _SIDE), (window, window), _STRIDE)
    dense, crops = Evaluation("dense", "", form.difference, form.stride), Evaluation("crops", "")
    largest = np.abs(scan(image, grid, network, network, dense) - scan(image, grid, network, network, crops)).max()
    ratio = multiply_adds(module, (1, window, window)) * grid.n / multiply_adds(form.network, (1, _SIDE, _SIDE))
    note = f"multiply-adds {ratio:.1f} times as many; largest difference of log odds {largest:.0e}"
    job = f"scan 1024 x 1024, window {window}, stride {_STRIDE}"
    ways: tuple[Callable[[], object], Callable[[], object]] = (
        lambda: scan(image, grid, network, network, dense),
        lambda: scan(image, grid, network, network, crops),
    )
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(_PAIRS):
        for kept, way in zip(seconds, ways, strict=True):
            start = time.process_time()
            way()
            kept.append(time.process_time() - start)
    return Comparison(job, "crops in batches of 256", *seconds, note)


if __name__ == "__main__":
    for comparison in run():
        print(comparison.line(), flush=True)
