from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import expit, logit

from riskdec import SubgroupReport, diagnose, diagnose_subgroups
from riskdec.errors import InputError


def draw(rng: np.random.Generator, n: int = 1200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw outcomes, risks that are right on average only, and the groups in which they are wrong."""
    risk = expit(rng.normal(-0.5, 1, n))
    place = np.array(["north", "south", "west"])[rng.integers(0, 3, n)]
    shift = np.select([place == "north", place == "south"], [0.8, -0.8], 0.0)
    return (rng.random(n) < expit(logit(risk) + shift)).astype(int), risk, place


def by_name(report: SubgroupReport) -> dict[str, object]:
    return {group.name: group for group in report.subgroups}


def test_each_subgroup_is_the_report_of_its_rows(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng)
    report = diagnose_subgroups(y, risk, by={"place": place}, n_resamples=20, rng=0)
    for name, group in by_name(report).items():
        rows = place == name
        wanted = diagnose(y[rows], risk[rows], n_resamples=20, rng=1)
        assert group.report.slope.to_dict() == wanted.slope.to_dict()
        assert (group.n, group.n_events) == (rows.sum(), y[rows].sum())
        assert group.expected == pytest.approx(risk[rows].sum())
    assert report.overall.citl.to_dict() == diagnose(y, risk, n_resamples=20, rng=2).citl.to_dict()


def test_what_cancels_out_in_the_whole_is_found(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng)
    report = diagnose_subgroups(y, risk, by=place, rng=0)
    groups = by_name(report)
    assert groups["north"].p_adjusted < 0.001 > groups["south"].p_adjusted
    assert groups["west"].p_adjusted > 0.05
    sentences = [finding.sentence for finding in report.findings]
    assert any("north: the risks are too low on average" in s for s in sentences)
    assert any("south: the risks are too high on average" in s for s in sentences)
    assert any("cancels out in the whole" in s for s in sentences)
    assert report.differences[0].citl_p_value < 1e-6
    assert any(f.code == "RD227" for f in report.findings)


def test_calibrated_subgroups_raise_no_alarm(rng: np.random.Generator) -> None:
    risk = expit(rng.normal(-0.5, 1, 1500))
    y = (rng.random(1500) < risk).astype(int)
    report = diagnose_subgroups(y, risk, by=rng.integers(0, 6, 1500), rng=0)
    assert {f.severity for f in report.findings} <= {"good", "not applicable"}
    assert report.differences[0].citl_p_value > 0.05


def test_holm_covers_all_subgroups_of_all_attributes() -> None:
    # 40 times 6 calibrated subgroups: some claim in at most 0.05 + 3 se of the data sets, se = 0.034.
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(40):
        risk = expit(rng.normal(0, 1, 600))
        y = (rng.random(600) < risk).astype(int)
        by = {"first": rng.integers(0, 3, 600), "second": rng.integers(0, 3, 600)}
        report = diagnose_subgroups(y, risk, by=by, n_resamples=19, rng=rng)
        wrong += any(group.p_adjusted <= 0.05 for group in report.subgroups)
    assert wrong / 40 <= 0.05 + 0.103


def test_small_subgroups_are_judged_by_what_was_expected_not_seen(rng: np.random.Generator) -> None:
    risk = np.full(400, 0.3) + rng.uniform(-0.1, 0.1, 400)
    y = (rng.random(400) < risk).astype(int)
    place = np.repeat(["large", "tiny", "small", "silent"], [200, 30, 40, 130])
    y[place == "silent"] = 0
    report = diagnose_subgroups(y, risk, by=place, rng=0)
    groups = by_name(report)
    assert groups["tiny"].report is groups["small"].report is None
    assert "events expected, fewer than 20" in groups["tiny"].obstacle
    assert math.isnan(groups["tiny"].p_adjusted)
    together = groups["the 2 small ones together"]
    assert together.n == 70
    assert together.report is not None
    # About 39 events were expected and none was seen: that is what has to be told.
    assert groups["silent"].p_adjusted < 0.01
    assert any(f.code == "RD226" and "tiny" in f.sentence for f in report.findings)
    assert "not assessable" in str(report.summary())


def test_weights_count_rows_and_zero_removes_them(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, 300)
    place = np.where(np.arange(300) < 5, "gone", place)
    weight = rng.integers(0, 3, 300)
    weight[:5] = 0
    weighted = diagnose_subgroups(y, risk, by=place, sample_weight=weight, n_resamples=10, rng=0)
    repeated = diagnose_subgroups(
        np.repeat(y, weight), np.repeat(risk, weight), by=np.repeat(place, weight), n_resamples=10, rng=0
    )
    assert "gone" not in by_name(weighted)
    ours, theirs = weighted.frame(), repeated.frame()
    assert np.allclose(ours.select_dtypes("number"), theirs.select_dtypes("number"), equal_nan=True)


def test_dependent_rows_withhold_the_comparison(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, 600)
    report = diagnose_subgroups(y, risk, by=place, groups=np.arange(600) // 3, n_resamples=10, rng=0)
    assert report.n_groups == 200
    assert math.isnan(report.differences[0].citl_p_value)
    assert report.differences[0].citl_range > 0.5
    assert any(f.code == "RD210" for f in report.findings)


def test_attributes_may_come_in_any_container(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, 300)
    frame = pd.DataFrame({"place": place, "even": np.arange(300) % 2 == 0})
    report = diagnose_subgroups(y, risk, by=frame, n_resamples=5, rng=0)
    assert {group.by for group in report.subgroups} == {"place", "even"}
    series = diagnose_subgroups(y, risk, by=pl.Series("place", place), n_resamples=5, rng=0)
    assert {group.by for group in series.subgroups} == {"place"}
    assert isinstance(series.frame(), pl.DataFrame)
    assert {group.by for group in diagnose_subgroups(y, risk, by=place, n_resamples=5, rng=0).subgroups} == {"subgroup"}


def test_answer_prints_and_serialises(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, 300)
    report = diagnose_subgroups(y, risk, by={"place": place, "id": np.arange(300) // 10}, n_resamples=5, rng=0)
    json.dumps(report.to_dict(), allow_nan=False)
    assert "Calibration in subgroups: 300 rows" in str(report.summary())
    assert repr(report).startswith("<SubgroupReport: n=300, ")
    assert len(report.frame()) == len(report.subgroups)


@pytest.mark.parametrize(
    ("by", "message"),
    [
        (lambda place: {"place": np.r_[place[:-1].astype(object), [None]]}, r"by\['place'\] must not be missing"),
        (lambda place: place[:-1], r"by\['subgroup'\] must have one entry per row \(300\)"),
        (lambda _: {"id": np.arange(300)}, r"by\['id'\] must have at most 50 subgroups; got 300 different values"),
        (lambda _: {}, "by must name at least one attribute"),
    ],
)
def test_bad_attributes_are_refused(by, message: str, rng: np.random.Generator) -> None:  # type: ignore[no-untyped-def]
    y, risk, place = draw(rng, 300)
    with pytest.raises(InputError, match=message):
        diagnose_subgroups(y, risk, by=by(place))
