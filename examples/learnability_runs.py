"""The runs behind `learnability_imbalance.py`: networks with and without recall-driven weights, seed by seed.

A run is written to a file once it is finished and read from there the next time. One seed and one arm make a run: a
plain fit, weights `(mean recall / recall_k) ** power` from its recalls on the held-out part, and a fit with them from
the same first weights, on the same images in the same order.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np
import torch

import riskdec as rd
from riskdec.nn.building import build_run
from riskdec.nn.images.door import open_images
from riskdec.nn.losses.making import make_loss
from riskdec.nn.opening import Parts, divide, open_rows
from riskdec.nn.options import make_plan
from riskdec.nn.training.loop import keep_best, one_epoch
from riskdec.nn.training.parallel import Processes
from riskdec.nn.training.validation import network_logits, run_logits

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.nn.training.run import Run

EPOCHS = (1, 2, 3, 4, 6, 8, 11, 15, 20, 25, 30)
ARMS = {
    "plain": {"weight_decay": 0.0},
    "regularised": {"weight_decay": 0.05, "augment": ("flip", "shift"), "dropout": 0.3},
}


@dataclass(frozen=True)
class Settings:
    """What every run shares."""

    data: Path
    folder: Path
    epochs: tuple[int, ...] = EPOCHS
    power: float = 4.0
    held_out: float = 0.2
    batch_size: int = 128


def file_of(settings: Settings, arm: str, seed: int) -> Path:
    """Give the file of a run."""
    return settings.folder / f"{arm}-power{settings.power:g}-seed{seed}.npz"


def make_runs(settings: Settings, seeds: range, n_workers: int) -> dict[str, list[dict[str, np.ndarray]]]:
    """Read the runs that are there and make those that are not, one thread per process."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    wanted = [(settings, arm, seed) for seed in seeds for arm in ARMS]
    missing = [job for job in wanted if not file_of(*job).exists()]
    if n_workers == 1:
        for job in missing:
            make_run(*job)
    elif missing:
        # A fresh process reads these before it imports torch.
        os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
        with get_context("spawn").Pool(n_workers) as pool:
            pool.starmap(make_run, missing, chunksize=1)
    found: dict[str, list[dict[str, np.ndarray]]] = {arm: [] for arm in ARMS}
    for job in wanted:
        with np.load(file_of(*job)) as file:
            found[job[1]].append(dict(file))
    return found


def make_run(settings: Settings, arm: str, seed: int) -> None:
    """Fit the plain and the weighted network of one seed, and write what they say about held-out and test images."""
    torch.set_num_threads(1)
    start = time.process_time()
    with np.load(settings.data) as file:
        images, labels, test = file["X_train"], file["y_train"], file["X_test"]
        arrays = {"y_test": file["y_test"], "names": file["class_names"]}
    model = rd.CNNRiskModel(
        max_epochs=settings.epochs[-1],
        batch_size=settings.batch_size,
        validation_fraction=settings.held_out,
        precision="bfloat16",
        random_state=seed,
        **ARMS[arm],
    )
    opened = open_rows(model, images, labels, sample_weight=None, groups=None, offset=None)
    parts = divide(opened, fraction=settings.held_out, rng=np.random.default_rng(seed))
    plain = _fit(settings, model, parts, test, None, seed)
    held_class = plain["held_out"][-1].argmax(axis=1)
    recall = {k: (held_class[parts.held_out_codes == k] == k).mean() for k in range(len(parts.counts))}
    weight = np.array(list(rd.recall_driven_weights(recall, power=settings.power).values()))
    weighted = _fit(settings, model, parts, test, weight, seed)
    arrays |= {"epochs": np.array(settings.epochs), "weight": weight / weight.mean(), "y_held": parts.held_out_codes}
    for name, fit in (("plain", plain), ("weighted", weighted)):
        arrays |= {f"{name}_{key}": value for key, value in fit.items()}
    arrays["cpu_seconds"] = np.array(time.process_time() - start)
    np.savez_compressed(file_of(settings, arm, seed), **arrays)
    sys.stderr.write(f"{arm}, seed {seed}: {arrays['cpu_seconds']:.0f} s of CPU time\n")


def _fit(
    settings: Settings, model: rd.CNNRiskModel, parts: Parts, test: np.ndarray, weight: np.ndarray | None, seed: int
) -> dict[str, np.ndarray]:
    """Train one network, and keep its logits after each of the epochs and in the epoch that `fit` would keep."""
    run = _start(model, parts, weight, seed)
    source, places = open_images(test, image_size=None), np.arange(len(test))
    kept: dict[str, list[np.ndarray]] = {"test": [], "held_out": []}
    while run.epoch < run.plan.max_epochs:
        one_epoch(run, parts.training, parts.held_out, lambda: None)
        if run.epoch in settings.epochs:
            kept["test"].append(_float32(run_logits(run, source, places)))
            kept["held_out"].append(_float32(run_logits(run, parts.held_out.source, parts.held_out.places)))
    last = run_logits(run, parts.training.source, parts.training.places).argmax(dim=1).numpy()
    found = {name: np.stack(logits) for name, logits in kept.items()}
    found["train_accuracy"] = np.array([run.rows[epoch - 1].train_accuracy for epoch in settings.epochs])
    found["last_train_accuracy"] = np.array((last == parts.codes).mean())
    found["best_epoch"] = np.array(run.best_epoch)
    keep_best(run)
    found["best_test"] = _float32(network_logits(run.network, source, places, run.place))
    found["best_held_out"] = _float32(
        network_logits(run.network, parts.held_out.source, parts.held_out.places, run.place)
    )
    return found


def _start(model: rd.CNNRiskModel, parts: Parts, weight: np.ndarray | None, seed: int) -> Run:
    """Build a run that stands before its first batch; the seed decides everything random in it."""
    loss = make_loss("cross_entropy", class_counts=parts.counts, class_weight=weight)
    return build_run(
        model,
        make_plan(model, seed),
        parts,
        loss,
        device=torch.device("cpu"),
        processes=Processes(),
        precision=None,
    )


def _float32(logits: torch.Tensor) -> np.ndarray:
    return logits.numpy().astype(np.float32)
