"""The list of distortions: every inverse that it names exists, and what has none says so."""

from __future__ import annotations

import pytest

import riskdec
from riskdec import describe_distortions
from riskdec.calibration.undoing.register import DISTORTIONS
from riskdec.errors import InputError


def test_every_inverse_is_a_public_function() -> None:
    named = {one.inverse.partition("(")[0] for one in DISTORTIONS if one.inverse}
    assert named <= set(riskdec.__all__)
    undoing = {name for name in riskdec.__all__ if name.startswith("undo_")}
    assert undoing <= named


@pytest.mark.parametrize("name", ["smote", "SMOTE", "ldam", "mixup"])
def test_distortions_without_inverse_ask_for_recalibration(name: str) -> None:
    (row,) = describe_distortions(name).rows
    assert row[1] == "none"
    assert "recalibrate on held-out rows" in row[2]


def test_all_are_listed_by_default() -> None:
    assert len(describe_distortions().rows) == len(DISTORTIONS)


def test_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"name must be one of 'class weights', .*'ldam'.*; got 'magic'"):
        describe_distortions("magic")
