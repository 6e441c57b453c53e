"""Regions of risk as an answer."""

from __future__ import annotations

import json
import pickle

import pytest

from riskdec.decisions import CostMatrix, Region
from riskdec.decisions.zones.regions import risk_text

COSTS = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)


def test_regions_are_closed_form_intervals() -> None:
    regions = COSTS.regions()
    assert [(r.action, r.low, r.high) for r in regions] == [
        ("negative", 0.0, 0.6 / 15),
        ("defer", 0.6 / 15, 0.4),
        ("positive", 0.4, 1.0),
    ]
    assert regions.gray_zone == Region(action="defer", low=0.04, high=0.4)
    assert regions.never == ()
    assert len(regions) == 3


def test_regions_hold_costs_at_their_corners() -> None:
    # 15 p up to 4 %, then the fee, then 1 - p.
    assert COSTS.regions().expected_cost == pytest.approx([0, 0.6, 0.6, 0])


def test_regions_use_risk_of_second_outcome_when_outcomes_are_in_other_order() -> None:
    turned = CostMatrix(
        [[15, 0, 0.6], [0, 1, 0.6]], outcomes=("event", "no event"), actions=("negative", "positive", "defer")
    )
    regions = turned.regions()
    assert [r.action for r in regions] == ["positive", "defer", "negative"]
    assert regions.thresholds == pytest.approx([0.6, 0.96])


def test_gray_zone_is_none_without_defer() -> None:
    assert CostMatrix.binary(false_positive=1, false_negative=15).regions().gray_zone is None


def test_regions_print_as_words() -> None:
    assert repr(COSTS.regions()) == "<Regions: negative below 4 %, defer 4 % to 40 %, positive from 40 %>"
    assert "At a boundary the action of the higher risk is taken." in str(COSTS.regions())


def test_regions_travel_as_json_frame_and_pickle() -> None:
    regions = COSTS.regions()
    state = json.loads(json.dumps(regions.to_dict()))
    assert state["thresholds"] == [0.04, 0.4]
    assert regions.frame()["action"].tolist() == ["negative", "defer", "positive"]
    again = pickle.loads(pickle.dumps(regions))
    assert not again.thresholds.flags.writeable
    assert again.costs == COSTS


@pytest.mark.parametrize(
    ("risk", "text"), [(0.5, "50 %"), (0.0033223, "0.3322 %"), (0.999999, "99.9999 %"), (1, "100 %")]
)
def test_risk_text_has_four_digits_and_never_rounds_to_certainty(risk: float, text: str) -> None:
    assert risk_text(risk) == text
