"""Overhead of the training loop in CPU time, and what bfloat16 with channels last brings: one thread, batch 256."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

_IMAGES, _BATCH, _EPOCHS, _PAIRS = 2560, 256, 2, 11


# A ratio of precisions says nothing where a loop differs from itself by more than this.
_SELF_AGREEMENT = 0.05


class Ratios(NamedTuple):
    """Ratios of CPU time of two ways, pair by pair; `same` is that of a way and itself, where it has to hold first."""

    job: str
    values: list[float]
    same: Ratios | None = None

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def line(self) -> str:
        """Give the median with the quartiles, as a ratio."""
        if self.same is not None and abs(self.same.median - 1) > _SELF_AGREEMENT:
            return f"{self.job:<64}  not quoted: the loop over itself took {self.same.median:.3f}"
        low, middle, high = statistics.quantiles(self.values, n=4)
        return f"{self.job:<64} {middle:6.3f} (quartiles {low:.3f} to {high:.3f}, {len(self.values)} pairs)"


def run() -> list[Ratios]:
    """Give an A/A pair of the plain loop, our overhead, and the ratio of the precisions; empty without torch."""
    try:
        import torch
    except ImportError:
        return []
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [
            _compare("plain loop over itself, float32", _plain("float32"), _plain("float32")),
            _compare("riskdec over plain loop, float32", _ours("float32"), _plain("float32")),
            _compare("plain loop over itself, bfloat16", _plain("bfloat16"), _plain("bfloat16")),
            _compare("riskdec over plain loop, bfloat16", _ours("bfloat16"), _plain("bfloat16")),
            *_precisions("small", _small),
            *_precisions("conv 32, conv 64, dense 128 with pooling", _pooled),
        ]
    finally:
        torch.set_num_threads(before)


def _precisions(name: str, network: Callable[[], nn.Module]) -> list[Ratios]:
    """Compare a plain float32 loop in torch's own memory order with itself, and with ours in bfloat16."""
    same = _compare(f"plain float32, contiguous, over itself: {name}", _contiguous(network), _contiguous(network))
    job = f"... over riskdec bfloat16, channels last: {name}"
    return [same, _compare(job, _contiguous(network), _ours("bfloat16", network))._replace(same=same)]


def _small() -> nn.Module:
    from riskdec.nn.architectures import build_architecture

    return build_architecture("small", in_channels=1, image_size=(28, 28), n_outcomes=10)


def _pooled() -> nn.Module:
    """Give the network of many tutorials: two valid convolutions with pooling, two dense layers."""
    from torch import nn

    convolutions = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10))


def _compare(job: str, first: Callable[[], None], second: Callable[[], None]) -> Ratios:
    first()
    second()
    values = []
    for pair in range(_PAIRS):
        # Whoever comes second finds warmer caches, so the order changes from pair to pair.
        order = (first, second) if pair % 2 else (second, first)
        seconds = {way: _cpu_seconds(way) for way in order}
        values.append(seconds[first] / seconds[second])
    return Ratios(job, values)


def _cpu_seconds(way: Callable[[], None]) -> float:
    start = time.process_time()
    way()
    return time.process_time() - start


def _data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, _IMAGES)
    return (rng.integers(0, 200, (_IMAGES, 28, 28)) + 5 * y[:, None, None]).astype(np.uint8), y


def _ours(precision: str, network: Callable[[], nn.Module] = _small) -> Callable[[], None]:
    """Give the epochs of our loop with order, schedule and sums, without what `fit` does before and after them."""
    import torch

    from riskdec import CNNRiskModel
    from riskdec.nn.building import build_run
    from riskdec.nn.losses.making import make_loss
    from riskdec.nn.opening import divide, open_rows
    from riskdec.nn.options import make_plan
    from riskdec.nn.training.epoch import train_epoch
    from riskdec.nn.training.parallel import Processes

    options = {"max_epochs": 1000, "batch_size": _BATCH, "precision": precision, "average_decay": None}
    model = CNNRiskModel(architecture=network(), **options)
    images, y = _data()
    # As many images in the training part as the plain loop has.
    extra = np.tile(np.arange(len(y)), 2)[: len(y) * 5 // 4]
    opened = open_rows(model, images[extra], y[extra], sample_weight=None, groups=None, offset=None)
    parts = divide(opened, fraction=0.2, rng=np.random.default_rng(0))
    loss = make_loss("cross_entropy", class_counts=parts.counts)
    device = torch.device("cpu")
    run_ = build_run(model, make_plan(model, 0), parts, loss, device=device, processes=Processes(), precision=precision)
    last = [time.monotonic()]

    def after_batch() -> None:
        last[0] = time.monotonic()

    def epochs() -> None:
        for _ in range(_EPOCHS):
            train_epoch(run_, parts.training, after_batch)
            run_.epoch, run_.batch = run_.epoch + 1, 0
            run_.sums.zero_()

    return epochs


def _plain(precision: str) -> Callable[[], None]:
    import torch

    return _loop(_small, is_brief=precision == "bfloat16", order=torch.channels_last)


def _contiguous(network: Callable[[], nn.Module]) -> Callable[[], None]:
    import torch

    return _loop(network, is_brief=False, order=torch.contiguous_format)


def _loop(make_network: Callable[[], nn.Module], *, is_brief: bool, order: object) -> Callable[[], None]:
    """Give the loop of every tutorial: tensors in memory, batches by index, nothing counted, nothing shown."""
    import torch
    from torch.nn.functional import cross_entropy

    images, y = _data()
    pixels, targets = torch.from_numpy(images)[:, None], torch.from_numpy(y)
    mean, scale = float(pixels.float().mean()), float(pixels.float().std())
    torch.manual_seed(0)
    network = make_network().to(memory_format=order)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01, foreach=True)

    def epochs() -> None:
        for _ in range(_EPOCHS):
            for rows in torch.randperm(len(pixels)).split(_BATCH):
                batch = ((pixels[rows].float() - mean) / scale).contiguous(memory_format=order)
                optimizer.zero_grad()
                with torch.autocast("cpu", torch.bfloat16, enabled=is_brief):
                    logits = network(batch)
                cross_entropy(logits.float(), targets[rows]).backward()
                optimizer.step()

    return epochs


def main() -> None:
    """Print the ratios."""
    for ratios in run():
        print(ratios.line(), flush=True)


if __name__ == "__main__":
    main()
