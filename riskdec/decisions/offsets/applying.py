"""Decisions for one class per case, priced in costs that did not choose them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec.decisions.choosing.answer import Decisions

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, FrameKind
    from riskdec.decisions.costs.cost_matrix import CostMatrix


def check_rule(classes: tuple[object, ...], shares: FloatArray, costs: CostMatrix) -> None:
    """Refuse a rule that came out of a file with shares that are no probabilities, or with costs of other classes.

    Raises
    ------
    InputError
        For either.
    """
    if len(classes) < 2 or len(set(classes)) < len(classes):
        raise refuse("classes", "be two different ones at least", str(classes))
    if not len(shares) or abs(float(shares.sum()) - 1) > 1e-9:
        raise refuse("shares", "add up to 1", f"{float(shares.sum()):g}")
    if costs.costs.shape != (len(classes), len(classes)):
        rows, columns = costs.costs.shape
        raise refuse(
            "costs", f"have one outcome and one action for each of {len(classes)} classes", f"{rows} x {columns}"
        )


def class_decisions(proba: FloatArray, chosen: AnyArray, costs: CostMatrix, kind: FrameKind) -> Decisions:
    """Make decisions of classes chosen by another rule than least expected cost.

    Parameters
    ----------
    proba : ndarray of shape (n, K)
        Probabilities.
    chosen : ndarray of int, shape (n,)
        Class decided for.
    costs : CostMatrix
        One outcome and one action per class.
    kind : {"pandas", "polars", "pyarrow"}
        Library of the frames.
    """
    n, n_classes = proba.shape
    action = chosen.astype(np.min_scalar_type(n_classes - 1))
    paid = (proba @ costs.costs)[np.arange(n), action]
    return Decisions(
        action_index=action,
        costs=costs,
        n=n,
        counts=np.bincount(action, minlength=n_classes).astype(np.intp),
        deferral_rate=0.0 if n else np.nan,
        mean_expected_cost=float(paid.mean()) if n else np.nan,
        expected_cost=paid,
        y_proba=np.array(proba[:, 1] if n_classes == 2 else proba),
        regions=None,
        forced_index=action,
        majority_index=proba.argmax(axis=1).astype(action.dtype),
        findings=(),
        frame_kind=kind,
        rule="recall",
    )
