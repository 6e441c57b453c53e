"""Repaired risks: maps that have not seen the rows they mend, and an order that follows what rows are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from riskdec import CNNRiskModel, compare_weighting, sweep_weights
from riskdec.weighting.comparison.states import (
    Predicted,
    canonical_order,
    deal_cells,
    number_by_appearance,
    recalibrate,
    repaired,
)
from riskdec.weighting.judging import HeldOut
from riskdec.weighting.schemes import Scheme
from riskdec.weighting.units import RowWeights


def draw(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = expit(rng.normal(-2, 1.2, size=n))
    return expit(0.6 * logit(truth) + 1.5), rng.random(n) < truth


def held_out(is_event: np.ndarray, groups: np.ndarray | None = None) -> HeldOut:
    return HeldOut(is_event, groups, None, 0.95)


def test_each_part_is_recalibrated_by_the_others_alone() -> None:
    risk, is_event = draw(1)
    part = np.arange(len(risk)) % 5
    shifted, lined = recalibrate(risk, is_event, part)
    for number in range(5):
        inside = part == number
        platt = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(risk[~inside])[:, None], is_event[~inside])
        np.testing.assert_allclose(lined[inside], platt.predict_proba(logit(risk[inside])[:, None])[:, 1], rtol=1e-4)
        # The shift makes expected and seen events of the other parts equal.
        shift = logit(shifted[inside]) - logit(risk[inside])
        np.testing.assert_allclose(shift, shift[0], rtol=1e-9)
        assert expit(logit(risk[~inside]) + shift[0]).sum() == pytest.approx(is_event[~inside].sum(), rel=1e-9)
    other = is_event.copy()
    other[part == 2] = ~other[part == 2]
    np.testing.assert_array_equal(recalibrate(risk, other, part)[1][part == 2], lined[part == 2])


def test_separated_parts_get_the_shift_alone() -> None:
    is_event = np.arange(200) % 4 == 0
    shifted, lined = recalibrate(np.where(is_event, 0.8, 0.2), is_event, np.arange(200) % 5)
    np.testing.assert_array_equal(shifted, lined)


def test_states_of_made_up_rows_lack_the_exact_map() -> None:
    risk, is_event = draw(2)
    whole = (np.arange(len(risk)),)
    part = np.arange(len(risk)) % 5
    names = {}
    for way in ("weights", "undersample", "smote"):
        scheme = Scheme(name=way, labels=(0, 1), weights=(0.5, 1.0), way=way)
        names[way] = [name for name, _ in repaired(Predicted(way, (scheme,), risk, whole), is_event, part)]
    assert names["weights"] == names["undersample"] == ["raw", "undone", "recentred", "recalibrated"]
    assert names["smote"] == ["raw", "recentred", "recalibrated"]


def test_too_few_events_or_groups_are_not_recalibrated(rng: np.random.Generator) -> None:
    few = np.arange(300) < 9
    assert deal_cells(held_out(few), np.arange(300), rng).part is None
    enough = np.arange(300) < 12
    part = deal_cells(held_out(enough), np.arange(300), rng).part
    assert part is not None
    assert np.bincount(part[enough]).min() >= 2
    assert deal_cells(held_out(enough, np.arange(300) // 100), np.arange(300), rng).part is None


def test_parts_follow_the_rows_not_their_order(rng: np.random.Generator) -> None:
    risk, is_event = draw(3)
    groups = rng.integers(0, 80, len(risk))
    mixed = rng.permutation(len(risk))
    scheme = Scheme(name="none", labels=(0, 1), weights=(1.0, 1.0))
    parts = []
    for order in (np.arange(len(risk)), mixed):
        rows = held_out(is_event[order], groups[order])
        given = Predicted("none", (scheme,), risk[order], (np.arange(len(risk)),))
        parts.append(deal_cells(rows, canonical_order([given], rows), np.random.default_rng(5)).part)
    assert parts[0] is not None
    assert parts[1] is not None
    np.testing.assert_array_equal(parts[0][mixed], parts[1])
    assert all(len(np.unique(parts[0][groups == group])) == 1 for group in np.unique(groups))


def test_rows_that_count_several_times_are_dealt_as_if_they_were_written_out() -> None:
    risk, is_event = draw(4)
    times = np.random.default_rng(0).integers(1, 5, len(risk)).astype(float)
    scheme = Scheme(name="none", labels=(0, 1), weights=(1.0, 1.0))
    written = np.repeat(np.arange(len(risk)), times.astype(int))
    dealt = []
    for rows, weights in ((np.arange(len(risk)), RowWeights(times)), (written, RowWeights())):
        given = Predicted("none", (scheme,), risk[rows], (np.arange(len(rows)),))
        held = held_out(is_event[rows])._replace(weights=weights)
        cells = deal_cells(held, canonical_order([given], held), np.random.default_rng(5))
        assert cells.part is not None
        mended = recalibrate(risk[rows][cells.rows], is_event[rows][cells.rows], cells.part, cells.weights)
        dealt.append([risk[rows][cells.rows][cells.units], cells.part[cells.units], *(m[cells.units] for m in mended)])
        assert cells.hold(held).n == times.sum()
    for weighted, repeated in zip(*dealt, strict=True):
        np.testing.assert_allclose(weighted, repeated, rtol=1e-9)


def test_groups_are_numbered_as_they_appear() -> None:
    assert number_by_appearance(np.array([7, 7, 2, 9, 2])).tolist() == [0, 0, 1, 2, 1]


@pytest.mark.parametrize("weight_kind", ["frequency", "importance"])
def test_weights_that_a_network_divides_out_are_put_back_and_undone_once(weight_kind: Any) -> None:
    pytest.importorskip("torch")
    data = load_digits()
    model = CNNRiskModel(event=True, max_epochs=3, device="cpu", random_state=0, weight_kind=weight_kind)
    times = np.random.default_rng(0).integers(0, 3, 900)
    options = {"sample_weight": times, "weight_kind": weight_kind, "rng": 0, "n_resamples": 20}
    comparison = compare_weighting(model, data.images[:900], data.target[:900] == 8, **options)
    none, natural, undone = (
        next(row for row in comparison.rows if row.name == name) for name in ("none", "natural", "natural, undone")
    )
    assert natural.mean_risk > 3 * none.mean_risk
    assert abs(undone.mean_risk - undone.observed_rate) < 0.05
    assert any(finding.code == "RD448" for finding in comparison.findings)
    swept = sweep_weights(model, data.images[:900], data.target[:900] == 8, ratios=[1.0, 9.0], rng=0)
    assert swept.mean_risk[1] > 3 * swept.mean_risk[0]
