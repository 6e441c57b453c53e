"""Coefficients and standard errors against optima in 120-digit decimal arithmetic, on problems made to lose digits."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

import numpy as np
import pytest

from benchmarks.accuracy import PAGE, bar, bar_of_errors, measure_riskdec, optimum_of
from benchmarks.fifty_digits import Optimum, agreeing_digits, solve, solve_firth
from benchmarks.nasty_problems import nasty_problems
from riskdec import LogisticRiskModel

PROBLEMS = {problem.name: problem for problem in nasty_problems()}


# Columns so close to each other that no program gets nine digits by solving with them.
DEPENDENT = {
    "two columns 1e-06 apart",
    "a sum of three columns, 1e-5 off",
    "powers 1 to 6 of 0 to 10 (Vandermonde)",
    "three outcomes, columns 1e-5 apart",
    "two columns 1e-06 apart, 600 times over",
}
FIRTH = (
    *("nothing (three normal columns)", "means 1e8 with sd 1", "two columns 1e-03 apart", "offsets of -30 to 30"),
    *("events of 1e-5 (frequency weights)", "repeated rows as frequency weights"),
)


@cache
def solved(name: str) -> Optimum:
    return optimum_of(PROBLEMS[name])


@pytest.mark.parametrize("name", PROBLEMS)
def test_coefficients_and_errors_agree_with_the_optimum_in_nine_digits(name: str) -> None:
    problem, optimum = PROBLEMS[name], solved(name)
    digits = measure_riskdec(problem, optimum)
    assert 3 < bar(optimum) < 9 if name in DEPENDENT else bar(optimum) == 9
    assert digits.coef is not None
    assert digits.errors is not None
    told = f"coefficients {digits.coef:.1f} digits, errors {digits.errors:.1f}, asked for {bar(optimum):.1f}"
    assert digits.coef >= bar(optimum), told
    assert digits.errors >= bar_of_errors(problem, optimum), told


@pytest.mark.parametrize("name", FIRTH)
def test_firth_estimates_agree_in_nine_digits(name: str) -> None:
    problem = PROBLEMS[name]
    exact = solve_firth(problem.X, problem.y, weight=problem.weight, offset=problem.offset)
    model = LogisticRiskModel(penalty="firth").fit(problem.X, problem.y, problem.weight, offset=problem.offset)
    assert agreeing_digits(np.atleast_2d(model.params), exact) >= 9


def test_the_decimal_optimum_is_the_closed_form_of_a_two_by_two_table() -> None:
    counts = np.array([30.0, 10.0, 20.0, 45.0])
    X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0, 1, 0, 1])
    found = solve(X, y, weight=counts)
    with localcontext() as context:
        context.prec = 50
        log_odds = (Decimal(10) / 30).ln(), (Decimal(45) / 20).ln() - (Decimal(10) / 30).ln()
        errors = (Decimal(1) / 30 + Decimal(1) / 10).sqrt(), sum(1 / Decimal(c) for c in (30, 10, 20, 45)).sqrt()
    np.testing.assert_array_equal(found.coef, [[float(v) for v in log_odds]])
    np.testing.assert_array_equal(found.model_errors, [[float(v) for v in errors]])


def test_the_decimal_optimum_is_the_closed_form_of_a_table_of_three_outcomes() -> None:
    counts = np.array([30.0, 10.0, 20.0, 45.0, 7.0, 13.0])
    X, y = np.array([[0.0]] * 3 + [[1.0]] * 3), np.array([0, 1, 2, 0, 1, 2])
    expected = [
        [np.log(10 / 30), np.log(7 / 45) - np.log(10 / 30)],
        [np.log(20 / 30), np.log(13 / 45) - np.log(20 / 30)],
    ]
    np.testing.assert_allclose(solve(X, y, weight=counts).coef, expected, rtol=1e-14)


def test_agreeing_digits_counts_the_worst_number() -> None:
    assert agreeing_digits(np.array([1.0, 1.001]), np.array([1.0, 1.0])) == pytest.approx(3.0, abs=1e-3)
    assert agreeing_digits(np.array([2.0]), np.array([2.0])) == 16.0
    assert agreeing_digits(np.array([np.nan]), np.array([2.0])) == 0.0
    assert agreeing_digits(np.array([5.0]), np.array([2.0])) == 0.0


def test_the_published_page_holds_every_problem() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| {name} |" in text for name in PROBLEMS)


def test_a_wrong_digit_is_seen() -> None:
    exact = solved("nothing (three normal columns)")
    assert agreeing_digits(exact.coef * (1 + 1e-8), exact.coef) < bar(exact)
