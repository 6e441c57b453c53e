"""What users hand in by mistake, and what each mistake is answered with: an error in words, or a finding."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from riskdec import diagnose
from riskdec.errors import CostMatrixWarning, InputError

RNG = np.random.default_rng(0)
RISK = RNG.random(200) * 0.8 + 0.1
Y = (RNG.random(200) < RISK).astype(int)


def with_first(values: np.ndarray, first: object) -> np.ndarray:
    return np.array([first, *values[1:].tolist()], dtype=object if first is None else float)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nan outcome": (
        {"y_true": with_first(Y, np.nan)},
        r"y_true must not be missing .*got nan at position 0 \(1 of 200\)",
    ),
    "missing outcome": ({"y_true": with_first(Y, None)}, "y_true must not be missing .*got None at position 0"),
    "third outcome": ({"y_true": with_first(Y, 2)}, "y_true must hold two outcomes; got 3 .*Pass y_true == event"),
    "infinite outcome": ({"y_true": with_first(Y, np.inf)}, "y_true must hold two outcomes; got 3"),
    "labels 1 and 2": ({"y_true": Y + 1}, "event must be given .*the labels 1 and 2.*event=2"),
    "text labels": ({"y_true": np.where(Y == 1, "yes", "no")}, "event must be given .*'no' and 'yes'.*event='yes'"),
    "labels of two types": ({"y_true": np.array(["a", 1] * 100, dtype=object)}, "y_true must hold labels of one type"),
    "no rows": ({"y_true": [], "y_proba": []}, "y_true must have at least one row; got 0 rows"),
    "nan risk": ({"y_proba": with_first(RISK, np.nan)}, r"y_proba must be finite .*got nan at position 0 \(1 of 200\)"),
    "infinite risk": ({"y_proba": with_first(RISK, np.inf)}, "y_proba must be finite .*got inf at position 0"),
    "percentages": ({"y_proba": 100 * RISK}, r"y_proba must lie in \[0, 1\]; got .*\(200 of 200\). Pass probabilities"),
    "logits": ({"y_proba": np.log(RISK / (1 - RISK))}, r"y_proba must lie in \[0, 1\].*not scores or logits"),
    "text risks": ({"y_proba": RISK.astype(str)}, "y_proba must hold numbers"),
    "complex risks": ({"y_proba": RISK + 0j}, "y_proba must hold numbers"),
    "columns that do not add up": (
        {"y_proba": np.c_[1 - RISK, 1.1 * RISK]},
        "rows of y_proba must sum to 1 .*got 1.0.* Normalise them if that is meant",
    ),
    "one risk too few": ({"y_proba": RISK[1:]}, r"y_proba must have one entry per row \(200\); got 199"),
    "negative weights": (
        {"sample_weight": -np.ones(200)},
        r"sample_weight must not be negative; got -1.0 .*\(200 of 200\)",
    ),
    "weights of zero": ({"sample_weight": np.zeros(200)}, "sample_weight must not be zero in every row"),
    "nan weight": ({"sample_weight": with_first(np.ones(200), np.nan)}, "sample_weight must be finite"),
    "halves that count": ({"sample_weight": np.full(200, 0.5)}, "whole numbers.*pass weight_kind='importance'"),
    "weights without digits": (
        {"sample_weight": with_first(np.ones(200), 1e200), "weight_kind": "importance"},
        "sample_weight must differ by less than a factor of 1e15; got 1 beside 1e.200",
    ),
    "unknown kind of weight": ({"weight_kind": "survey"}, "weight_kind must be one of 'frequency', 'importance'"),
    "one group": ({"groups": np.ones(200)}, "groups must hold at least two groups; got one group"),
    "groups cut off": ({"groups": np.ones(3)}, r"groups must have one entry per row \(200\); got 3"),
    "level in percent": ({"confidence_level": 95}, "confidence_level must lie strictly between 0 and 1.*Write 0.95"),
    "no draws": ({"n_resamples": 0}, "n_resamples must be a whole number of at least 1; got 0"),
    "no seed": ({"rng": "now"}, "rng must be a seed, a numpy Generator or None; got 'now'"),
    "nan cost": ({"costs": {"false_positive": np.nan, "false_negative": 1}}, "false_positive must be .*got nan"),
    "costs without names": ({"costs": [[0, 1], [5, 0]]}, "costs must be a CostMatrix, or a dict"),
    "equal costs": ({"costs": {"false_positive": 0, "false_negative": 0}}, "costs must differ between actions"),
}

ANSWERED: dict[str, tuple[dict[str, Any], str, str]] = {
    "one outcome only": ({"y_true": np.zeros(200, int)}, "RD204", "0 events seen, 106 expected"),
    "one row": ({"y_true": [1], "y_proba": [0.3]}, "RD204", "Too few events"),
    "risks of 0 and 1": ({"y_true": [0, 1] * 100, "y_proba": [0.0, 1.0] * 100}, "RD206", "100 risks are exactly 0"),
    "certain and wrong": ({"y_true": [1, 0] * 100, "y_proba": [0.0, 0.4] * 100}, "RD206", "the log score is infinite"),
    "one risk for all": ({"y_proba": np.full(200, 0.4)}, "RD207", "all risks are the same"),
    "separated": ({"y_true": np.sort(Y), "y_proba": np.sort(RISK)}, "RD207", "separate events from non-events"),
    "dependent rows": ({"groups": np.arange(200) // 4}, "RD210", "50 groups"),
}


def ask(changes: dict[str, Any]) -> Any:
    return diagnose(**({"y_true": Y, "y_proba": RISK, "n_resamples": 5, "rng": 0} | changes))


@pytest.mark.parametrize("mistake", REFUSED)
def test_mistake_is_refused_in_words(mistake: str) -> None:
    changes, message = REFUSED[mistake]
    with pytest.raises(InputError, match=message):
        ask(changes)


@pytest.mark.parametrize("mistake", ANSWERED)
def test_what_is_legal_but_odd_has_a_finding_and_no_number_that_is_not_one(mistake: str) -> None:
    changes, code, words = ANSWERED[mistake]
    report = ask(changes)
    assert any(f.code == code and words in f.sentence for f in report.findings), report.findings
    json.dumps(report.to_dict(), allow_nan=False)
    assert "nan" not in str(report.summary())


def test_unknown_keyword_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="freq_weights"):
        ask({"freq_weights": np.ones(200)})


def test_costs_that_look_wrong_are_told_once() -> None:
    with pytest.warns(CostMatrixWarning, match="RD30"):
        ask({"costs": {"false_positive": -1, "false_negative": 1}})


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_size_of_importance_weights_is_of_no_account(size: float) -> None:
    weight = np.random.default_rng(1).random(200) + 0.1
    plain = ask({"sample_weight": weight, "weight_kind": "importance"})
    huge = ask({"sample_weight": size * weight, "weight_kind": "importance"})
    assert huge.slope.estimate == pytest.approx(plain.slope.estimate, rel=1e-7)
    assert huge.slope.high == pytest.approx(plain.slope.high, rel=1e-6)
    assert huge.effective_n == pytest.approx(weight.sum() ** 2 / (weight**2).sum())


def test_huge_counts_and_nearly_constant_risks_give_a_report() -> None:
    assert ask({"sample_weight": np.full(200, 1e12)}).n == 200 * 10**12
    assert ask({"y_proba": 0.5 + 1e-9 * RISK}).n == 200
