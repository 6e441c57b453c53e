"""The test of label shift: are the new scores a mixture of those of the labelled outcomes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.calibration.prevalence.answer import LabelShiftTest
from riskdec.calibration.prevalence.confusion import mean_scores

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.calibration.prevalence.confusion import MeanScores
    from riskdec.calibration.prevalence.rows import Rows

# With more cells, or fewer rows in each, the test rejects too often.
_MOST_CELLS = 5
_ROWS_PER_CELL = 50
_STEPS = 20


def label_shift_test(target: Rows, labelled: Rows, shares: FloatArray) -> LabelShiftTest | None:
    """Compare the shares of cells of the score with mixtures of their shares under each outcome.

    Parameters
    ----------
    target, labelled : Rows
        Without and with labels.
    shares : ndarray of shape (K,)
        Where to start.

    Returns
    -------
    LabelShiftTest or None
        None where there are too few rows for more cells than outcomes.

    Notes
    -----
    With t the shares of the cells among the rows without labels and C those under each outcome, the least value of
    ``(t - C q)' V(q)^-1 (t - C q)`` over q is chi-square with (cells - outcomes) degrees of freedom if some q makes
    the mixture right. Cells: with two outcomes fifths of the risks of the rows without labels (at least 50 rows of
    either kind per cell), with more the likeliest outcome and whether its probability is above its
    median there.
    """
    cells, labelled_cells = _cells(target, labelled)
    m = int(max(cells.max(), labelled_cells.max())) + 1
    df = m - target.n_outcomes
    if df < 1:
        return None
    one_left_out = np.arange(m - 1)
    given = mean_scores(
        target,
        labelled,
        (cells[:, None] == one_left_out).astype(np.float64),
        (labelled_cells[:, None] == one_left_out).astype(np.float64),
    )
    statistic = _least_distance(given, shares)
    from scipy.special import chdtrc

    return LabelShiftTest(statistic=statistic, df=df, p_value=float(chdtrc(df, statistic)), n_cells=m)


def _least_distance(given: MeanScores, shares: FloatArray) -> float:
    """Minimise over q that sum to 1, the variance taken at the last q (iterated generalised least squares)."""
    tilt = given.by_outcome[:, 1:] - given.by_outcome[:, [0]]
    distance = np.inf
    for _ in range(_STEPS):
        precision = np.linalg.pinv(given.variance_at(shares), hermitian=True)
        off = given.mean - given.by_outcome[:, 0]
        free = np.linalg.lstsq(tilt.T @ precision @ tilt, tilt.T @ precision @ off, rcond=None)[0]
        rest = off - tilt @ free
        last, distance = distance, float(rest @ precision @ rest)
        # Outside [0, 1] there is no mixture, and no variance of one.
        shares = np.clip(np.append(1 - free.sum(), free), 0, 1)
        if abs(last - distance) <= 1e-9 * (1 + distance):
            break
    return distance


def _cells(target: Rows, labelled: Rows) -> tuple[IntArray, IntArray]:
    rows = min(target.n, labelled.n)
    if target.n_outcomes == 2:
        n_cells = int(np.clip(rows // _ROWS_PER_CELL, 1, _MOST_CELLS))
        inner = np.unique(np.quantile(target.proba[:, 1], np.arange(1, n_cells) / n_cells))
        cells, labelled_cells = (np.searchsorted(inner, part.proba[:, 1], side="left") for part in (target, labelled))
    else:
        cells, labelled_cells = _by_likeliest(target), _by_likeliest(labelled, target)
    return _without_rare_cells(cells, labelled_cells)


def _by_likeliest(rows: Rows, reference: Rows | None = None) -> IntArray:
    reference = rows if reference is None else reference
    likeliest, known = rows.proba.argmax(axis=1), reference.proba.argmax(axis=1)
    cell: IntArray = 2 * likeliest
    for k in np.unique(known):
        median = np.median(reference.proba[known == k, k])
        cell[(likeliest == k) & (rows.proba[:, k] > median)] += 1
    return cell


def _without_rare_cells(cells: IntArray, labelled_cells: IntArray) -> tuple[IntArray, IntArray]:
    """Put cells of few rows together into one."""
    k = int(max(cells.max(), labelled_cells.max())) + 1
    enough = np.bincount(cells, minlength=k) >= _ROWS_PER_CELL / 2
    number = np.where(enough, np.cumsum(enough) - 1, enough.sum())
    new, labelled_new = number[cells], number[labelled_cells]
    return new.astype(np.intp), labelled_new.astype(np.intp)
