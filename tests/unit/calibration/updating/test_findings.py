"""What the ladder says in words, choice by choice."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from riskdec import choose_update


def draw(shift: float, slope: float, n: int = 3000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    old = rng.normal(-1, 1, n)
    return rng.random(n) < expit(shift + slope * old), expit(old)


@pytest.mark.parametrize(
    ("shift", "slope", "severity", "words"),
    [
        (0.0, 1.0, "good", r"These rows do not call for an update: 'citl and slope' does not improve"),
        (-0.8, 1.0, "issue", r"'citl' is enough: 'citl and slope' does not improve on it significantly (p = 0."),
        (
            0.5,
            0.4,
            "issue",
            r"Every lower rung fits significantly worse than 'citl and slope' (largest p below 0.001).",
        ),
    ],
)
def test_choice_is_said_with_its_p_value(shift: float, slope: float, severity: str, words: str) -> None:
    (finding,) = [one for one in choose_update(*draw(shift, slope)).findings if one.code == "RD530"]
    assert finding.severity == severity
    assert words in finding.sentence
    assert bool(finding.todo) == (severity == "issue")


def test_nothing_to_estimate_leaves_the_old_model_and_says_so() -> None:
    # One group of risks whose outcomes are all but alone: a shift exists, a slope does not.
    ladder = choose_update([0, 1, 0, 0], [0.2, 0.2, 0.2, 0.2])
    assert {"RD532", "RD533"} <= {finding.code for finding in ladder.findings}
    (missing,) = [finding for finding in ladder.findings if finding.code == "RD533"]
    assert "'citl and slope' is left out: all risks are the same" in missing.sentence
