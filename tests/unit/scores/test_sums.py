from __future__ import annotations

import numpy as np
import pytest

from riskdec.scores.sums import sum_by_forecast, sum_cells


def test_sums_of_frequency_weights_equal_sums_of_repeated_rows_bit_for_bit(rng: np.random.Generator) -> None:
    risk, is_event = rng.random(50).round(1), rng.random(50) < 0.5
    weight = rng.integers(1, 4, 50).astype(float)
    weighted = sum_by_forecast(risk, is_event, weight)
    times = weight.astype(int)
    shuffled = rng.permutation(times.sum())
    repeated = sum_by_forecast(np.repeat(risk, times)[shuffled], np.repeat(is_event, times)[shuffled])
    for ours, theirs in zip(weighted, repeated, strict=True):
        assert np.array_equal(ours, theirs)
    assert weighted.n == times.sum()


def test_sums_of_importance_weights_are_weighted_sums_and_count_rows() -> None:
    risk, is_event = np.array([0.5, 0.2, 0.5, 0.5]), np.array([True, False, False, True])
    sums = sum_by_forecast(risk, is_event, np.array([2.0, 1.0, 0.5, 2.0]), kind="importance")
    assert sums.risk.tolist() == [0.2, 0.5]
    assert sums.weight.tolist() == [1, 4.5]
    assert sums.events.tolist() == [0, 4]
    assert sums.squared_weight.tolist() == [1, 8.25]
    assert sums.squared_events.tolist() == [0, 8]
    assert (sums.n, sums.n_events) == (4, 2)
    # The two rows of risk 0.5 and weight 2 are one cell.
    assert sums.cell_unit.tolist() == [1, 0.5, 2]
    assert sums.cell_count.tolist() == [1, 1, 2]
    assert sums.cell_start.tolist() == [0, 1]


def test_residuals_and_their_variance_equal_sums_over_rows(rng: np.random.Generator) -> None:
    risk, is_event, weight = rng.random(60).round(1), rng.random(60) < 0.5, rng.random(60)
    sums = sum_by_forecast(risk, is_event, weight, kind="importance")
    off = weight * (is_event - risk)
    wanted = [off[risk == value].sum() for value in sums.risk]
    assert sums.residual == pytest.approx(wanted)
    assert sums.residual_variance == pytest.approx([(off[risk == value] ** 2).sum() for value in sums.risk])
    assert sums.mean_risk == pytest.approx(np.average(risk, weights=weight))
    assert sums.prevalence == pytest.approx(np.average(is_event, weights=weight))


def test_packed_sorting_keeps_every_bit_of_the_risks(rng: np.random.Generator) -> None:
    # Neighbouring numbers, the smallest ones, the ends, and both zeros.
    near = np.nextafter(0.3, np.array([0.0, 0.3, 1.0]))
    risk = np.concatenate([near, near, [0.0, -0.0, 5e-324, 2.3e-308, 1.0, np.nextafter(1.0, 0.0)], rng.random(50)])
    is_event = rng.random(len(risk)) < 0.5
    sums = sum_by_forecast(risk, is_event)
    values, place = np.unique(risk, return_inverse=True)
    assert sums.risk.tolist() == values.tolist()
    assert sums.weight.tolist() == np.bincount(place).tolist()
    assert sums.events.tolist() == np.bincount(place, weights=is_event).tolist()


@pytest.mark.parametrize("kind", ["frequency", "importance"])
def test_cells_put_together_equal_cells_of_all_rows_bit_for_bit(kind: str, rng: np.random.Generator) -> None:
    risk, is_event, weight = rng.random(90).round(1), rng.random(90) < 0.4, rng.integers(1, 4, 90) / 1.0
    if kind == "importance":
        weight /= 7
    whole = sum_by_forecast(risk, is_event, weight, kind=kind)  # type: ignore[arg-type]
    parts = [
        sum_by_forecast(risk[rows], is_event[rows], weight[rows], kind=kind) for rows in (slice(40), slice(40, 90))
    ]  # type: ignore[arg-type]
    names = ("cell_risk", "cell_unit", "cell_count", "cell_events")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    unit = joined["cell_unit"] if kind == "importance" else None
    merged = sum_cells(joined["cell_risk"], unit, joined["cell_count"], joined["cell_events"])
    for ours, theirs in zip(merged, whole, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("kind", ["frequency", "importance"])
def test_part_is_the_sums_of_its_rows(kind: str, rng: np.random.Generator) -> None:
    risk, is_event = rng.random(200).round(1), rng.random(200) < 0.4
    weight = rng.integers(1, 4, 200) / (1.0 if kind == "frequency" else 3.0)
    sums = sum_by_forecast(risk, is_event, weight, kind=kind)
    inside = (risk > 0) & (risk < 1)
    alone = sum_by_forecast(risk[inside], is_event[inside], weight[inside], kind=kind)
    part = sums.part(1, len(sums.risk) - 1)
    for ours, theirs in zip(part, alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_scores_of_any_size_are_summed_as_cells_are(rng: np.random.Generator) -> None:
    score = np.concatenate([rng.normal(0, 5, 400).round(1), [-0.0, 0.0, 1e300, -1e300, 5e-324]])
    is_event = rng.random(len(score)) < 0.3
    ones = np.ones(len(score))
    for given in (is_event, np.ones_like(is_event), np.zeros_like(is_event)):
        found, wanted = sum_by_forecast(score, given), sum_cells(score, None, ones, ones * given)
        for name in ("risk", "weight", "events"):
            np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
        assert found.n_events == given.sum()
