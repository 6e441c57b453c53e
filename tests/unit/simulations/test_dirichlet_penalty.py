"""A seeded slice of the comparison of Dirichlet calibration with temperature scaling."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.dirichlet_penalty import COLUMNS, Source, losses, sources


def test_dirichlet_loses_little_where_a_temperature_is_enough_and_gains_where_outcomes_are_confused() -> None:
    enough, confused, mixed = (source for source, _ in zip(sources(), range(3), strict=False))
    temperature, default = COLUMNS.index("temperature"), COLUMNS.index("Dirichlet 0.05")
    gain = [np.subtract(*losses(source, 1_200, 2)[[temperature, default]]) for source in (enough, confused, mixed)]
    assert -0.01 < gain[0] < 0.001
    assert gain[1] > 0.005
    assert gain[2] > 0.05


@pytest.mark.filterwarnings("ignore::riskdec.errors.SeparationWarning")
def test_calibrators_without_a_fit_are_counted_as_such() -> None:
    proba = np.repeat([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]], 20, axis=0)
    found = losses(Source("told apart", proba, np.repeat([0, 1, 2], 20), (30,)), 30, 1)
    assert np.isfinite(found[:2]).all()
    assert np.isinf(found[2:]).all()
