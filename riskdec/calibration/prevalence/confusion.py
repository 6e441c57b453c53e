"""Prevalences from mean probabilities: the adjusted count, which needs labelled rows but no calibrated scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.calibration.prevalence.rows import Rows

# Below this share of the largest singular value mean probabilities do not tell the outcomes apart.
_FLAT = 1e-8
# Weight of the sum of the shares beside their fit.
_HEAVY = 1e5


class MeanScores(NamedTuple):
    """Means of the scores among the rows without labels, and among the labelled rows of each outcome.

    Attributes
    ----------
    mean : ndarray of shape (m,)
        Among the rows without labels.
    variance : ndarray of shape (m, m)
        Its variance.
    by_outcome : ndarray of shape (m, K)
        A column for each outcome.
    by_outcome_variance : ndarray of shape (K m, K m)
        Variance of ``by_outcome.T.ravel()``.
    """

    mean: FloatArray
    variance: FloatArray
    by_outcome: FloatArray
    by_outcome_variance: FloatArray

    def variance_at(self, shares: FloatArray) -> FloatArray:
        """Give the variance of ``mean - by_outcome @ shares``."""
        m = len(self.mean)
        tied = np.kron(shares, np.eye(m))
        return np.asarray(self.variance + tied @ self.by_outcome_variance @ tied.T, dtype=np.float64)


def mean_scores(target: Rows, labelled: Rows, scores: FloatArray, labelled_scores: FloatArray) -> MeanScores:
    """Average m scores of each row, with the variances of the averages."""
    mean = target.weight @ scores / target.total
    variance = target.variance((scores - mean) / target.total)
    k, m = labelled.n_outcomes, scores.shape[1]
    by_outcome, influence = np.empty((m, k)), np.zeros((labelled.n, k * m))
    for j in range(k):
        here = labelled.codes == j
        total = float(labelled.weight[here].sum())
        by_outcome[:, j] = labelled.weight[here] @ labelled_scores[here] / total
        influence[here, j * m : (j + 1) * m] = (labelled_scores[here] - by_outcome[:, j]) / total
    return MeanScores(mean, variance, by_outcome, labelled.variance(influence))


def solve_shares(given: MeanScores) -> FloatArray:
    """Give the shares whose mixture has the mean seen: exactly where that is possible, else the nearest ones.

    The nearest are those of least ``d' V^-1 d``, d the difference of the means and V its variance at the solution
    without constraints, cut to the simplex.
    """
    k = given.by_outcome.shape[1]
    tilt = given.by_outcome[:, 1:] - given.by_outcome[:, [0]]
    singular = np.linalg.svd(tilt, compute_uv=False)
    if singular[-1] <= _FLAT * max(float(singular[0]), 1e-300) or singular[0] == 0:
        got = "the same mean probabilities"
        raise refuse("y_proba_calibration", "differ on average between the outcomes", got, "They tell nothing apart.")
    free = np.linalg.lstsq(tilt, given.mean - given.by_outcome[:, 0], rcond=None)[0]
    shares = np.append(1 - free.sum(), free)
    if (shares >= 0).all():
        return shares
    if k == 2:
        return np.array([1.0, 0.0]) if shares[1] < 0 else np.array([0.0, 1.0])
    return _nearest(given, np.maximum(shares, 0) / np.maximum(shares, 0).sum())


def _nearest(given: MeanScores, start: FloatArray) -> FloatArray:
    from scipy.optimize import nnls

    # Non-negative least squares in units of standard errors; a heavy last row keeps the sum at 1.
    values, vectors = np.linalg.eigh(np.linalg.pinv(given.variance_at(start), hermitian=True))
    root = np.sqrt(np.maximum(values, 0))[:, None] * vectors.T
    heavy = _HEAVY * float(np.abs(root @ given.by_outcome).max())
    matrix = np.vstack([root @ given.by_outcome, np.full((1, len(start)), heavy)])
    shares = nnls(matrix, np.append(root @ given.mean, heavy))[0]
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def share_limits(given: MeanScores, shares: FloatArray, width: float) -> list[tuple[float, float]]:
    """Give limits of every share: by inverting the test of the mean with two outcomes, else Wald, cut to [0, 1]."""
    if len(shares) == 2:
        low, high = _inverted(given, width, best=float(shares[1]))
        return [(1 - high, 1 - low), (low, high)]
    tilt = given.by_outcome[:, 1:] - given.by_outcome[:, [0]]
    inverse = np.linalg.pinv(tilt)
    covariance = inverse @ given.variance_at(shares) @ inverse.T
    variances = np.append(covariance.sum(), np.diag(covariance))
    margins = width * np.sqrt(variances)
    return [
        (max(0.0, q - margin), min(1.0, q + margin))
        for q, margin in zip(shares.tolist(), margins.tolist(), strict=True)
    ]


def _inverted(given: MeanScores, width: float, *, best: float) -> tuple[float, float]:
    """Give the shares q in [0, 1] with ``(mean - (1 - q) c_0 - q c_1)^2 <= width^2 V(q)`` (Fieller)."""
    low, high = given.by_outcome[0]
    v = given.by_outcome_variance
    # Both sides are quadratic in q: a q^2 + b q + c <= 0.
    z2 = width**2
    a = (high - low) ** 2 - z2 * (v[0, 0] + v[1, 1] - 2 * v[0, 1])
    b = -2 * (given.mean[0] - low) * (high - low) - z2 * (2 * v[0, 1] - 2 * v[0, 0])
    c = (given.mean[0] - low) ** 2 - z2 * (given.variance[0, 0] + v[0, 0])
    under = b * b - 4 * a * c
    if a <= 0 or under < 0:
        # Means that may be equal exclude nothing; without a root nothing in [0, 1] is excluded by one side alone.
        return (0.0, 1.0) if a <= 0 else (best, best)
    root = float(np.sqrt(under))
    ends = ((-b - root) / (2 * a), (-b + root) / (2 * a))
    return min(max(0.0, ends[0]), best), max(min(1.0, ends[1]), best)
