"""Undoing of label smoothing: the exact inverse, and what is said about outputs that it cannot explain."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.calibration import undo_label_smoothing
from riskdec.errors import InputError, RepairWarning


@pytest.mark.parametrize("k", [2, 3, 10])
def test_smoothed_probabilities_come_back(rng: np.random.Generator, k: int) -> None:
    p, eps = rng.dirichlet(np.ones(k), 60), 0.1
    np.testing.assert_allclose(undo_label_smoothing((1 - eps) * p + eps / k, smoothing=eps), p, atol=1e-13)


def test_risks_are_two_outcomes() -> None:
    p = np.array([0.0, 0.01, 0.5, 1.0])
    np.testing.assert_allclose(undo_label_smoothing(0.8 * p + 0.1, smoothing=0.2), p, atol=1e-15)


def test_no_smoothing_changes_nothing(rng: np.random.Generator) -> None:
    q = rng.uniform(size=20)
    np.testing.assert_allclose(undo_label_smoothing(q, smoothing=0), q, rtol=1e-14)


def test_outputs_that_smoothing_cannot_give_are_counted() -> None:
    with pytest.warns(RepairWarning, match=r"RD521 .*: 2 of 3 rows \(66.7 %\) hold an output below 0.05"):
        found = undo_label_smoothing([0.01, 0.5, 0.99], smoothing=0.1)
    np.testing.assert_array_equal(found, [0.0, 0.5, 1.0])


def test_rows_sum_to_one_after_clipping() -> None:
    with pytest.warns(RepairWarning, match="1 of 1 rows"):
        found = undo_label_smoothing([[0.01, 0.29, 0.7]], smoothing=0.3)
    assert found[0, 0] == 0
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-15)
    # 0.19 and 0.6 are left above 0.1.
    np.testing.assert_allclose(found[0, 1:], [0.19 / 0.79, 0.6 / 0.79], rtol=1e-13)


def test_rounding_of_short_numbers_is_not_counted() -> None:
    q = np.array([0.05, 0.95], dtype=np.float32)
    np.testing.assert_allclose(undo_label_smoothing(q, smoothing=0.1), [0, 1], atol=1e-7)


@pytest.mark.parametrize("smoothing", [-0.1, 1, 1.5, "much"])
def test_bad_smoothing_is_refused(smoothing: object) -> None:
    with pytest.raises(InputError, match="smoothing must be"):
        undo_label_smoothing([0.5], smoothing=smoothing)  # type: ignore[arg-type]  # wrong on purpose
