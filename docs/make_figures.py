"""Draw the figures of the README and the documentation: `python docs/make_figures.py [NAME ...]` from the root."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import LogisticRiskModel, balance_recall, sweep_weights
from riskdec.cli.study import run_study
from riskdec.datasets import load_health_insurance
from riskdec.plot import to_svg

if TYPE_CHECKING:
    from riskdec import RecallBalance, WeightSweep

FOLDER = Path(__file__).resolve().parent / "figures"


def sweep() -> WeightSweep:
    """Sweep the weights of the model of heavy users."""
    train, test = load_health_insurance().split(rng=0)
    rows = {"X_test": test.X, "y_test": test.y, "groups": train.person, "groups_test": test.person}
    costs = {"false_positive": 1, "false_negative": 15}
    return sweep_weights(LogisticRiskModel(), train.X, train.y, costs=costs, **rows)


def recalls() -> RecallBalance:
    """Balance the recalls of handwritten digits under noise."""
    digits = load_digits()
    noisy = digits.data + np.random.default_rng(0).normal(0, 6, digits.data.shape)
    learner = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=5000, tol=1e-6))
    return balance_recall(learner, noisy, digits.target, held_out_share=0.4, n_repeats=5, rng=1)


study = cache(run_study)
FIGURES = {
    "calibration": lambda: study().report,
    "weighting": lambda: study().comparison,
    "sweep": sweep,
    "recalls": recalls,
}


def main(names: list[str]) -> None:
    """Write one SVG file per figure."""
    for name in names or FIGURES:
        (FOLDER / f"{name}.svg").write_bytes(to_svg(FIGURES[name]()))


if __name__ == "__main__":
    main(sys.argv[1:])
