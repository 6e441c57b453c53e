"""Weighted means and their standard errors."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions.judging.realised import Sample, standard_error, weighted_mean


def test_plain_rows_give_standard_error_of_the_mean(rng: np.random.Generator) -> None:
    z = rng.normal(size=40)
    sample = Sample.of(np.ones(40), "frequency", None, 40)
    assert weighted_mean(z, sample) == pytest.approx(z.mean())
    assert standard_error(z, sample) == pytest.approx(z.std(ddof=1) / np.sqrt(40), rel=1e-12)


def test_frequency_weights_equal_repetition(rng: np.random.Generator) -> None:
    z, weight = rng.normal(size=20), rng.integers(1, 5, size=20)
    repeated = np.repeat(z, weight)
    n = repeated.size
    first = standard_error(z, Sample.of(weight.astype(float), "frequency", None, n))
    assert first == pytest.approx(standard_error(repeated, Sample.of(np.ones(n), "frequency", None, n)), rel=1e-12)


def test_importance_weights_do_not_depend_on_their_scale(rng: np.random.Generator) -> None:
    z, weight = rng.normal(size=20), rng.random(20) + 0.1
    errors = [standard_error(z, Sample.of(s * weight, "importance", None, 20)) for s in (1, 1000)]
    assert errors[0] == pytest.approx(errors[1], rel=1e-12)


@pytest.mark.parametrize("kind", ["frequency", "importance"])
def test_groups_of_one_row_equal_no_groups(kind: str, rng: np.random.Generator) -> None:
    z, ones = rng.normal(size=20), np.ones(20)
    alone = standard_error(z, Sample.of(ones, kind, None, 20))
    assert standard_error(z, Sample.of(ones, kind, np.arange(20), 20)) == pytest.approx(alone, rel=1e-12)


def test_repeating_rows_inside_groups_changes_no_clustered_error(rng: np.random.Generator) -> None:
    z, groups = rng.normal(size=20), np.repeat(np.arange(5), 4)
    once = standard_error(z, Sample.of(np.ones(20), "frequency", groups, 5))
    twice = Sample.of(np.ones(40), "frequency", np.tile(groups, 2), 5)
    assert standard_error(np.tile(z, 2), twice) == pytest.approx(once, rel=1e-12)


def test_single_unit_has_no_standard_error() -> None:
    assert np.isnan(standard_error(np.array([1.0]), Sample.of(np.ones(1), "frequency", None, 1)))
    assert np.isnan(standard_error(np.ones(3), Sample.of(np.ones(3), "frequency", np.zeros(3, dtype=int), 1)))
