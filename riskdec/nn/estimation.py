"""What `fit` does: set a part of the images aside, train on the rest, keep the best epoch, calibrate once."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import count
from riskdec.models.doors.fit_weights import combine_weights
from riskdec.models.fingerprint import kept_places, take_fingerprint
from riskdec.nn.building import build_run
from riskdec.nn.calibration_layers import fit_calibration_layer
from riskdec.nn.devices import choose_device
from riskdec.nn.losses.making import make_loss
from riskdec.nn.losses.record import constraint_findings
from riskdec.nn.losses.saddle_point import ConstrainedLoss
from riskdec.nn.offsets import check_offset, fit_offset_layer, offset_finding
from riskdec.nn.opening import divide, open_rows
from riskdec.nn.options import draw_seed, make_plan
from riskdec.nn.predicting import FittedParts, probabilities
from riskdec.nn.training.checkpoint import Checkpoints, find_checkpoint
from riskdec.nn.training.history import TrainingHistory
from riskdec.nn.training.loop import train
from riskdec.nn.training.parallel import processes_together
from riskdec.nn.training.validation import log_odds_of_classes, network_logits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.models.fingerprint import Fingerprint
    from riskdec.nn.opening import OpenedRows, Parts
    from riskdec.nn.training.checkpoint import Stored
    from riskdec.nn.training.run import Run


# Log-odds of one image agree to this much however images are cut into batches: float32, not float64.
_GRID = 1e-4
_FEW = 30


class Estimated(NamedTuple):
    """A fit.

    Attributes
    ----------
    parts : FittedParts
        What turns images into probabilities.
    history : TrainingHistory
        The epochs.
    classes : ndarray of shape (K,)
        Sorted labels.
    counts : ndarray of shape (K,)
        Weight of each class in the training part.
    class_weight : ndarray of shape (K,) or None
        Weights of the classes as the loss was given them.
    fingerprint : Fingerprint
        Marks of all images that had a part in the fit.
    findings : tuple of Finding
        What a reader must know.
    """

    parts: FittedParts
    history: TrainingHistory
    classes: AnyArray
    counts: FloatArray
    class_weight: FloatArray | None
    fingerprint: Fingerprint | None
    findings: tuple[Finding, ...]


def estimate(options: Any, X: object, y: object, *, sample_weight: object, groups: object, offset: object) -> Estimated:
    """Fit a network as the options of a `CNNRiskModel` say."""
    device = choose_device(options.device)
    with processes_together() as processes, _own_chance(device):
        opened = open_rows(options, X, y, sample_weight=sample_weight, groups=groups, offset=offset)
        stored = find_checkpoint(options.checkpoint_dir)
        seed = draw_seed(options.random_state) if stored is None else stored.seed
        plan = make_plan(options, processes.seed(seed))
        rng = np.random.default_rng(plan.seed)
        parts = divide(opened, fraction=options.validation_fraction, rng=rng)
        weights = _class_weights(options, parts, opened.rows.classes)
        # What the caller passed stays as it was.
        given = copy.deepcopy(options.loss)
        loss = make_loss(given, class_counts=parts.counts, class_weight=weights, options=options.loss_options)
        if opened.rows.offset is not None:
            check_offset(loss, options.calibration)
        precision = None if stored is None else stored.precision
        run = build_run(options, plan, parts, loss, device=device, processes=processes, precision=precision)
        ended = _train(options, run, parts, opened, stored)
        return _finish(options, run, parts, opened, ended, weights)


@contextmanager
def _own_chance(device: torch.device) -> Iterator[None]:
    """Leave torch's generators as they were: the caller's own draws do not change because a model was fitted."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        yield


def _class_weights(options: Any, parts: Parts, classes: AnyArray) -> FloatArray | None:
    if options.class_weight is None:
        return None
    weight = parts.training.weight
    rows = None if weight is None else weight.double().numpy()
    found = combine_weights(rows, options.class_weight, kind="importance", codes=parts.codes, classes=classes)
    return None if found.by_class is None else np.array(found.by_class)


def _train(options: Any, run: Run, parts: Parts, opened: OpenedRows, stored: Stored | None) -> str:
    """Train from the start or from a checkpoint, and give the reason why training ended."""
    training, held_out = (part.to(run.place.device) for part in (parts.training, parts.held_out))
    if options.checkpoint_dir is None:
        return train(run, training, held_out, after_batch=lambda: None)
    # How often checkpoints are written changes nothing in them.
    settings = repr((run.plan._replace(checkpoint_seconds=0.0), _settings(options)))
    keeper = Checkpoints(options.checkpoint_dir, digest=opened.digest(settings), every=run.plan.checkpoint_seconds)
    if stored is not None:
        keeper.restore(run, stored)
    ended = train(run, training, held_out, after_batch=lambda: keeper.after_batch(run))
    if ended != "interrupted" and run.processes.is_first:
        keeper.remove()
    return ended


def _settings(options: Any) -> tuple[object, ...]:
    """Give what else decides which weights come out; modules by their class and their sizes."""
    shown = (options.architecture, options.loss, options.loss_options, options.class_weight)
    return (*map(str, shown), options.dropout, options.validation_fraction)


def _finish(
    options: Any, run: Run, parts: Parts, opened: OpenedRows, ended: str, weights: FloatArray | None
) -> Estimated:
    """Calibrate on the held-out part, and take the marks of all images that had a part in the fit."""
    run.loss.cpu().eval()
    raw = network_logits(run.network, parts.held_out.source, parts.held_out.places, run.place)
    logits = log_odds_of_classes(run.loss, raw).numpy()
    kind = "none" if options.calibration is None else options.calibration
    rows = (logits, parts.held_out_codes, parts.held_out_weight)
    if parts.held_out_offset is None:
        layer = fit_calibration_layer(kind, *rows, weight_kind=options.weight_kind)
    else:
        layer = fit_offset_layer(kind, *rows, parts.held_out_offset)
    shape, n_outcomes = parts.training.source.shape, len(parts.counts)
    fitted = FittedParts(run.network, run.loss, layer, shape, n_outcomes, run.place.channels_last)
    is_undone = run.loss.log_probabilities(raw[:1]) is not None or kind in ("vector", "matrix", "platt", "beta")
    history = _history(run, parts, ended, None if is_undone else weights)
    of_loss = constraint_findings(run.loss) if isinstance(run.loss, ConstrainedLoss) else ()
    of_offset = () if opened.rows.offset is None else (offset_finding(opened.rows.offset),)
    findings = sort_findings((*opened.findings, *layer.findings, *of_loss, *of_offset, *_findings(history, parts)))
    marks = _fingerprint(run, fitted, opened)
    return Estimated(fitted, history, opened.rows.classes, parts.counts, weights, marks, findings)


def _history(run: Run, parts: Parts, ended: str, still_in_risks: FloatArray | None) -> TrainingHistory:
    return TrainingHistory(
        rows=tuple(run.rows),
        best_epoch=run.best_epoch,
        ended=ended,
        n_train=len(parts.codes),
        n_held_out=len(parts.held_out_codes),
        precision=run.precision,
        device=str(run.place.device),
        n_processes=run.processes.size,
        n_threads=torch.get_num_threads(),
        by_class=None if still_in_risks is None else tuple(still_in_risks.tolist()),
        seed=run.plan.seed,
    )


def _findings(history: TrainingHistory, parts: Parts) -> tuple[Finding, ...]:
    found = []
    if history.ended == "interrupted":
        sentence = f"Training was interrupted after {len(history.rows)} epochs; epoch {history.best_epoch} was kept."
        todo = "Fit again for the whole schedule; with checkpoint_dir the fit goes on where it stopped."
        found.append(Finding(code="RD612", severity="caution", sentence=sentence, todo=todo))
    fewest = int(np.bincount(parts.held_out_codes).min())
    if fewest < _FEW:
        sentence = (
            f"Only {count(fewest)} held-out images of the rarest outcome chose the epoch and fitted the calibration: "
            "both rest on few cases."
        )
        todo = "Diagnose on further images, and recalibrate there if need be."
        found.append(Finding(code="RD614", severity="caution", sentence=sentence, todo=todo))
    return tuple(found)


def _fingerprint(run: Run, fitted: FittedParts, opened: OpenedRows) -> Fingerprint:
    rows = opened.rows
    kept = kept_places(len(rows.codes))
    logits = network_logits(run.network, rows.source, rows.places[kept], run.place)
    return take_fingerprint(probabilities(fitted, logits), rows.codes[kept], n_rows=len(rows.codes), grid=_GRID)
