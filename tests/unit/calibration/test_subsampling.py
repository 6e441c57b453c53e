"""Case-control samples: chances, offsets, and that a fit of the sample is one of all rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from riskdec import LogisticRiskModel, case_control, local_case_control, undo_sampling
from riskdec.errors import InputError

TRUTH = np.array([-3.0, 1.2])


def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=n)
    return x, rng.random(n) < expit(TRUTH[0] + TRUTH[1] * x)


def test_rows_are_kept_as_often_as_they_surprise_the_pilot(rng: np.random.Generator) -> None:
    pilot = np.tile([0.02, 0.3, 0.8], 60_000)
    y = rng.random(len(pilot)) < 0.4
    sample = local_case_control(y, pilot, rng=rng)
    kept = np.zeros(len(y), dtype=bool)
    kept[sample.index] = True
    for risk in (0.02, 0.3, 0.8):
        for outcome in (False, True):
            rows = (pilot == risk) & (y == outcome)
            chance = abs(outcome - risk)
            assert abs(kept[rows].mean() - chance) < 4 * np.sqrt(chance * (1 - chance) / rows.sum())


def test_offset_turns_the_odds_of_the_sample_into_those_of_all_rows() -> None:
    # One kind of case: 5 % events among 1,000,000 rows, a pilot that says 20 %.
    n, n_events, pilot = 1_000_000, 50_000, 0.2
    y = np.arange(n) < n_events
    sample = local_case_control(y, np.full(n, pilot), rng=0)
    in_sample = logit(sample.n_kept_events / sample.n_kept)
    se = np.sqrt(1 / sample.n_kept_events + 1 / (sample.n_kept - sample.n_kept_events))
    assert abs(in_sample - sample.offset[0] - logit(0.05)) < 4 * se
    np.testing.assert_allclose(sample.offset, -logit(pilot), rtol=1e-12)


def test_fit_with_the_offset_estimates_the_coefficients_of_all_rows(rng: np.random.Generator) -> None:
    x, y = draw(rng, 200_000)
    sample = local_case_control(y, expit(-2.5 + 0.9 * x), factor=2, rng=rng)
    assert sample.n_kept < 0.3 * len(y)
    model = LogisticRiskModel(weight_kind="importance").fit(
        x[sample.index, None], y[sample.index], sample.sample_weight, offset=sample.offset
    )
    assert (np.abs(np.asarray(model.params) - TRUTH) < 4 * np.asarray(model.bse)).all()
    # What it predicts for new rows is their risk among all rows.
    new = np.array([[0.0], [1.0]])
    np.testing.assert_allclose(
        logit(model.predict_risk(new, offset=np.zeros(2))), TRUTH[0] + TRUTH[1] * new[:, 0], atol=0.15
    )


def test_without_offset_the_pilot_has_to_be_added(rng: np.random.Generator) -> None:
    x, y = draw(rng, 50_000)
    pilot = np.array([-2.5, 0.9])
    sample = local_case_control(y, expit(pilot[0] + pilot[1] * x), rng=rng)
    rows = (x[sample.index, None], y[sample.index])
    plain = LogisticRiskModel().fit(*rows)
    with_offset = LogisticRiskModel().fit(*rows, offset=sample.offset)
    np.testing.assert_allclose(np.asarray(plain.params) + pilot, with_offset.params, atol=1e-8)


def test_chances_above_one_become_weights() -> None:
    y = np.repeat([True, False], 1000)
    sample = local_case_control(y, np.full(2000, 0.25), factor=4, rng=0)
    assert sample.n_kept == 2000
    np.testing.assert_array_equal(np.unique(sample.sample_weight[:1000]), [3.0])
    np.testing.assert_array_equal(np.unique(sample.sample_weight[1000:]), [1.0])


def test_floor_is_kept_and_counted() -> None:
    sample = local_case_control([0, 1, 0, 1], [0.0, 1.0, 0.5, 0.3], floor=0.01, factor=200, rng=0)
    assert sample.n_floored == 2
    assert sample.floor == 0.01
    np.testing.assert_allclose(sample.offset[:2], [-logit(0.01), logit(0.01)], rtol=1e-12)
    np.testing.assert_allclose(sample.sample_weight[:2], [2, 2], rtol=1e-12)


def test_shares_of_outcomes_are_kept_and_undone_by_the_same_rates(rng: np.random.Generator) -> None:
    x, y = draw(rng, 100_000)
    sample = case_control(y, keep_rates={0: 0.1, 1: 1}, rng=rng)
    assert sample.n_kept_events == y.sum()
    rows = (x[sample.index, None], y[sample.index])
    by_offset = LogisticRiskModel().fit(*rows, offset=sample.offset).predict_risk(x[:50, None], offset=np.zeros(50))
    undone = undo_sampling(LogisticRiskModel().fit(*rows).predict_risk(x[:50, None]), keep_rates=(0.1, 1))
    np.testing.assert_allclose(by_offset, undone, rtol=1e-7)


def test_same_seed_keeps_the_same_rows() -> None:
    y = np.arange(500) % 7 == 0
    first, again = (local_case_control(y, np.full(500, 0.2), rng=3).index for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not first.flags.writeable


def test_summary_and_dictionary_say_how_many_were_kept() -> None:
    sample = case_control(np.repeat(["no", "yes"], [90, 10]), keep_rates=(0.5, 1), event="yes", rng=0)
    assert sample.summary().rows[0] == ("events", "10", "10", "100.0 %")
    assert sample.to_dict()["n_kept"] == len(sample.to_dict()["index"])
    assert "offset=.offset" in str(sample)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pilot_risk": [0.5, 1.2]}, r"pilot_risk must lie in \[0, 1\]; got 1.2 at position 1"),
        ({"pilot_risk": [0.5]}, r"pilot_risk must have one entry per row \(2\)"),
        ({"pilot_risk": [0.5, 0.5], "factor": 0}, "factor must be a number above 0"),
        ({"pilot_risk": [0.5, 0.5], "floor": 0.5}, "floor must be below 0.5"),
        ({"pilot_risk": [0.5, 0.5], "floor": 0}, "floor must be a number above 0"),
    ],
)
def test_bad_options_are_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        local_case_control([0, 1], **options)  # type: ignore[arg-type]  # wrong on purpose


def test_keep_rates_above_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"keep_rates must be at most 1; got 2.0 at position 1"):
        case_control([0, 1], keep_rates=(1, 2))
