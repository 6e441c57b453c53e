from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from riskdec import hosmer_lemeshow_test
from riskdec.diagnostics.hosmer_lemeshow import HosmerLemeshowStatistic
from riskdec.errors import InputError
from riskdec.scores.sums import sum_by_forecast


def test_statistic_by_hand(rng: np.random.Generator) -> None:
    risk = np.sort(rng.random(40))
    y = (rng.random(40) < risk).astype(int)
    wanted = sum(
        (y[rows] - risk[rows]).sum() ** 2 / (risk[rows] * (1 - risk[rows])).sum()
        for rows in np.array_split(np.arange(40), 4)
    )
    test = hosmer_lemeshow_test(y, risk, n_groups=4, rng=0)
    assert test.statistic == pytest.approx(wanted)
    assert test.df == 4
    assert test.method == "Monte Carlo"
    assert "not recommended" in test.name


def test_in_sample_two_degrees_of_freedom_are_lost(rng: np.random.Generator) -> None:
    risk = rng.random(400)
    y = (rng.random(400) < risk).astype(int)
    outside, inside = hosmer_lemeshow_test(y, risk, rng=0), hosmer_lemeshow_test(y, risk, in_sample=True)
    assert (outside.df, inside.df) == (10, 8)
    assert inside.statistic == outside.statistic
    assert inside.method == "asymptotic"
    assert inside.p_value == pytest.approx(chi2.sf(inside.statistic, 8))
    # On new rows the limit law has as many degrees of freedom as groups, and many draws agree with it.
    assert outside.p_value == pytest.approx(chi2.sf(outside.statistic, 10), abs=0.06)


def test_mean_under_calibration_is_the_number_of_groups_for_weighted_and_tied_rows(rng: np.random.Generator) -> None:
    risk, weight = rng.random(200).round(1) * 0.8 + 0.1, rng.gamma(1, 1, 200)
    values = []
    for _ in range(2000):
        sums = sum_by_forecast(risk, rng.random(200) < risk, weight, kind="importance")
        statistic = HosmerLemeshowStatistic(sums, 5)
        values.append(statistic.reduce(sums.events)[0])
    assert np.mean(values) == pytest.approx(statistic.n_groups, abs=3 * np.std(values) / np.sqrt(2000))


def test_integer_weights_equal_repetition(rng: np.random.Generator) -> None:
    risk, weight = rng.random(60).round(2), rng.integers(1, 4, 60)
    y = (rng.random(60) < risk).astype(int)
    weighted = hosmer_lemeshow_test(y, risk, sample_weight=weight, rng=1)
    assert weighted == hosmer_lemeshow_test(np.repeat(y, weight), np.repeat(risk, weight), rng=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_groups": 1}, "n_groups must be a whole number of at least 2; got 1"),
        ({"n_groups": 2, "in_sample": True}, "n_groups must be a whole number of at least 3; got 2"),
        ({"in_sample": True, "n_groups": 3}, "y_proba must leave risks between 0 and 1 in each of at least three gro"),
        (
            {"in_sample": True, "sample_weight": [1, 2, 1, 1], "weight_kind": "importance"},
            "weight_kind must be 'frequency' in sample; got 'importance'",
        ),
    ],
)
def test_hosmer_lemeshow_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        hosmer_lemeshow_test([0, 1, 0, 1], [0.2, 0.2, 0.4, 0.4], **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="y_proba must leave risks between 0 and 1"):
        hosmer_lemeshow_test([0, 1], [0.0, 1.0])
