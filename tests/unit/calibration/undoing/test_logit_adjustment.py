"""Undoing of logit adjustment: the loss's own softmax comes back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from riskdec.calibration import adjust_prevalence, undo_logit_adjustment
from riskdec.errors import InputError


@pytest.mark.parametrize("tau", [0.0, 0.5, 1.0, 2.0])
def test_softmax_of_the_loss_comes_back(rng: np.random.Generator, tau: float) -> None:
    logits, share = rng.normal(size=(40, 4)) * 3, np.array([0.6, 0.3, 0.09, 0.01])
    found = undo_logit_adjustment(softmax(logits, axis=1), prevalence=share, tau=tau)
    np.testing.assert_allclose(found, softmax(logits + tau * np.log(share), axis=1), rtol=1e-12)


def test_balanced_softmax_is_a_shift_from_equal_prevalences(rng: np.random.Generator) -> None:
    q, share = rng.dirichlet(np.ones(3), 30), {"a": 0.7, "b": 0.2, "c": 0.1}
    found = undo_logit_adjustment(q, prevalence=share)
    np.testing.assert_allclose(found, adjust_prevalence(q, train=[1 / 3] * 3, target=share), rtol=1e-12)


def test_risks_and_columns_agree() -> None:
    risk = undo_logit_adjustment([0.5, 0.9], prevalence=0.1, tau=0.5)
    columns = undo_logit_adjustment([[0.5, 0.5], [0.1, 0.9]], prevalence=0.1, tau=0.5)
    np.testing.assert_allclose(columns[:, 1], risk, rtol=1e-14)


def test_negative_tau_and_missing_classes_are_refused() -> None:
    with pytest.raises(InputError, match="tau must be a number of at least 0; got -1"):
        undo_logit_adjustment([0.5], prevalence=0.5, tau=-1)
    with pytest.raises(InputError, match="prevalence must be above 0 and below 1"):
        undo_logit_adjustment([[0.2, 0.3, 0.5]], prevalence=[0.5, 0.5, 0])
