"""The closed test: degrees of freedom, Wald against likelihood ratio, models that are one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from riskdec.calibration.updating.closed_tests import AgainstHighest, against_highest, first_adequate
from riskdec.calibration.updating.rungs import LINE, NONE, REFIT, SHIFT, RungFit


def rung(name: str, coef: list[float], value: float, aliases: tuple[int, ...] = ()) -> RungFit:
    covariance = np.diag(np.full(len(coef), 0.04))
    return RungFit(name, np.array(coef), covariance, value, aliases, "")


FITS = [
    rung(NONE, [], -110.0),
    rung(SHIFT, [0.3], -104.0),
    rung(LINE, [0.3, 1.4], -101.0),
    rung(REFIT, [0.3, 1.4, 0.6, 0.0], -98.0, aliases=(3,)),
]


def test_likelihood_ratios_count_the_coefficients_that_are_free() -> None:
    tests = against_highest(FITS, by_likelihood=True, n_groups=None)
    assert [test.df for test in tests] == [3, 2, 1, 0]
    np.testing.assert_allclose([test.statistic for test in tests[:-1]], [24, 12, 6])
    np.testing.assert_allclose([test.p_value for test in tests[:-1]], chi2.sf([24, 12, 6], [3, 2, 1]))


def test_wald_tests_what_a_rung_holds_fixed_and_leaves_aliases_out() -> None:
    tests = against_highest(FITS, by_likelihood=False, n_groups=None)
    # Squares over the variance 0.04: shift 0.3, slope off by 0.4, column 0.6.
    np.testing.assert_allclose([test.statistic for test in tests[:-1]], [15.25, 13.0, 9.0])


def test_first_rung_that_is_not_rejected_is_taken() -> None:
    def outcome(*p_values: float) -> int:
        return first_adequate([*(AgainstHighest(1.0, 1, p) for p in p_values), AgainstHighest(np.nan, 0, np.nan)], 0.05)

    assert outcome(0.2, 0.01, 0.01) == 0
    assert outcome(0.01, 0.2, 0.01) == 1
    assert outcome(0.01, 0.01, 0.01) == 3
    assert outcome() == 0


def test_columns_that_hold_nothing_new_make_two_rungs_one() -> None:
    same = [*FITS[:3], rung(REFIT, [0.3, 1.4, 0.0], -101.0, aliases=(2,))]
    assert against_highest(same, by_likelihood=True, n_groups=None)[2] == pytest.approx((0.0, 0, 1.0))
