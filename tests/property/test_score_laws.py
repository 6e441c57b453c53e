"""Laws of scores that hold for every forecast."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from riskdec import brier_score, decompose_score, log_score
from riskdec.scores.isotonic import isotonic_fit
from riskdec.scores.ranking import area_under_curve


class Rows(NamedTuple):
    y: np.ndarray
    risk: np.ndarray
    weight: np.ndarray


@st.composite
def rows(draw: st.DrawFn, low: float = 0.0) -> Rows:
    n = draw(st.integers(1, 30))
    # Coarse risks, so that most are tied.
    grid = st.integers(0, 10).map(lambda k: min(max(k / 10, low), 1 - low))
    risk = draw(arrays.arrays(float, n, elements=grid))
    y = draw(arrays.arrays(int, n, elements=st.integers(0, 1)))
    weight = draw(arrays.arrays(int, n, elements=st.integers(1, 4)))
    return Rows(y, risk, weight)


@given(rows(), st.sampled_from(["brier", "log"]))
def test_parts_add_up_to_the_score_and_none_is_negative(data: Rows, score: str) -> None:
    parts = decompose_score(data.y, data.risk, score=score, sample_weight=data.weight)  # type: ignore[arg-type]
    assert parts.miscalibration >= -1e-15
    assert parts.discrimination >= -1e-15
    if np.isfinite(parts.score):
        total = parts.miscalibration - parts.discrimination + parts.uncertainty
        assert total == pytest.approx(parts.score, abs=1e-12)
    direct = {"brier": brier_score, "log": log_score}[score](data.y, data.risk, sample_weight=data.weight)
    assert parts.score == pytest.approx(direct, abs=1e-12)


@given(rows())
def test_whole_weights_equal_repeated_rows(data: Rows) -> None:
    y, risk = np.repeat(data.y, data.weight), np.repeat(data.risk, data.weight)
    assert brier_score(data.y, data.risk, sample_weight=data.weight) == pytest.approx(brier_score(y, risk))
    assert log_score(data.y, data.risk, sample_weight=data.weight) == pytest.approx(log_score(y, risk))
    weighted = area_under_curve(data.y == 1, data.risk, data.weight.astype(float))
    assert weighted == pytest.approx(area_under_curve(y == 1, risk), nan_ok=True)


@given(rows(), st.integers(0, 2**32))
def test_order_of_the_rows_changes_nothing(data: Rows, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(data.y))
    here = decompose_score(data.y, data.risk, sample_weight=data.weight)
    there = decompose_score(data.y[order], data.risk[order], sample_weight=data.weight[order])
    assert here.to_dict() == there.to_dict()


@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_scores_are_proper(truth: float, said: float) -> None:
    # Outcomes in proportion to the truth: saying the truth is best.
    weight = [truth, 1 - truth]
    for score in (brier_score, log_score):
        honest, other = (score([1, 0], [p, p], sample_weight=weight) for p in (truth, said))
        assert honest <= other + 1e-12


@given(rows())
def test_isotonic_fit_rises_keeps_the_total_and_is_its_own_fit(data: Rows) -> None:
    weight = data.weight.astype(float)
    fit = isotonic_fit(data.risk, data.y.astype(float), weight)
    assert (np.diff(fit.level) >= 0).all()
    level = fit.level[np.searchsorted(fit.x, data.risk)]
    assert (weight * level).sum() == pytest.approx((weight * data.y).sum())
    assert isotonic_fit(data.risk, level, weight).level == pytest.approx(fit.level)


@given(rows())
def test_area_under_curve_turns_around_with_the_ranking(data: Rows) -> None:
    assume(0 < data.y.sum() < len(data.y))
    weight = data.weight.astype(float)
    up, down = (area_under_curve(data.y == 1, risk, weight) for risk in (data.risk, -data.risk))
    assert up + down == pytest.approx(1)
