from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from riskdec import diagnose
from riskdec.diagnostics.distances.cutoff import brownian_range_tail
from riskdec.diagnostics.groups.multiplicity import claim, holm


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    wanted = multipletests(p_values, method="holm")[1]
    np.testing.assert_allclose(holm(p_values), wanted, rtol=1e-12)


def test_holm_leaves_missing_tests_out() -> None:
    assert holm([0.02, float("nan")])[0] == 0.02
    assert np.isnan(holm([0.02, float("nan")])[1])
    assert holm([]) == ()


# The 90, 95 and 99 % points of the range of Brownian motion on [0, 1]: Feller (1951) and its tables.
@pytest.mark.parametrize(("reach", "tail"), [(2.2414, 0.10), (2.4976, 0.05), (3.0234, 0.01)])
def test_range_of_brownian_motion_has_its_known_points(reach: float, tail: float) -> None:
    assert brownian_range_tail(reach) == pytest.approx(tail, rel=2e-3)


def test_claim_is_not_held_up_by_the_number_of_draws(rng: np.random.Generator) -> None:
    risk = rng.random(2000)
    y = (rng.random(2000) < risk**2).astype(int)
    # No likelihood: one certainty proves wrong.
    y[-1], risk[-1] = 0, 1.0
    report = diagnose(y, risk, n_resamples=19, rng=0)
    assert not [test for test in report.tests if "likelihood" in test.name]
    assert report.cutoff_calibration_error.p_value == 1 / 20
    assert claim(report) < 1e-6
    weighted = diagnose(y, risk, n_resamples=19, rng=0, sample_weight=np.full(2000, 3), weight_kind="importance")
    assert claim(weighted) == pytest.approx(claim(report))


def test_claim_is_the_smaller_p_value_doubled(rng: np.random.Generator) -> None:
    risk = rng.random(1000) * 0.8 + 0.1
    y = (rng.random(1000) < risk).astype(int)
    report = diagnose(y, risk, n_resamples=50, rng=0)
    both = next(test for test in report.tests if test.name.startswith("intercept = 0 and slope = 1"))
    wanted = 2 * min(both.p_value, report.cutoff_calibration_error.p_value)
    assert claim(report) == pytest.approx(min(1.0, wanted))
