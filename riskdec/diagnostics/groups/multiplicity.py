"""Many claims at once: one p-value for each group or outcome, and Holm's correction over all of them."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from riskdec.diagnostics.slopes.hierarchy_tests import BOTH_TEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.diagnostics.report import CalibrationReport

# From so many expected events and non-events on the limit law of the cutoff error holds its size.
_ENOUGH_FOR_LIMIT = 50


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values so that claims at a level err anywhere with at most that probability.

    Parameters
    ----------
    p_values : sequence of float
        nan where there is no test; it stays nan and does not count.

    References
    ----------
    Holm S (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6:65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, nan, 0.03])
    (0.03, 0.06, nan, 0.06)
    """
    p = np.array(p_values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(p))
    ascending = known[np.argsort(p[known], kind="stable")]
    factors = len(known) - np.arange(len(known))
    p[ascending] = np.minimum(1.0, np.maximum.accumulate(factors * p[ascending]))
    return tuple(p.tolist())


def claim(report: CalibrationReport) -> float:
    """Give one p-value for a whole report: of weak calibration or of the cutoff error, whichever is smaller, doubled.

    Weak calibration is tested with 2 degrees of freedom, or by the number of events where these are few; nan where
    neither test exists. Where no draw reached the cutoff error, so that its p-value is as small as the number of draws
    allows, the limit law of its range takes over: corrected for many claims, no number of draws would do.
    """
    both = [test for test in report.tests if test.name.startswith(BOTH_TEST)]
    weak = [test.p_value for test in (both or report.tests)[:1]]
    known = [p for p in (*weak, _cutoff_p_value(report)) if not isnan(p)]
    return min(1.0, len(known) * min(known)) if known else nan


def _cutoff_p_value(report: CalibrationReport) -> float:
    error = report.cutoff_calibration_error
    p, limit = error.p_value, error.asymptotic_p_value
    expected = min(report.n * report.mean_risk, report.n * (1 - report.mean_risk))
    if limit is None or isnan(p) or p > 1.5 / (1 + report.n_resamples) or expected < _ENOUGH_FOR_LIMIT:
        return p
    return min(p, limit)
