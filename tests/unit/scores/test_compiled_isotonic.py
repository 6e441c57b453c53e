"""The compiled loop gives what scipy gives; without numba it runs here as plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.scores import isotonic


@pytest.mark.parametrize("prevalence", [0.0, 0.05, 0.5, 1.0])
@pytest.mark.parametrize("kind", ["single", "counted", "weighted"])
def test_compiled_blocks_equal_those_of_scipy(prevalence: float, kind: str, rng: np.random.Generator) -> None:
    n = 3_000
    rows = np.ones(n) if kind == "single" else rng.integers(1, 5, n).astype(float)
    events = rng.binomial(rows.astype(int), prevalence * np.linspace(0.5, 1, n)).astype(float)
    scale = 1.0 if kind != "weighted" else rng.random(n) + 0.5
    events, weight = events * scale, rows * scale
    ours, theirs = isotonic._pool_compiled(events, weight), isotonic._pool_scipy(events, weight)
    assert ours[0].tolist() == theirs[0].tolist()
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-12, atol=0)
    np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-12, atol=0)


def test_many_forecasts_take_the_compiled_way_where_numba_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    monkeypatch.setattr(isotonic, "has_numba", lambda: True)
    monkeypatch.setattr(isotonic, "_pool_compiled", lambda events, weight: taken.append(len(events)))
    isotonic.pool_blocks(np.ones(20_000), np.ones(20_000))
    isotonic.pool_blocks(np.ones(19_999), np.ones(19_999))
    assert taken == [20_000]
