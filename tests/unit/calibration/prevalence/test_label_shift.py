"""The test of label shift: its cells, its power, when it is not made, and against a table by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, softmax

from riskdec.calibration.prevalence.label_shift import label_shift_test
from riskdec.calibration.prevalence.rows import Rows


def rows(risk: np.ndarray, codes: np.ndarray | None = None) -> Rows:
    codes = np.empty(0) if codes is None else codes
    proba = np.column_stack([1 - risk, risk])
    return Rows(proba, np.ones(len(risk)), "frequency", None, codes.astype(np.intp), are_risks=True)


def test_statistic_is_the_least_distance_of_the_table_of_cells() -> None:
    # Three values of the risk are three cells: the distance can be minimised by hand over one share.
    values = np.array([0.1, 0.4, 0.8])
    target = np.array([210, 90, 100])
    labelled = np.array([[120, 60, 20], [20, 50, 130]])
    code = np.repeat([0, 0, 0, 1, 1, 1], labelled.ravel())
    risk = np.concatenate([np.repeat(values, counts) for counts in labelled])
    test = label_shift_test(rows(np.repeat(values, target)), rows(risk, code), np.array([0.5, 0.5]))

    def multinomial(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p = (counts / counts.sum())[:2]
        return p, (np.diag(p) - np.outer(p, p)) / counts.sum()

    (t, vt), (c0, v0), (c1, v1) = (multinomial(counts) for counts in (target, *labelled))

    def distance(q: float, at: float) -> float:
        off = t - (1 - q) * c0 - q * c1
        return float(off @ np.linalg.solve(vt + at**2 * v1 + (1 - at) ** 2 * v0, off))

    at = 0.5
    for _ in range(50):
        at = float(minimize_scalar(lambda q, at=at: distance(q, at), bounds=(0, 1), method="bounded").x)
    assert test is not None
    assert (test.df, test.n_cells) == (1, 3)
    assert test.statistic == pytest.approx(distance(at, at), rel=1e-4)


def test_cases_of_another_kind_are_found() -> None:
    rng = np.random.default_rng(1)
    code = rng.random(1000) < 0.5
    risk = expit(1.5 * (rng.normal(size=1000) + 1.5 * code) - 1.125)
    # Twice as spread out as any mixture of the labelled outcomes.
    test = label_shift_test(rows(expit(3 * rng.normal(size=1000))), rows(risk, code), np.array([0.5, 0.5]))
    assert test is not None
    assert test.p_value < 0.001
    assert test.df == 3


def test_too_few_rows_are_not_tested() -> None:
    rng = np.random.default_rng(2)
    code = np.arange(100) % 2
    assert (
        label_shift_test(rows(rng.uniform(size=500)), rows(rng.uniform(size=100), code), np.array([0.5, 0.5])) is None
    )


def test_many_outcomes_are_sorted_by_the_likeliest_one() -> None:
    rng = np.random.default_rng(3)
    codes, truth = rng.choice(4, 2000), rng.choice(4, 2000, p=[0.7, 0.1, 0.1, 0.1])
    both = [softmax(1.5 * (rng.normal(size=(2000, 4)) + 1.5 * np.eye(4)[y]), axis=1) for y in (codes, truth)]
    labelled = Rows(both[0], np.ones(2000), "frequency", None, codes, are_risks=False)
    target = Rows(both[1], np.ones(2000), "frequency", None, np.empty(0, dtype=np.intp), are_risks=False)
    test = label_shift_test(target, labelled, np.array([0.7, 0.1, 0.1, 0.1]))
    assert test is not None
    assert (test.n_cells, test.df) == (8, 4)
    assert test.p_value > 0.001
