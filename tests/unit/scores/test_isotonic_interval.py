"""Wilson's interval with the quantiles of the isotonic limit law."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from riskdec.errors import InputError
from riskdec.scores.isotonic_interval import pivotal_interval


@pytest.mark.parametrize(("confidence_level", "z"), [(0.90, 1.65), (0.95, 2.17), (0.99, 3.14)])
def test_interval_is_wilsons_with_another_quantile(confidence_level: float, z: float) -> None:
    events, rows = np.array([0.0, 1, 12, 50]), np.array([4.0, 30, 40, 50])
    low, high = pivotal_interval(events / rows, rows, confidence_level, what="a test")
    wanted = proportion_confint(events, rows, alpha=2 * norm.sf(z), method="wilson")
    np.testing.assert_allclose([low, high], wanted, atol=1e-12)
    assert low[0] == 0
    assert high[-1] == 1


def test_level_without_a_quantile_is_refused() -> None:
    with pytest.raises(InputError, match=r"confidence_level must be one of 0.9, 0.95, 0.99 for a test; got 0.8"):
        pivotal_interval(np.array([0.5]), np.array([10.0]), 0.8, what="a test")
