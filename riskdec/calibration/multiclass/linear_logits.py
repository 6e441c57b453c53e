"""Logits that are linear in parameters: each outcome by its own score, or by the scores of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


class LinearLogits(Protocol):
    """How parameters make logits of the outcomes from scores z of shape (m, K)."""

    @property
    def size(self) -> int:
        """Number of parameters."""

    def logits(self, z: FloatArray, parameters: FloatArray) -> FloatArray:
        """Give the logits, shape (m, K)."""

    def score(self, z: FloatArray, residual: FloatArray) -> FloatArray:
        """Give ``sum_i J_i' r_i``, with J the derivative of a row's logits: shape (size,)."""

    def row_scores(self, z: FloatArray, residual: FloatArray) -> FloatArray:
        """Give ``J_i' r_i`` of each row: shape (m, size)."""

    def information(self, z: FloatArray, proba: FloatArray, weight: FloatArray) -> FloatArray:
        """Give ``sum_i w J_i' (diag p - p p') J_i``."""


@dataclass(frozen=True, slots=True)
class ScaledLogits:
    """``a_k z_k + b_k``: parameters are a, then b.

    Attributes
    ----------
    n_outcomes : int
        K.
    """

    n_outcomes: int

    @property
    def size(self) -> int:
        """Number of parameters."""
        return 2 * self.n_outcomes

    def logits(self, z: FloatArray, parameters: FloatArray) -> FloatArray:
        """Give the logits, shape (m, K)."""
        a, b = parameters.reshape(2, -1)
        return a * z + b

    def score(self, z: FloatArray, residual: FloatArray) -> FloatArray:
        """Give ``sum_i J_i' r_i``: shape (2 K,)."""
        return np.concatenate([np.einsum("ij,ij->j", residual, z), residual.sum(axis=0)])

    def row_scores(self, z: FloatArray, residual: FloatArray) -> FloatArray:
        """Give ``J_i' r_i`` of each row: shape (m, 2 K)."""
        return np.hstack([residual * z, residual])

    def information(self, z: FloatArray, proba: FloatArray, weight: FloatArray) -> FloatArray:
        """Give ``sum_i w J_i' (diag p - p p') J_i``."""
        k = np.arange(self.n_outcomes)
        mass = weight[:, None] * proba
        along = self.row_scores(z, proba)
        result = -(along.T @ (weight[:, None] * along))
        result[k, k] += np.einsum("ij,ij,ij->j", mass, z, z)
        cross = np.einsum("ij,ij->j", mass, z)
        result[k, k + self.n_outcomes] += cross
        result[k + self.n_outcomes, k] += cross
        result[k + self.n_outcomes, k + self.n_outcomes] += mass.sum(axis=0)
        return result


@dataclass(frozen=True, slots=True)
class MixedLogits:
    """``sum_j W_kj z_j + b_k``: parameters are the rows ``(W_k1, ..., W_kK, b_k)``, one after the other.

    Attributes
    ----------
    n_outcomes : int
        K.
    """

    n_outcomes: int

    @property
    def size(self) -> int:
        """Number of parameters."""
        return self.n_outcomes * (self.n_outcomes + 1)

    def logits(self, z: FloatArray, parameters: FloatArray) -> FloatArray:
        """Give the logits, shape (m, K)."""
        rows = parameters.reshape(self.n_outcomes, -1)
        return z @ rows[:, :-1].T + rows[:, -1]

    def score(self, z: FloatArray, residual: FloatArray) -> FloatArray:
        """Give ``sum_i J_i' r_i``: shape (K (K + 1),)."""
        return np.column_stack([residual.T @ z, residual.sum(axis=0)]).ravel()

    def row_scores(self, z: FloatArray, residual: FloatArray) -> FloatArray:
        """Give ``J_i' r_i`` of each row: shape (m, K (K + 1))."""
        with_one = np.column_stack([z, np.ones(len(z))])
        return (residual[:, :, None] * with_one[:, None, :]).reshape(len(z), -1)

    def information(self, z: FloatArray, proba: FloatArray, weight: FloatArray) -> FloatArray:
        """Give ``sum_i w J_i' (diag p - p p') J_i``."""
        width = self.n_outcomes + 1
        with_one = np.column_stack([z, np.ones(len(z))])
        along = self.row_scores(z, proba)
        result = -(along.T @ (weight[:, None] * along))
        for k in range(self.n_outcomes):
            own = slice(k * width, (k + 1) * width)
            result[own, own] += with_one.T @ ((weight * proba[:, k])[:, None] * with_one)
        return result
