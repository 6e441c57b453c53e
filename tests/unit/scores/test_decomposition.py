from __future__ import annotations

import json
import math

import pytest

from riskdec import decompose_score
from riskdec.errors import InputError


def test_parts_of_a_small_example_by_hand() -> None:
    # Isotonic levels 0, 1/2, 1/2, 1; event rate 1/2.
    parts = decompose_score([0, 1, 0, 1], [0.1, 0.3, 0.4, 0.8])
    assert parts.score == pytest.approx((0.01 + 0.49 + 0.16 + 0.04) / 4)
    assert parts.uncertainty == pytest.approx(0.25)
    assert parts.discrimination == pytest.approx(0.25 - 0.125)
    assert parts.miscalibration == pytest.approx(0.175 - 0.125)


def test_log_score_of_an_impossible_event_is_infinite_and_says_why() -> None:
    parts = decompose_score([1, 0, 1, 0], [0.0, 0.2, 0.6, 0.7], score="log")
    assert math.isinf(parts.score)
    assert math.isinf(parts.miscalibration)
    assert math.isfinite(parts.discrimination)
    assert parts.uncertainty == pytest.approx(math.log(2))
    (finding,) = parts.findings
    assert finding.code == "RD206"
    assert "1 events at risk 0, 0 non-events at risk 1" in finding.sentence
    assert parts.to_dict()["score"] is None


def test_log_score_of_certainty_that_was_right_is_finite() -> None:
    parts = decompose_score([0, 1, 0, 1], [0.0, 1.0, 0.5, 0.5], score="log")
    assert parts.score == pytest.approx(math.log(2) / 2)
    assert parts.findings == ()


def test_decomposition_prints_and_serialises() -> None:
    parts = decompose_score([0, 1, 0, 1], [0.1, 0.3, 0.4, 0.8])
    assert "miscalibration" in str(parts.summary())
    assert json.loads(json.dumps(parts.to_dict()))["n_events"] == 2
    assert repr(parts) == "<ScoreDecomposition: Brier score 0.175, miscalibration 0.05, n=4>"


def test_unknown_score_is_refused() -> None:
    with pytest.raises(InputError, match="score must be one of 'brier', 'log'; got 'auc'"):
        decompose_score([0, 1], [0.2, 0.4], score="auc")  # type: ignore[arg-type]
