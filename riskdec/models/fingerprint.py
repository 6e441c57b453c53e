"""A fingerprint of training rows: enough to recognise them again, and no row can be read from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from riskdec.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray, FloatArray, IntArray

# So many training rows leave a mark, and so many rows are looked up: the cost of both stays bounded.
_MOST_KEPT = 4096
_MOST_TESTED = 262_144
# Of each 16 bits one is set, by a mark or by a decoy, whatever the number of training rows.
_N_BITS = 2**16
# Log-odds of one row agree to this much however the rows are cut into batches, where they are float64.
_GRID = 1e-8
_FARTHEST = 40.0
# Risks so coarse that more fresh rows than this coincide with training rows tell nothing.
_TOO_COARSE = 0.3
_LEAST_SHARE = 0.05
_SURPRISING = 1e-6
_SEED = 1706


class RowMarks(Protocol):
    """What recognises rows that a model was fitted on."""

    def share_recognised(self, proba: FloatArray, codes: IntArray) -> float:
        """Estimate the share of rows recognised, from what the model gives for each row and what happened."""


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """Marks of training rows in a field of bits (a Bloom filter with one hash).

    A row's mark is a hash of the log-odds that the fitted model gives to the outcome that happened; nothing of the
    row itself is kept. With few rows decoys fill the field up, so that about one in 16 rows that left no mark looks as
    if it had: no single row can be shown to have been there.

    Attributes
    ----------
    bits : ndarray of uint8
        The field, of 8 KiB.
    n_rows, n_kept : int
        Training rows, and how many of them left a mark.
    coincidence : float
        Share of the marks that more than one row left: how often a fresh row coincides with a training row.
    grid : float
        Log-odds of one row agree to this much however the rows are cut into batches.
    """

    bits: AnyArray
    n_rows: int
    n_kept: int
    coincidence: float
    grid: float = _GRID

    def to_state(self) -> dict[str, Any]:
        """Give what belongs in a header; the bits are an array of their own."""
        state = {"n_rows": self.n_rows, "n_kept": self.n_kept, "coincidence": self.coincidence}
        return state if self.grid == _GRID else state | {"grid": self.grid}

    def share_recognised(self, proba: FloatArray, codes: IntArray) -> float:
        """Estimate the share of these rows that the model was fitted on; 0 where that may be chance.

        Parameters
        ----------
        proba : ndarray of shape (n, K)
            What the model gives for the rows.
        codes : ndarray of int, shape (n,)
            Place of each row's outcome among the classes; negative where it is none of them.

        Notes
        -----
        A fresh row looks familiar with probability q, from the coincidence of risks and the share of bits set; a
        training row always if it left a mark, else with probability q too. Rows are recognised when the number of
        familiar ones has probability below 1e-6 without training rows among them and their estimated share is at
        least 5 % plus twice the coincidence. A false alarm on fresh rows of the same kind is so improbable; training
        rows are missed if their risks are coarse (coincidence above 0.3), if there are fewer than a handful of them, if
        they are a small share, or if few of many training rows are looked at: with n of them about ``4096 / n`` left a
        mark. Copies of training rows that are new rows of the same persons are recognised as well, and rightly.
        """
        places = _some(len(codes), _MOST_TESTED)
        hashes = _hash_rows(proba[places], codes[places], self.grid)
        if self.coincidence > _TOO_COARSE or not len(hashes):
            return 0.0
        from scipy.special import bdtrc

        familiar = int(_read(self.bits, hashes).sum())
        false = float(np.unpackbits(self.bits).mean())
        fresh = 1 - (1 - self.coincidence) * (1 - false)
        # The coincidence is itself an estimate, from as many rows as left a mark.
        slack = 6 * np.sqrt((self.coincidence + 1 / self.n_kept) / self.n_kept)
        at_most = 1 - (1 - min(1.0, self.coincidence + slack)) * (1 - false)
        marked = self.n_kept / self.n_rows
        share = (familiar / len(hashes) - fresh) / (marked * (1 - fresh))
        surprising = familiar > 0 and float(bdtrc(familiar - 1, len(hashes), at_most)) < _SURPRISING
        return min(1.0, share) if surprising and share >= _LEAST_SHARE + 2 * self.coincidence else 0.0


@lru_cache(maxsize=4)
def kept_places(n: int) -> IntArray:
    """Give the places of the training rows that leave a mark: all of them, or 4096 of many."""
    places = _some(n, _MOST_KEPT)
    # Refits of the same rows share them.
    places.flags.writeable = False
    return places


def kept_rows(n: int) -> IntArray | slice:
    """Give the same places as an index; where they are all rows, one that copies nothing."""
    return slice(None) if n <= _MOST_KEPT else kept_places(n)


def take_fingerprint(proba: FloatArray, codes: AnyArray, *, n_rows: int, grid: float = _GRID) -> Fingerprint:
    """Mark the kept training rows.

    Parameters
    ----------
    proba : ndarray of shape (s, K)
        What the fitted model gives for them.
    codes : ndarray of shape (s,)
        Place of each row's outcome among the classes.
    n_rows : int
        Number of all training rows.
    grid : float
        Step to which log-odds are rounded; coarse for models that compute in float32.
    """
    hashes = _hash_rows(proba, codes.astype(np.intp, copy=False), grid)
    field = np.zeros(_N_BITS, dtype=np.bool_)
    field[hashes & np.uint64(_N_BITS - 1)] = True
    field[_draw_decoys(hashes)] = True
    coincidence = round(_count_shared(hashes) / max(len(hashes), 1), 6)
    return Fingerprint(np.packbits(field), n_rows, max(len(hashes), 1), coincidence, grid)


def _draw_decoys(hashes: AnyArray) -> AnyArray:
    """Draw the places that marks do not fill, by the marks themselves: the same fit leaves the same fingerprint."""
    n_decoys = max(_MOST_KEPT - len(hashes), 0)
    seed = np.bitwise_xor.reduce(hashes, initial=np.uint64(_SEED))
    # The generator splitmix64; each of its numbers holds four places.
    states = seed + np.arange(1, n_decoys // 4 + 2, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return _mix(states).view(np.uint16)[:n_decoys]


def _count_shared(hashes: AnyArray) -> int:
    """Count the hashes that are not the only one of their kind."""
    in_order = np.sort(hashes)
    like_next = in_order[1:] == in_order[:-1]
    if not like_next.any():
        return 0
    return int(np.count_nonzero(np.append(like_next, False) | np.append(False, like_next)))


def unpack_fingerprint(state: Mapping[str, Any] | None, bits: AnyArray | None) -> Fingerprint | None:
    """Build a fingerprint from a model file; None where there is none."""
    if state is None:
        return None
    numbers = (state["n_rows"], state["n_kept"])
    if bits is None or bits.dtype != np.uint8 or bits.shape != (_N_BITS // 8,):
        found = "no such array" if bits is None else f"shape {bits.shape}"
        message = f"the fingerprint in the model file must have {_N_BITS} bits; got {found}. Save the model again."
        raise ModelFileError(message)
    if any(type(number) is not int or number < 1 for number in numbers):
        message = f"the fingerprint in the model file must count rows; got {numbers}. Save the model again."
        raise ModelFileError(message)
    grid = float(state.get("grid", _GRID))
    if not 0 < grid < 1:
        message = (
            f"the fingerprint in the model file must have a grid between 0 and 1; got {grid}. Save the model again."
        )
        raise ModelFileError(message)
    return Fingerprint(bits, *numbers, float(state["coincidence"]), grid)


def _some(n: int, most: int) -> IntArray:
    if n <= most:
        return np.arange(n)
    # Any fixed choice will do; an even one might miss the pattern of a sorted file.
    return np.sort(np.random.default_rng(_SEED).choice(n, most, replace=False)).astype(np.intp, copy=False)


def _hash_rows(proba: FloatArray, codes: IntArray, grid: float) -> AnyArray:
    """Hash the log-odds of what happened, on a fine grid; rows without a risk or with another outcome are left out."""
    known = (codes >= 0) & (proba[:, 0] == proba[:, 0])
    if not known.all():
        codes, proba = codes[known], proba[known]
    observed = np.where(codes, proba[:, 1], proba[:, 0]) if proba.shape[1] == 2 else proba[np.arange(len(codes)), codes]
    with np.errstate(divide="ignore"):
        log_odds = np.log(observed) - np.log1p(-observed)
    rounded = np.rint(np.clip(log_odds, -_FARTHEST, _FARTHEST) / grid).astype(np.int64).view(np.uint64)
    return _mix(rounded + (codes.astype(np.uint64) << np.uint64(48)))


def _mix(numbers: AnyArray) -> AnyArray:
    """Apply the finaliser of splitmix64 (Steele, Lea, Flood 2014): every bit of the input moves every one it gives."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    hashes: AnyArray = mixed ^ (mixed >> np.uint64(31))
    return hashes


def _read(bits: AnyArray, hashes: AnyArray) -> AnyArray:
    places = hashes & np.uint64(_N_BITS - 1)
    shift = (np.uint64(7) - (places & np.uint64(7))).astype(np.uint8)
    read: AnyArray = (bits[places >> np.uint64(3)] >> shift) & 1
    return read


class SeenRows(NamedTuple):
    """Recognises rows by several fingerprints, each of which is asked about numbers of its own.

    Attributes
    ----------
    marks : tuple of (Fingerprint, ndarray of shape (n, K) or None)
        Fingerprints, and what each is asked about; None for the probabilities of the model itself.
    """

    marks: tuple[tuple[Fingerprint, FloatArray | None], ...]

    def share_recognised(self, proba: FloatArray, codes: IntArray) -> float:
        """Estimate the share of the rows that one of the fingerprints knows: the greatest."""
        found = (marks.share_recognised(proba if asked is None else asked, codes) for marks, asked in self.marks)
        return max(found, default=0.0)
