"""Precision at a recall, recall at a precision, ROC area: special losses beside cross-entropy with a threshold.

    python examples/precision_at_recall.py MNIST.npz [N_SEEDS]

The file holds `X_train`, `y_train`, `X_test`, `y_test`: images (n, 28, 28) of uint8 and digits. The event is the
digit 8, 2 % of the rows that train. Every way gets the same network, rows, batches and number of epochs; losses with
multipliers start from a third of the epochs under cross-entropy. Each special loss is judged by what it is made for,
and so is every other way: precision at a recall of 0.9, recall at a precision of 0.45, and the area under the ROC
curve, by the best threshold on test rows, and by the one chosen on held-out rows for the same constraint. Printed are
means over seeds (split, noise and weights of the network at once) and paired differences from cross-entropy with 95 %
t intervals. The row "other seed" is cross-entropy from other weights on the same rows: such differences mean nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import t as student

from riskdec.nn.architectures import build_architecture
from riskdec.nn.losses import ConstrainedLoss, log_table, make_loss

EVENT, PREVALENCE, RECALL, PRECISION = 8, 0.02, 0.9, 0.45
N_TRAIN, N_HELD_EVENTS, N_HELD_OTHERS = 4500, 350, 2000
EPOCHS, WARM, BATCH, RATE = 21, 7, 128, 2e-3
NOISE = 0.1
# Name, loss, options, weights of the classes, seed of the network beside that of the split.
WAYS = [
    ("cross-entropy", "cross_entropy", {}, None, 0),
    ("cross-entropy, other seed", "cross_entropy", {}, None, 1),
    ("cross-entropy, weight 10", "cross_entropy", {}, (1.0, 10.0), 0),
    ("precision at recall", "precision_at_recall", {"recall": RECALL, "multiplier_rate": 0.02}, None, 0),
    ("recall at precision", "recall_at_precision", {"precision": PRECISION, "multiplier_rate": 0.02}, None, 0),
    ("ROC area", "roc_area", {"multiplier_rate": 0.02}, None, 0),
]
JUDGED = {
    "precision": f"Precision at a recall of {RECALL}",
    "recall": f"Recall at a precision of {PRECISION}",
    "ROC area": "Area under the ROC curve",
}


@dataclass
class Rows:
    """Images (n, 1, 14, 14) and whether they are the event."""

    images: torch.Tensor
    event: torch.Tensor


def split(images: np.ndarray, digits: np.ndarray, seed: int) -> tuple[Rows, Rows, Rows]:
    """Draw rows to train on, to choose thresholds on and to judge by, with noise."""
    rng = np.random.default_rng(seed)
    events, others = (rng.permutation(np.flatnonzero(mask)) for mask in (digits == EVENT, digits != EVENT))
    n_events = round(PREVALENCE * N_TRAIN)
    parts = zip(
        np.split(events, [n_events, n_events + N_HELD_EVENTS]),
        np.split(others, [N_TRAIN - n_events, N_TRAIN - n_events + N_HELD_OTHERS]),
        strict=True,
    )
    small = images.reshape(len(images), 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    noisy = (small + rng.normal(0, NOISE, small.shape)).astype(np.float32)[:, None]
    made = []
    for places in map(np.concatenate, parts):
        event = torch.from_numpy((digits[places] == EVENT).astype(np.int64))
        made.append(Rows(torch.from_numpy(noisy[places]), event))
    return tuple(made)


def train(rows: Rows, way: tuple, seed: int) -> tuple[torch.nn.Module, torch.nn.Module, list[float]]:
    """Train a network in one of the ways; also give its loss and the mean losses of the epochs."""
    _, name, options, class_weight, more = way
    torch.manual_seed(1000 * more + seed)
    network = build_architecture("small", in_channels=1, image_size=(14, 14), n_outcomes=2)
    counts = np.bincount(rows.event)
    weight = None if class_weight is None else np.array(class_weight)
    plain = make_loss("cross_entropy", class_counts=counts)
    special = make_loss(name, class_counts=counts, class_weight=weight, options=options)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.0)
    n_steps = EPOCHS * -(-N_TRAIN // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=n_steps, pct_start=0.1)
    # Far from the seeds of the weights, so that no network meets the numbers it was drawn from.
    order = torch.Generator().manual_seed(10**6 + seed)
    losses = []
    for epoch in range(EPOCHS):
        loss = plain if isinstance(special, ConstrainedLoss) and epoch < WARM else special
        total = 0.0
        for places in torch.randperm(N_TRAIN, generator=order).split(BATCH):
            images, event = rows.images[places], rows.event[places]
            logits = network(images)
            value = loss(logits, event)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            loss.after_batch(logits, event)
            total += value.item() * len(places)
        loss.after_epoch()
        losses.append(total / N_TRAIN)
    return network.eval(), special, losses


def scores(network: torch.nn.Module, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Give the log odds of events and of others, each sorted."""
    with torch.no_grad():
        logits = torch.cat([network(part) for part in rows.images.split(1000)]).numpy()
    score, event = logits[:, 1] - logits[:, 0], rows.event.numpy() == 1
    return np.sort(score[event]), np.sort(score[~event])


def cut_for_recall(events: np.ndarray) -> float:
    """Give the largest threshold that at least the wanted share of these events reaches."""
    return float(events[len(events) - int(np.ceil(RECALL * len(events)))])


def cut_for_precision(events: np.ndarray, others: np.ndarray) -> float:
    """Give the smallest threshold with the wanted precision; infinite where none has it."""
    kept = [cut for cut in events.tolist() if judge(events, others, cut)[1] >= PRECISION]
    return min(kept, default=np.inf)


def judge(events: np.ndarray, others: np.ndarray, cut: float) -> tuple[float, float]:
    """Give recall, and precision at the prevalence of training, of flagging scores from a threshold on."""
    recall, alarms = (events >= cut).mean(), (others >= cut).mean()
    flagged = PREVALENCE * recall + (1 - PREVALENCE) * alarms
    return float(recall), float(PREVALENCE * recall / flagged) if flagged else 1.0


def figures(network: torch.nn.Module, loss: torch.nn.Module, losses: list[float], held: Rows, test: Rows) -> dict:
    """Give all figures of one fit."""
    events, others = scores(network, test)
    held_out = scores(network, held)
    recall, precision = judge(events, others, cut_for_recall(held_out[0]))
    other_recall, other_precision = judge(events, others, cut_for_precision(*held_out))
    rank = np.searchsorted(others, events, "left") + np.searchsorted(others, events, "right")
    found = {
        "precision": judge(events, others, cut_for_recall(events))[1],
        "recall": judge(events, others, cut_for_precision(events, others))[0],
        "ROC area": float(rank.mean() / (2 * len(others))),
        f"held-out cut for recall {RECALL}: precision": precision,
        "its recall": recall,
        f"held-out cut for precision {PRECISION}: recall": other_recall,
        "its precision": other_precision,
        "last loss": losses[-1],
        "change in last epoch": losses[-1] - losses[-2],
    }
    if isinstance(loss, ConstrainedLoss):
        found["own cut: recall"], found["own cut: precision"] = judge(events, others, 0.0)
        found["multiplier"] = max(loss.log[-1].multipliers)
    return found


def compare(path: str, n_seeds: int) -> tuple[dict[str, list[dict]], list]:
    """Give the figures of all ways and seeds, and the logs of the multipliers of the first seed."""
    with np.load(path) as file:
        images = np.concatenate([file["X_train"], file["X_test"]])
        digits = np.concatenate([file["y_train"], file["y_test"]])
    found: dict[str, list[dict]] = {way[0]: [] for way in WAYS}
    logs = []
    for seed in range(n_seeds):
        fit, held, test = split(images, digits, seed)
        for way in WAYS:
            network, loss, losses = train(fit, way, seed)
            found[way[0]].append(figures(network, loss, losses, held, test))
            if seed == 0 and isinstance(loss, ConstrainedLoss):
                logs.append(log_table(loss))
        sys.stderr.write(f"seed {seed + 1} of {n_seeds}\n")
    return found, logs


def report(found: dict[str, list[dict]]) -> None:
    """Print what the losses are made for, with differences from cross-entropy, then the other figures."""
    for key, title in JUDGED.items():
        sys.stdout.write(f"{title} on test rows, and difference from cross-entropy\n")
        base = np.array([one[key] for one in found["cross-entropy"]])
        for name, runs in found.items():
            values = np.array([one[key] for one in runs])
            gap = values - base
            half = student.ppf(0.975, len(gap) - 1) * gap.std(ddof=1) / np.sqrt(len(gap))
            wins = f"higher in {(gap > 0).sum()} of {len(gap)} seeds"
            beside = "" if name == "cross-entropy" else f"  {gap.mean():+.3f} +- {half:.3f}, {wins}"
            sys.stdout.write(f"  {name:26s} {values.mean():.3f} (sd {values.std(ddof=1):.3f}){beside}\n")
    for name, runs in found.items():
        cells = (f"{key} {np.mean([one[key] for one in runs]):.3g}" for key in runs[0] if key not in JUDGED)
        sys.stdout.write(f"{name}: {', '.join(cells)}\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    results, tables = compare(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8)
    report(results)
    for table in tables:
        sys.stdout.write(f"\nFirst seed: {table}\n")
