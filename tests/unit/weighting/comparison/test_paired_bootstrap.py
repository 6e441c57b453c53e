"""Paired intervals: beside closed forms, whatever the order of the rows and the size of the chunks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from riskdec.weighting.comparison import paired_bootstrap
from riskdec.weighting.comparison.paired_bootstrap import FIGURES, resample_differences, values_of
from riskdec.weighting.judging import HeldOut, Judged, judge_risks

COSTS_OFF = None
Z = 1.959964


def judge(seed: int, n: int = 2500) -> tuple[list[Judged], HeldOut]:
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(-1.5, 1.2, size=n), rng.normal(size=n)
    held_out = HeldOut(rng.random(n) < expit(x), None, COSTS_OFF, 0.95)
    risks = (expit(x), expit(0.9 * x + 0.5 * noise), expit(x + 2))
    return [judge_risks(risk, held_out) for risk in risks], held_out


def delong_error(one: np.ndarray, other: np.ndarray, is_event: np.ndarray) -> float:
    """Give the standard error of a difference of areas under the curve (DeLong et al. 1988), by comparing all pairs."""
    parts = []
    for risk in (one, other):
        higher = (risk[is_event][:, None] > risk[~is_event]) + 0.5 * (risk[is_event][:, None] == risk[~is_event])
        parts.append((higher.mean(axis=1), higher.mean(axis=0)))
    events, others = parts[1][0] - parts[0][0], parts[1][1] - parts[0][1]
    return float(np.sqrt(events.var(ddof=1) / len(events) + others.var(ddof=1) / len(others)))


def test_estimates_are_differences_of_the_figures_themselves() -> None:
    judged, held_out = judge(1)
    found = resample_differences(judged, held_out, np.arange(2500), n_resamples=20, rng=np.random.default_rng(0))
    for one, differences in zip(judged, found, strict=True):
        expected = values_of(one) - values_of(judged[0])
        got = [differences[name].estimate for name in FIGURES]
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert all(value.low == value.high == 0 for name, value in found[0].items() if not name.endswith("threshold"))


def test_interval_of_the_area_has_the_width_of_delong() -> None:
    judged, held_out = judge(2)
    found = resample_differences(judged, held_out, np.arange(2500), n_resamples=1500, rng=np.random.default_rng(0))
    auc = found[1]["auc"]
    error = delong_error(judged[0].risk, judged[1].risk, held_out.is_event)
    # The quantiles of 1,500 draws are right to about 4 %.
    assert (auc.high - auc.low) / (2 * Z * error) == pytest.approx(1, abs=0.1)


def test_interval_of_precision_has_the_width_of_its_linearisation() -> None:
    judged, held_out = judge(3)
    found = resample_differences(judged, held_out, np.arange(2500), n_resamples=1500, rng=np.random.default_rng(0))
    parts = []
    for one in (judged[0], judged[2]):
        flagged = one.at_half.flagged
        parts.append(flagged * (held_out.is_event - one.at_half.precision) / flagged.mean())
    error = float((parts[1] - parts[0]).std()) / np.sqrt(2500)
    precision = found[2]["precision_at_half"]
    assert (precision.high - precision.low) / (2 * Z * error) == pytest.approx(1, abs=0.12)


def test_discrimination_and_miscalibration_differ_as_the_brier_score_does() -> None:
    # Brier score = miscalibration - discrimination + uncertainty, on every resample.
    judged, held_out = judge(4)
    found = resample_differences(judged, held_out, np.arange(2500), n_resamples=50, rng=np.random.default_rng(0))
    brier = judged[2].brier.value - judged[0].brier.value
    assert found[2]["miscalibration"].estimate - found[2]["discrimination"].estimate == pytest.approx(brier, rel=1e-9)


def test_rows_in_another_order_get_the_same_intervals() -> None:
    judged, held_out = judge(5)
    mixed = np.random.default_rng(1).permutation(2500)
    other_rows = HeldOut(held_out.is_event[mixed], None, COSTS_OFF, 0.95)
    other = [judge_risks(one.risk[mixed], other_rows) for one in judged]
    order = np.lexsort((judged[0].risk, held_out.is_event))
    place = np.empty(2500, dtype=int)
    place[mixed] = np.arange(2500)
    one = resample_differences(judged, held_out, order, n_resamples=30, rng=np.random.default_rng(2))
    two = resample_differences(other, other_rows, place[order], n_resamples=30, rng=np.random.default_rng(2))
    for left, right in zip(one, two, strict=True):
        for name in FIGURES[:8]:
            np.testing.assert_allclose(
                [left[name].low, left[name].high], [right[name].low, right[name].high], rtol=1e-9, atol=1e-12
            )


def test_chunks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    judged, held_out = judge(6)
    one = resample_differences(judged, held_out, np.arange(2500), n_resamples=31, rng=np.random.default_rng(3))
    monkeypatch.setattr(paired_bootstrap, "_CELLS", 2500 * 7)
    two = resample_differences(judged, held_out, np.arange(2500), n_resamples=31, rng=np.random.default_rng(3))
    for left, right in zip(one, two, strict=True):
        for name in FIGURES[:8]:
            assert left[name].low == pytest.approx(right[name].low, rel=1e-11, abs=1e-14)


def test_differences_of_sizes_of_errors_are_covered() -> None:
    # A calibrated set of risks against the same shifted by 2 on the log-odds scale; truth from many rows.
    rng = np.random.default_rng(0)
    covered = {"ici": 0, "cutoff_error": 0}
    x = rng.normal(-1.5, 1.2, size=200_000)
    truth = float(np.mean(expit(x + 2) - expit(x)))
    for _ in range(30):
        x = rng.normal(-1.5, 1.2, size=600)
        held_out = HeldOut(rng.random(600) < expit(x), None, COSTS_OFF, 0.95)
        judged = [judge_risks(risk, held_out) for risk in (expit(x), expit(x + 2))]
        found = resample_differences(judged, held_out, np.arange(600), n_resamples=100, rng=rng)[1]
        for name in ("ici", "cutoff_error"):
            covered[name] += found[name].low <= truth <= found[name].high
    # At 95 % fewer than 26 of 30 have probability .02.
    assert min(covered.values()) >= 26


def test_whole_groups_are_drawn() -> None:
    judged, _ = judge(7)
    risk, is_event = judged[0].risk[:400], np.random.default_rng(0).random(400) < judged[0].risk[:400]
    rows = np.repeat(np.arange(400), 4)
    widths = []
    for groups in (None, rows):
        held_out = HeldOut(is_event[rows], groups, COSTS_OFF, 0.95)
        twice = [judge_risks(r[rows], held_out) for r in (risk, expit(logit(risk) + 1))]
        found = resample_differences(twice, held_out, np.arange(1600), n_resamples=600, rng=np.random.default_rng(1))
        widths.append(found[1]["recall_at_half"].high - found[1]["recall_at_half"].low)
    # Rows written four times in one group carry the information of one.
    assert widths[1] / widths[0] == pytest.approx(2, rel=0.2)


def test_figure_that_does_not_exist_has_no_interval() -> None:
    _, held_out = judge(8)
    low = [judge_risks(np.full(2500, level), held_out) for level in (0.2, 0.3)]
    found = resample_differences(low, held_out, np.arange(2500), n_resamples=20, rng=np.random.default_rng(0))
    assert np.isnan(found[1]["precision_at_half"].low)
    assert found[1]["recall_at_half"].low == found[1]["recall_at_half"].high == 0


@pytest.mark.parametrize("seed", range(3))
def test_resampled_index_is_that_of_the_rows_up_to_grouping(seed: int) -> None:
    judged, held_out = judge(10 + seed)
    pooled = [paired_bootstrap._Pooled(one, held_out) for one in judged]
    counts = np.ones((2500, 1))
    for one, sums in zip(judged, pooled, strict=True):
        found = dict(zip(FIGURES, sums.measure(counts, np.array([held_out.is_event.sum()]))[0][:, 0], strict=True))
        assert found["auc"] == pytest.approx(one.auc, abs=1e-4)
        assert found["ici"] == pytest.approx(one.ici, abs=1e-3)
        assert found["cutoff_error"] == pytest.approx(one.cutoff_error, abs=2e-3)
        assert found["miscalibration"] == pytest.approx(one.miscalibration, abs=5e-4)
        assert found["f_at_half"] == pytest.approx(one.at_half.f, rel=1e-12)
