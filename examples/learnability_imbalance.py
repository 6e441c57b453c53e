"""Learnability imbalance: what class weights driven by recalls do to a network, beside decision offsets.

    python examples/learnability_imbalance.py CIFAR10.npz [--seeds 5] [--workers 2] [--out FOLDER] [--digits MNIST.npz]

The file holds `X_train`, `y_train`, `X_test`, `y_test`, `class_names`: images (n, h, w, 3) of uint8. Of 10,000 training
images 8,000 fit and 2,000 are held out. Some classes are found far less often than others although all are equally
frequent. A plain network of each seed gives the recalls on its held-out images, a second one is trained with the class
weights `(mean recall / recall_k) ** power`; that is the formula of recall-driven weights,
`(1 - (recall_k - mean) / recall_k) ** power`, in fewer symbols. Both are judged after 1, 2, ..., 30 epochs, without and
with augmentation, dropout and weight decay. `--digits` adds the log score of networks on a second file of that kind.

Runs are kept in FOLDER, and only those that are missing are made: about 40 seconds of CPU time for each network.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from learnability_analysis import (
    BalanceFigures,
    Mean,
    Run,
    balance_figures,
    by_epoch,
    equivalence,
    log_scores,
    mean_over_seeds,
    recalls,
)
from learnability_figures import draw_effects, draw_recalls
from learnability_runs import Settings, make_runs
from scipy.special import softmax

import riskdec as rd
from riskdec.nn.images.door import open_images
from riskdec.nn.predicting import source_logits

N_FIT, N_SPLITS = 3000, 8


def say(text: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{text}\n")


def shown(mean: Mean, digits: int = 3) -> str:
    """Give a mean with half its interval."""
    return f"{mean.estimate:+.{digits}f} +- {mean.high - mean.estimate:.{digits}f}"


def tell_effects(arm: str, runs: list[Run]) -> dict[str, list[Mean]]:
    """Print what weights did, epoch by epoch."""
    found = by_epoch(runs)
    n = len(runs)
    say(f"\n{arm} arm, {n} seeds: change of test recall per unit of log weight, with 95 % t intervals over seeds")
    say(
        "epoch  weights           shift of logits   of calibrated     worst three       training     test         range"
    )
    for place, epoch in enumerate(runs[0]["epochs"]):
        cells = [shown(found[name][place]) for name in ("slope", "shift", "calibrated shift", "worst three")]
        pairs = [
            "/".join(f"{found[f'{way} {what}'][place].estimate:.3f}" for way in ("plain", "weighted"))
            for what in ("training", "accuracy", "range")
        ]
        say(f"{epoch:>5}  {cells[0]:16s}  {cells[1]:16s}  {cells[2]:16s}  {cells[3]:16s}  {'  '.join(pairs)}")
    weights = np.array([run["weight"] for run in runs])
    say(f"Weights from {weights.min():.2f} to {weights.max():.2f}. Columns with a slash: plain/weighted.")
    for way in ("plain", "weighted"):
        ended = [float(run[f"{way}_last_train_accuracy"]) for run in runs]
        say(f"Accuracy of the last {way} networks on their training images: {min(ended):.4f} to {max(ended):.4f}")
    lost = [_accuracy(run, "plain") - _accuracy(run, "weighted") for run in runs]
    say(f"Accuracy that the weights cost at the last epoch: {shown(mean_over_seeds(np.array(lost)))}")
    return found


def tell_equivalence(runs: list[Run]) -> None:
    """Print whether nothing is left of the weights at the last epoch."""
    say("\nEquivalent to zero at interpolation? Two one-sided tests at 5 %: 90 % t intervals inside the margins.")
    for one in equivalence(runs):
        verdict = "yes" if one.holds else "NO"
        say(f"  {one.name}: {one.mean.low:+.4f} to {one.mean.high:+.4f}, margin {one.margin:g}: {verdict}")


def tell_offsets(arm: str, runs: list[Run]) -> BalanceFigures:
    """Print what offsets on calibrated logits did to the recalls."""
    found = balance_figures(runs, N_FIT, N_SPLITS)
    n_test = len(runs[0]["y_test"]) + len(runs[0]["y_held"]) - N_FIT
    say(f"\nOffsets on calibrated logits, {arm} arm: fitted on {N_FIT:,} images, judged on {n_test:,},")
    say(f"{found.n_splits} splits x seeds, plain networks of the last epoch")
    say(f"  range of the recalls  {found.plain_range:.3f} -> {found.offset_range:.3f}: {found.ratio:.0%} of it")
    say(f"    worst split {found.worst_ratio:.0%}; sampling alone would give {found.from_sampling:.3f}")
    ratio = found.offset_spread / found.plain_spread
    say(f"  sd without sampling   {found.plain_spread:.3f} -> {found.offset_spread:.3f}: {ratio:.0%} of it")
    say(f"  accuracy {found.plain_accuracy:.3f}, of which is lost {shown(found.price)} (95 %, over seeds)")
    return found


def tell_log_scores(arm: str, runs: list[Run]) -> None:
    """Print test log scores before and after a temperature."""
    for rule, found in log_scores(runs).items():
        change = f"{found.before.estimate:.3f} -> {found.after.estimate:.3f}, better by {shown(found.gain)}"
        say(f"  {arm}, {rule} (epochs {', '.join(map(str, found.epochs))}): {change}")


def tell_digits(path: Path, n_seeds: int) -> None:
    """Fit the model as it comes to a second file of images, and print its log score before and after calibration."""
    with np.load(path) as file:
        data = dict(file)
    gains = []
    for seed in range(n_seeds):
        model = rd.CNNRiskModel(precision="bfloat16", random_state=seed).fit(data["X_train"], data["y_train"])
        logits, _ = source_logits(model.parts_, open_images(data["X_test"], image_size=None))
        ways = softmax(logits.numpy(), axis=1), model.predict_proba(data["X_test"])
        gains.append([rd.log_score(data["y_test"], proba) for proba in ways])
    before, after = np.array(gains).T
    gain = shown(mean_over_seeds(before - after), 4)
    say(f"  {path.stem}, kept epoch: {before.mean():.4f} -> {after.mean():.4f}, better by {gain}")


def main() -> None:
    """Make the runs that are missing, print the tables and draw the figures."""
    parser = argparse.ArgumentParser(description="Recall-driven class weights by epoch, and decision offsets.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--power", type=float, default=4.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--digits", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.out or Path(scratch)
        runs = make_runs(Settings(given.data, folder, power=given.power), range(given.seeds), given.workers)
        tell(runs, folder)
    if given.digits:
        tell_digits(given.digits, given.seeds)


def tell(runs: dict[str, list[Run]], folder: Path) -> None:
    """Print everything that the runs show, and draw it."""
    effects = {arm: tell_effects(arm, found) for arm, found in runs.items()}
    tell_equivalence(runs["plain"])
    offsets = {arm: tell_offsets(arm, found) for arm, found in runs.items()}
    ways = {arm: tuple(_recalls(found, way) for way in ("plain", "weighted")) for arm, found in runs.items()}
    one = runs["plain"][0]
    draw_effects(folder / "learnability_by_epoch.svg", one["epochs"], effects)
    draw_recalls(folder / "learnability_recalls.svg", one["names"].tolist(), ways, offsets)
    seconds = sum(float(run["cpu_seconds"]) for found in runs.values() for run in found)
    say(f"\nCPU time of the runs: {seconds / 60:.1f} minutes")
    say("\nTest log score of the plain networks as they are, and after a temperature from the held-out images")
    for arm, found in runs.items():
        tell_log_scores(arm, found)


def _accuracy(run: Run, way: str) -> float:
    return float((run[f"{way}_test"][-1].argmax(axis=1) == run["y_test"]).mean())


def _recalls(runs: list[Run], way: str) -> np.ndarray:
    return np.mean([recalls(run[f"{way}_test"][-1], run["y_test"]) for run in runs], axis=0)


if __name__ == "__main__":
    main()
