from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier

from riskdec import LogisticRiskModel, TabularRiskModel, diagnose, load
from riskdec.models.fingerprint import Fingerprint, kept_places, take_fingerprint
from riskdec.models.outcome_codes import outcome_codes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, 3))
    return X, (rng.random(n) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(int)


# What a report on training rows must not hold, however deep.
LIMITS = {"low", "high", "p_value", "regret_high", "local_high"}


def leaves(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Give path and value of every number and text in nested lists and dicts."""
    if isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from leaves(value, (*path, key))
    else:
        yield path, part


def share(model: LogisticRiskModel, X: np.ndarray, y: np.ndarray) -> float:
    return model.fingerprint_.share_recognised(model.predict_proba(X), outcome_codes(y, model.classes_))


@pytest.mark.parametrize("n", [30, 800, 20_000])
def test_training_rows_are_recognised_in_any_order_and_new_rows_are_not(n: int, rng: np.random.Generator) -> None:
    X, y = draw(rng, n)
    model = LogisticRiskModel().fit(X, y)
    assert share(model, X, y) > 0.9
    order = rng.permutation(n)
    assert share(model, X[order], y[order]) > 0.9
    assert share(model, *draw(rng, n)) == 0
    # With the other outcome a row is another row.
    assert share(model, X, 1 - y) == 0


def test_a_mixture_is_recognised_with_its_share(rng: np.random.Generator) -> None:
    X, y = draw(rng, 4000)
    new, outcome = draw(rng, 4000)
    model = LogisticRiskModel().fit(X, y)
    mixed = share(model, np.r_[X[:1000], new[:3000]], np.r_[y[:1000], outcome[:3000]])
    assert mixed == pytest.approx(0.25, abs=0.03)


def test_coarse_risks_are_never_taken_for_training_rows(rng: np.random.Generator) -> None:
    # Few combinations of columns: fresh rows look like training rows, and the fingerprint knows it.
    X, y = rng.integers(0, 2, (500, 3)).astype(float), rng.integers(0, 2, 500)
    model = LogisticRiskModel().fit(X, y)
    assert model.fingerprint_.coincidence > 0.9
    assert share(model, rng.integers(0, 2, (500, 3)).astype(float), rng.integers(0, 2, 500)) == 0


def test_fresh_rows_of_rounded_columns_raise_no_false_alarm(rng: np.random.Generator) -> None:
    for _ in range(100):
        X, y = rng.normal(size=(120, 2)).round(1), rng.integers(0, 2, 120)
        model = LogisticRiskModel().fit(X, y)
        assert share(model, rng.normal(size=(60, 2)).round(1), rng.integers(0, 2, 60)) == 0


def test_no_row_can_be_read_from_it(rng: np.random.Generator) -> None:
    proba = rng.dirichlet([1, 1], 50)
    few = take_fingerprint(proba, np.zeros(50), n_rows=50)
    many = take_fingerprint(rng.dirichlet([1, 1], 4096), np.zeros(4096), n_rows=10**6)
    assert few.bits.nbytes == many.bits.nbytes == 8192
    # Decoys: rows that left no mark look familiar about as often whatever the number of training rows.
    for fingerprint in (few, many):
        assert np.unpackbits(fingerprint.bits).mean() == pytest.approx(1 / 16, rel=0.1)
    assert take_fingerprint(proba, np.zeros(50), n_rows=50).bits.tolist() == few.bits.tolist()
    assert len(kept_places(10**6)) == 4096


def test_it_survives_saving_and_not_cloning(rng: np.random.Generator, tmp_path: Path) -> None:
    X, y = draw(rng, 300)
    model = LogisticRiskModel().fit(X, y)
    again = load(model.save(tmp_path / "m"))
    assert isinstance(again.fingerprint_, Fingerprint)
    assert share(again, X, y) == share(model, X, y) == 1
    assert "fingerprint_" not in vars(clone(model))
    frame = pd.DataFrame(X, columns=list("abc"))
    tabular = TabularRiskModel().fit(frame, y)
    again = load(tabular.save(tmp_path / "t"))
    assert share(again, frame, y) == 1


def test_diagnosis_of_training_rows_is_apparent(rng: np.random.Generator) -> None:
    X, y = draw(rng, 400)
    costs = {"false_positive": 1, "false_negative": 4}
    report = LogisticRiskModel().fit(X, y).diagnose(X, y, costs=costs, n_resamples=20, rng=0)
    assert report.apparent
    finding = report.findings[0]
    assert (finding.code, finding.severity) == ("RD211", "issue")
    assert "fitted on" in finding.sentence
    assert "validate_by_bootstrap" in finding.todo
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert plain["ici"]["estimate"] > 0
    limits = {path: value for path, value in leaves(plain) if path[-1] in LIMITS}
    assert len(limits) > 30
    assert not {path: value for path, value in limits.items() if value is not None}
    assert report.curve.band is None
    text = str(report.summary())
    for part in (
        "Apparent calibration",
        "1 (by construction)",
        "0 (by construction)",
        "withheld",
        "New rows look worse",
    ):
        assert part in text
    assert not LogisticRiskModel().fit(X, y).diagnose(*draw(rng, 400), n_resamples=20, rng=0).apparent


def test_apparent_slope_of_a_shrunken_fit_is_shown_as_it_is(rng: np.random.Generator) -> None:
    X, y = draw(rng, 400)
    frame = pd.DataFrame(X, columns=list("abc"))
    report = TabularRiskModel(alpha=100.0).fit(frame, y).diagnose(frame, y, n_resamples=10, rng=0)
    assert report.apparent
    assert report.slope.estimate > 1.2
    assert math.isnan(report.slope.low)
    text = str(report.summary())
    assert "1 (by construction)" not in text
    assert "0 (by construction)" in text


def test_learners_recognise_their_rows(rng: np.random.Generator) -> None:
    X, y = draw(rng, 500)
    frame = pd.DataFrame(X, columns=list("abc"))
    model = TabularRiskModel(learner=HistGradientBoostingClassifier(max_iter=20)).fit(frame, y)
    assert model.diagnose(frame, y, n_resamples=10, rng=0).apparent


def test_many_outcomes_are_recognised_too(rng: np.random.Generator) -> None:
    X, y = rng.normal(size=(400, 2)), np.array(["a", "b", "c"])[rng.integers(0, 3, 400)]
    report = LogisticRiskModel().fit(X, y).diagnose(X, y, n_resamples=10, rng=0)
    assert report.apparent
    assert report.top_label.apparent
    assert all(math.isnan(outcome.p_adjusted) for outcome in report.outcomes)
    assert "withheld" in str(report.summary())
    json.dumps(report.to_dict(), allow_nan=False)


def test_fit_that_looks_like_maximum_likelihood_is_apparent_without_a_model(rng: np.random.Generator) -> None:
    X, y = draw(rng, 300)
    report = diagnose(y, LogisticRiskModel().fit(X, y).predict_risk(X), n_resamples=10, rng=0)
    assert report.apparent
    assert "RD208" not in {finding.code for finding in report.findings}


@pytest.mark.parametrize("size", [0, 1, 2, 50, 3000])
def test_rows_that_coincide_are_counted_with_all_their_copies(size: int, rng: np.random.Generator) -> None:
    proba = rng.integers(1, 200, size)[:, None] / 400
    codes = rng.integers(0, 2, size)
    found = take_fingerprint(np.hstack([1 - proba, proba]), codes, n_rows=max(size, 1))
    times = Counter(zip((400 * proba[:, 0]).round().tolist(), codes.tolist(), strict=True))
    several = sum(number for number in times.values() if number > 1)
    assert found.coincidence == pytest.approx(several / max(size, 1), abs=1e-6)


def test_marks_are_of_one_place_whatever_the_number_of_classes(rng: np.random.Generator) -> None:
    # Two classes have a shorter way to the probability of what happened.
    risk, codes = rng.random(200), rng.integers(0, 2, 200)
    two = take_fingerprint(np.column_stack([1 - risk, risk]), codes, n_rows=200)
    three = take_fingerprint(np.column_stack([1 - risk, risk, np.zeros(200)]), codes, n_rows=200)
    assert two.bits.tolist() == three.bits.tolist()
