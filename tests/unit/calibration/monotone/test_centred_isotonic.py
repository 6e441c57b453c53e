"""Centred isotonic calibration, against its definition pooled pair by pair in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from riskdec import CentredIsotonicCalibrator, IsotonicCalibrator
from riskdec.errors import InputError


def centred(score: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[list[Fraction], list[Fraction]]:
    """Pool the first pair that does not rise into its weighted centre until all pairs rise (Oron & Flournoy 2017)."""
    points = []
    for s in np.unique(score):
        here = score == s
        total = int(weight[here].sum())
        points.append([Fraction(s), Fraction(int((weight * y)[here].sum()), total), total])
    while True:
        pairs = [i for i in range(len(points) - 1) if points[i + 1][1] <= points[i][1]]
        if not pairs:
            return [x for x, _, _ in points], [level for _, level, _ in points]
        i = pairs[0]
        (x1, y1, w1), (x2, y2, w2) = points[i : i + 2]
        points[i : i + 2] = [[(x1 * w1 + x2 * w2) / (w1 + w2), (y1 * w1 + y2 * w2) / (w1 + w2), w1 + w2]]


@pytest.mark.parametrize("seed", range(30))
def test_centres_and_levels_are_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    score = rng.integers(0, rng.integers(2, 40), n) / 40
    y = rng.random(n) < score
    y[:2] = [False, True]
    weight = rng.integers(1, 4, n)
    fitted = CentredIsotonicCalibrator().fit(score, y, weight)
    knots, levels = centred(score, y, weight)
    np.testing.assert_allclose(fitted.knots_, np.array(knots, dtype=float), rtol=1e-14)
    np.testing.assert_array_equal(fitted.levels_, np.array(levels, dtype=float))
    new = np.linspace(0, 1, 33)
    wanted = np.interp(new, np.array(knots, dtype=float), np.array(levels, dtype=float))
    np.testing.assert_allclose(fitted.predict_risk(new), wanted, atol=1e-12)


def test_scores_between_the_outer_centres_keep_their_order() -> None:
    rng = np.random.default_rng(4)
    score = np.sort(rng.random(500))
    y = rng.random(500) < score
    fitted = CentredIsotonicCalibrator().fit(score, y)
    inside = score[(score >= fitted.knots_[0]) & (score <= fitted.knots_[-1])]
    assert (np.diff(fitted.predict_risk(inside)) > 0).all()
    assert (np.diff(IsotonicCalibrator().fit(score, y).predict_risk(inside)) == 0).any()


def test_block_of_one_score_is_its_own_centre_to_the_bit() -> None:
    fitted = CentredIsotonicCalibrator().fit([0.1, 0.1, 0.1, 0.7], [0, 1, 0, 1])
    assert fitted.knots_.tolist() == [0.1, 0.7]


def test_error_is_smaller_than_that_of_the_steps_where_the_curve_is_smooth() -> None:
    # Oron and Flournoy (2017), section 4: smaller mean squared error at nearly all settings with interior rates.
    rng = np.random.default_rng(0)
    at = np.linspace(0.2, 0.8, 25)
    errors = np.zeros(2)
    for _ in range(200):
        score = rng.random(100)
        y = rng.random(100) < 0.2 + 0.6 * score
        for k, kind in enumerate((CentredIsotonicCalibrator, IsotonicCalibrator)):
            errors[k] += ((kind().fit(score, y).predict_risk(at) - 0.2 - 0.6 * at) ** 2).mean()
    assert errors[0] < 0.8 * errors[1]


def test_certain_levels_and_constant_scores_are_told() -> None:
    certain = CentredIsotonicCalibrator().fit([0.1, 0.2, 0.5, 0.6, 0.9], [0, 0, 1, 0, 1])
    assert [finding.code for finding in certain.findings_] == ["RD504"]
    assert certain.predict_risk([0.2])[0] > 0
    constant = CentredIsotonicCalibrator().fit([0.4, 0.4, 0.4], [0, 1, 0])
    assert [finding.code for finding in constant.findings_] == ["RD502"]
    assert constant.predict_risk([0.1, 0.9]) == pytest.approx([1 / 3, 1 / 3])
    assert "1" in str(constant.summary())


def test_two_rows_give_a_line() -> None:
    np.testing.assert_allclose(
        CentredIsotonicCalibrator().fit([0.2, 0.6], [0, 1]).predict_risk([0.1, 0.3, 0.9]), [0, 0.25, 1]
    )


def test_infinite_logits_are_refused() -> None:
    with pytest.raises(InputError, match="scores must be finite"):
        CentredIsotonicCalibrator(input="logit").fit([0.0, np.inf], [0, 1])
