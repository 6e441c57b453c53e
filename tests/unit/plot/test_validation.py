"""The drawing of a validation shows the corrected curve beside the apparent one."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from riskdec import BootstrapValidation, LogisticRiskModel, validate_by_bootstrap, validate_by_folds
from riskdec.plot import draw


@pytest.fixture
def data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(200, 4))
    return X, rng.random(200) < 1 / (1 + np.exp(1 - X[:, 0]))


@pytest.fixture
def validation(data: tuple[np.ndarray, np.ndarray]) -> BootstrapValidation:
    return validate_by_bootstrap(LogisticRiskModel(), *data, n_resamples=10, rng=0)


def test_lines_are_the_numbers_of_the_answer(validation: BootstrapValidation) -> None:
    lines = {str(line.get_label()): line for line in draw(validation).lines}
    corrected = next(line for label, line in lines.items() if label.startswith("to expect on new rows"))
    apparent = next(line for label, line in lines.items() if label.startswith("apparent"))
    np.testing.assert_array_equal(corrected.get_xydata(), np.c_[validation.curve_risk, validation.curve_corrected])
    np.testing.assert_array_equal(apparent.get_xydata(), np.c_[validation.curve_risk, validation.curve_apparent])
    assert corrected.get_linewidth() > apparent.get_linewidth()


def test_given_axes_are_used(validation: BootstrapValidation) -> None:
    ax = Figure().add_subplot()
    assert validation.plot(ax) is ax


def test_low_risks_are_drawn_on_a_logit_axis(rng: np.random.Generator) -> None:
    X = rng.normal(size=(2000, 2))
    y = rng.random(2000) < 1 / (1 + np.exp(4 - 0.5 * X[:, 0]))
    ax = draw(validate_by_bootstrap(LogisticRiskModel(), X, y, n_resamples=5, rng=0))
    assert ax.get_xlim()[1] < 0.5
    assert ax.get_xlim() == ax.get_ylim()


def test_folds_are_named(data: tuple[np.ndarray, np.ndarray]) -> None:
    ax = draw(validate_by_folds(LogisticRiskModel(), *data, n_repeats=2, rng=0))
    assert any("cross-validation, 2 times" in str(line.get_label()) for line in ax.lines)
