"""Decisions for one class per case, priced in costs that did not choose them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.decisions.choosing.answer import Decisions

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, FrameKind
    from riskdec.decisions.costs.cost_matrix import CostMatrix


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
