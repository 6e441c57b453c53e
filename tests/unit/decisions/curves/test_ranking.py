"""Packed sorts and counts above cuts, against comparisons."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskdec.decisions.curves.ranking import count_flagged, packed_sort, place_in_cuts, sum_flagged, unpack

EDGES = st.sampled_from([0.0, -0.0, 5e-324, 1e-300, 0.5, float(np.nextafter(0.5, 1)), float(np.nextafter(1, 0)), 1.0])
RISKS = st.lists(st.one_of(EDGES, st.floats(0, 1)), min_size=1, max_size=30)


@given(RISKS, st.integers(0, 2**30 - 1))
def test_packing_loses_no_bit(risks: list[float], bits: int) -> None:
    risk = np.array(risks)
    event = np.array([bool(bits >> i & 1) for i in range(risk.size)])
    packed = packed_sort(risk, event)
    order = np.lexsort((event, risk + 0.0))
    assert np.array_equal(unpack(packed), risk[order])
    assert np.array_equal((packed & np.uint64(1)).astype(bool), event[order])


@given(RISKS, RISKS, st.integers(0, 2**30 - 1))
def test_counts_are_those_of_comparisons(risks: list[float], cuts: list[float], bits: int) -> None:
    risk, cut = np.array(risks), np.array(cuts) + 0.0
    event = np.array([bool(bits >> i & 1) for i in range(risk.size)])
    events, others = count_flagged(risk, event, cut)
    assert events.tolist() == [int((event & (risk >= c)).sum()) for c in cut]
    assert others.tolist() == [int((~event & (risk >= c)).sum()) for c in cut]


@given(RISKS, RISKS)
def test_sums_are_those_of_comparisons(risks: list[float], cuts: list[float]) -> None:
    risk, cut = np.array(risks), np.unique(cuts)
    values = np.arange(1.0, risk.size + 1)
    sums = sum_flagged(place_in_cuts(risk, cut), values, cut.size)
    assert sums.tolist() == [values[risk >= c].sum() for c in cut]
