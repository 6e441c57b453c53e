"""A seeded slice: corrections raise every risk, add nothing to the ranking, and decide as a threshold does."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.class_imbalance_corrections import HAS_SMOTE, Design, conclusions, methods, simulate


@pytest.fixture(scope="module")
def figures() -> np.ndarray:
    return simulate(Design(0.1, 3, None), repetitions=8, seed=1)


def test_conclusions_hold_for_every_correction(figures: np.ndarray) -> None:
    assert conclusions(figures).all()


def test_risks_are_right_without_correction_and_shifted_with_it(figures: np.ndarray) -> None:
    ratio, citl = figures[:, :, 0].mean(axis=0), figures[:, :, 1].mean(axis=0)
    assert ratio[0] == pytest.approx(1, abs=0.1)
    assert (ratio[1:] > 3).all()
    assert citl[1:3] == pytest.approx(-np.log(9), abs=0.2)


def test_under_and_oversampling_rank_as_well_and_no_better(figures: np.ndarray) -> None:
    assert figures[:, :, 3].mean(axis=0) == pytest.approx(np.full(len(methods()), 0.75), abs=0.015)


def test_smote_is_there_where_imbalanced_learn_is() -> None:
    assert ("SMOTE" in methods()) == HAS_SMOTE
