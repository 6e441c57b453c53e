"""Two columns of probabilities and any two labels mean the same risk everywhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskdec import (
    DeferralCertificate,
    best_threshold,
    certify_deferral,
    cost_curve,
    decision_curve,
    flag_batch,
    value_of_validation,
)
from riskdec.errors import InputError

RNG = np.random.default_rng(1)
RISK = RNG.beta(0.4, 0.8, 600)
Y = (RNG.random(600) < RISK).astype(int)
COSTS = {"false_positive": 1, "false_negative": 4}
# The event comes first among the sorted labels, and so does its column.
NAMED = np.where(Y == 1, "died", "lived")
BOTH = np.column_stack([RISK, 1 - RISK])


def test_certificate_remembers_the_column_of_the_event() -> None:
    plain = certify_deferral(Y, RISK, max_error=0.1)
    named = certify_deferral(NAMED, BOTH, max_error=0.1, event="died")
    assert (named.low, named.high) == (plain.low, plain.high)
    again = DeferralCertificate.from_json(named.to_json())
    assert np.array_equal(again.apply(BOTH).action_index, plain.apply(RISK).action_index)


def test_every_function_reads_the_same_risk() -> None:
    one, two = decision_curve(Y, {"m": RISK}), decision_curve(NAMED, {"m": BOTH}, event="died")
    assert np.array_equal(one.net_benefit, two.net_benefit)
    assert cost_curve(Y, {"m": RISK}).average == cost_curve(NAMED, {"m": BOTH}, event="died").average
    assert best_threshold(Y, RISK, COSTS).to_dict() == best_threshold(NAMED, BOTH, COSTS, event="died").to_dict()
    flags = [flag_batch(Y, RISK, RISK, max_fdr=0.2), flag_batch(NAMED, BOTH, BOTH, max_fdr=0.2, event="died")]
    assert np.array_equal(flags[0].flagged, flags[1].flagged)
    plain = value_of_validation(Y, {"m": RISK}, threshold=0.2)
    assert plain.to_dict() == value_of_validation(NAMED, {"m": BOTH}, threshold=0.2, event="died").to_dict()


def test_one_label_does_not_tell_the_column() -> None:
    with pytest.raises(InputError, match="hold both outcomes when"):
        certify_deferral(np.full(600, "lived"), BOTH, max_error=0.1, event="lived")


def test_frames_and_series_are_understood() -> None:
    frame = pd.DataFrame({"y": Y, "risk": RISK})
    certificate = certify_deferral(frame["y"], frame["risk"], max_error=0.1)
    assert certificate.to_dict() == certify_deferral(Y, RISK, max_error=0.1).to_dict()
    assert list(certificate.apply(frame["risk"]).frame().columns) == ["risk", "action"]
    priced = certificate.apply(frame["risk"], costs={**COSTS, "defer": 0.5})
    assert list(priced.frame().columns) == ["risk", "action", "expected_cost"]


def test_bad_rows_are_refused_with_their_place() -> None:
    bad = RISK.copy()
    bad[3] = np.nan
    for call in (
        lambda: certify_deferral(Y, bad, max_error=0.1),
        lambda: decision_curve(Y, {"m": bad}),
        lambda: cost_curve(Y, {"m": bad}),
        lambda: best_threshold(Y, bad, COSTS),
        lambda: value_of_validation(Y, {"m": bad}, threshold=0.1),
    ):
        with pytest.raises(InputError, match="at position 3 \\(1 of 600\\)"):
            call()
