"""A network model as a table: what it is made of, which images did what, and what must be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import findings_table
from riskdec._base.notebook import Glance
from riskdec._base.table import Table, count, number, percent
from riskdec.nn.losses.record import log_table
from riskdec.nn.losses.saddle_point import ConstrainedLoss

if TYPE_CHECKING:
    from riskdec.nn.risk_model import CNNRiskModel


def glance_at_network(model: CNNRiskModel) -> Glance | None:
    """Give what a notebook shows; None before `fit`."""
    if "parts_" not in vars(model):
        return None
    summary = model_summary(model)
    return Glance(title=summary.title, rows=summary.rows, findings=model.findings_, more=summary)  # type: ignore[arg-type]


def model_summary(model: CNNRiskModel) -> Table:
    """Give the summary of a fitted model."""
    parts, history = model.parts_, model.history_
    channels, height, width = parts.shape
    best = history.best
    n_weights = sum(p.numel() for p in parts.network.parameters())
    body = type(parts.network.body).__name__ if not isinstance(model.architecture, str) else model.architecture
    loss = model.loss if isinstance(model.loss, str) else type(model.loss).__name__
    layer = f"{parts.layer.kind} ({parts.layer.extra_repr()})" if model.calibration else "none"
    rows = (
        ("outcomes", ", ".join(map(str, model.classes_.tolist()[:10]))),
        ("images", f"{channels} channel(s), {height} x {width} pixels"),
        ("network", f"{body}, {count(n_weights)} weights"),
        ("loss", loss),
        ("calibration layer", layer),
        ("fitted to", f"{count(history.n_train)} images"),
        ("held out", f"{count(history.n_held_out)} images"),
        ("epoch kept", f"{best.epoch} of {len(history.rows)}"),
        ("held-out log loss, before calibration", number(best.log_loss)),
        ("held-out log loss, after a temperature", number(best.refinement)),
        ("held-out accuracy", percent(best.accuracy)),
    )
    note = (
        f"The model set {count(history.n_held_out)} images aside by itself, stratified by outcome: they chose the "
        "epoch and fitted the calibration layer, and no weight was fitted to them. Their figures are a little better "
        "than those of new images: diagnose on new ones."
    )
    log = (log_table(parts.loss),) if isinstance(parts.loss, ConstrainedLoss) else ()
    return Table(
        title=f"{type(model).__name__}: {number(best.refinement)} nats on held-out images",
        rows=rows,
        notes=(note, parts.loss.inverse_statement),
        sections=(history.summary(), *log, findings_table(model.findings_)),
    )
