"""What rows of logits add to the likelihood of an inverse temperature: means and variances under the softmax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

import numpy as np

from riskdec._base.threads import in_order
from riskdec.calibration.multiclass.rows import blocks_of
from riskdec.likelihood import risks

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray

# Numbers of a chunk: one numpy call on fewer is over before another thread has come to hold the interpreter lock.
_CHUNK = 1 << 17
# Fewer outcomes than this are laid out as rows: numpy is slow on short last axes.
_FEW_OUTCOMES = 64


class Reading(NamedTuple):
    """Derivatives of minus the log-likelihood in the inverse temperature t, summed over rows.

    Attributes
    ----------
    slope : float
        ``sum w (E z - z_y)``, with the expectation under ``softmax(t z)``.
    information : float
        ``sum w Var z``.
    third : float
        ``sum w E (z - E z)^3``, its derivative; nan where it was not asked for.
    shortfall : float
        ``sum w (max z - z_y)``, the slope at infinity: 0 where every row's own outcome has the highest logit.
    """

    slope: float
    information: float
    third: float
    shortfall: float


class TemperedRows(Protocol):
    """Rows whose logits are all divided by one temperature."""

    @property
    def total(self) -> float:
        """Sum of the weights."""

    @property
    def n_rows(self) -> int:
        """How many rows there are."""

    @property
    def size(self) -> int:
        """How many numbers a reading reads."""

    def every(self, stride: int) -> Self:
        """Give every so many of the rows."""

    def read(self, inverse: float, *, third: bool = False) -> Reading:
        """Read all rows at one inverse temperature."""

    def residuals(self, inverse: float) -> FloatArray:
        """Give ``E z - z_y`` of each row, shape (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class ManyLogits:
    """Logits of K outcomes.

    Attributes
    ----------
    logit : ndarray of shape (n, K), float64 or float32
        Float32 is read in single precision and summed over rows in double.
    codes : ndarray of int, shape (n,)
        What happened.
    weight : ndarray of shape (n,) or None
        Positive weights.
    """

    logit: AnyArray
    codes: IntArray
    weight: FloatArray | None

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(len(self.codes)) if self.weight is None else float(self.weight.sum())

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.codes)

    @property
    def size(self) -> int:
        """How many numbers a reading reads."""
        return int(self.logit.size)

    def every(self, stride: int) -> ManyLogits:
        """Give every so many of the rows."""
        return ManyLogits(
            self.logit[::stride], self.codes[::stride], None if self.weight is None else self.weight[::stride]
        )

    def read(self, inverse: float, *, third: bool = False) -> Reading:
        """Read all rows at one inverse temperature, on as many threads as there are cores."""

        def block(rows: slice) -> FloatArray:
            sums = np.zeros(4)
            for chunk in self._chunks(rows):
                terms = self._moments(chunk, inverse, third=third)
                weight = None if self.weight is None else self.weight[chunk]
                sums += [term.sum(dtype=np.float64) if weight is None else weight @ term for term in terms]
            return sums

        total = np.zeros(4)
        for sums in in_order(block, blocks_of(*self.logit.shape)):
            total += sums
        return Reading(float(total[0]), float(total[1]), float(total[2]) if third else np.nan, float(total[3]))

    def residuals(self, inverse: float) -> FloatArray:
        """Give ``E z - z_y`` of each row, shape (n,)."""
        parts = [self._moments(chunk, inverse, third=False)[0] for chunk in self._chunks(slice(0, len(self.codes)))]
        return np.concatenate(parts).astype(np.float64)

    def _chunks(self, rows: slice) -> list[slice]:
        size = max(1, _CHUNK // self.logit.shape[1])
        return [slice(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size)]

    def _moments(self, chunk: slice, inverse: float, *, third: bool) -> tuple[AnyArray, ...]:
        """Give slope, variance, third central moment and shortfall of each row of a chunk.

        Logits are measured from the highest of their row, so that no exponential overflows, and confident rows do
        not lose their variance to cancellation.
        """
        z, codes = self.logit[chunk], self.codes[chunk]
        few = z.shape[1] < _FEW_OUTCOMES
        axis = 0 if few else 1
        z = np.array(z.T, order="C") if few else z - z.max(axis=1)[:, None]
        if few:
            z -= z.max(axis=0)
        every = np.arange(len(codes))
        own = z[codes, every] if few else z[every, codes]
        mass = z.dtype.type(inverse) * z
        np.exp(mass, out=mass)
        total = mass.sum(axis=axis)
        mean = _sums_of_products(mass, z, axis) / total
        mass *= z
        square = _sums_of_products(mass, z, axis) / total
        cube = np.zeros_like(mean)
        if third:
            mass *= z
            cube = _sums_of_products(mass, z, axis) / total - 3 * mean * square + 2 * mean**3
        return mean - own, square - mean * mean, cube, -own


def _sums_of_products(mass: AnyArray, z: AnyArray, axis: int) -> AnyArray:
    subscripts = "ki,ki->i" if axis == 0 else "ik,ik->i"
    sums: AnyArray = np.einsum(subscripts, mass, z)
    return sums


@dataclass(frozen=True, slots=True, eq=False)
class EventLogits:
    """Log-odds of one event, or cells of rows that share them.

    Attributes
    ----------
    logit : ndarray of shape (n,)
        Log-odds of the event.
    is_event : ndarray of bool, shape (n,)
        Whether it happened.
    weight : ndarray of shape (n,) or None
        Positive weights.
    """

    logit: FloatArray
    is_event: BoolArray
    weight: FloatArray | None

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(len(self.logit)) if self.weight is None else float(self.weight.sum())

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.logit)

    @property
    def size(self) -> int:
        """How many numbers a reading reads."""
        return len(self.logit)

    def every(self, stride: int) -> EventLogits:
        """Give every so many of the rows."""
        weight = None if self.weight is None else self.weight[::stride]
        return EventLogits(self.logit[::stride], self.is_event[::stride], weight)

    def read(self, inverse: float, *, third: bool = False) -> Reading:
        """Read all rows at one inverse temperature, on as many threads as there are cores."""

        def block(rows: slice) -> FloatArray:
            x, y = self.logit[rows], self.is_event[rows]
            # From the side of what happened: its risk is that of the signed log-odds, its complement the residual.
            signed = np.where(y, -x, x)
            against = risks(inverse * signed)
            slope = against * signed
            variance = slope * signed * (1 - against)
            cube = variance * signed * (1 - 2 * against) if third else np.zeros(1)
            shortfall = np.maximum(signed, 0)
            if self.weight is None:
                return np.array([part.sum() for part in (slope, variance, cube, shortfall)])
            weight = self.weight[rows]
            cubes = weight @ cube if third else 0.0
            return np.array([weight @ slope, weight @ variance, cubes, weight @ shortfall])

        total = np.zeros(4)
        for sums in in_order(block, blocks_of(len(self.logit), 1)):
            total += sums
        return Reading(float(total[0]), float(total[1]), float(total[2]) if third else np.nan, float(total[3]))

    def residuals(self, inverse: float) -> FloatArray:
        """Give ``x (p - y)`` of each row, shape (n,)."""
        signed = np.where(self.is_event, -self.logit, self.logit)
        return risks(inverse * signed) * signed
