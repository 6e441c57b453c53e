"""A seeded slice of the table of decision-curve bands: where they hold, and why not over all thresholds."""

from __future__ import annotations

import numpy as np

from simulations.decision_curves import coverage

R = 200


def slack(level: float) -> float:
    return 3 * float(np.sqrt(level * (1 - level) / R))


def test_bands_hold_where_five_of_each_are_acted_on_and_nowhere_else() -> None:
    prevalence, held = coverage(-0.9, 1000, np.arange(1, 100) / 100, R)
    assert 0.3 < prevalence < 0.35
    assert held.band >= 0.95 - slack(0.95)
    assert held.difference >= 0.95 - slack(0.95)
    assert held.exact >= 0.95
    assert held.everywhere < 0.1
