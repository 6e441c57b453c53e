"""What is known of the log-odds goes into every answer of a model that was fitted with it."""

from __future__ import annotations

import numpy as np
import pytest

import riskdec
from riskdec import LogisticRiskModel
from riskdec.errors import InputError

COSTS = {"false_positive": 1, "false_negative": 5, "defer": 0.4}


def rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    X, known = rng.normal(size=(400, 2)), 3 * rng.normal(size=400)
    return X, known, (rng.random(400) < 1 / (1 + np.exp(2 - X[:, 0] - known))).astype(int)


def test_every_answer_is_that_of_the_risks_with_the_offset(rng: np.random.Generator) -> None:
    X, known, y = rows(rng)
    model = LogisticRiskModel().fit(X, y, offset=known)
    risk = model.predict_proba(X, offset=known)[:, 1]
    np.testing.assert_allclose(np.log(risk / (1 - risk)), model.intercept_ + X @ model.coef_[0] + known, rtol=1e-9)
    np.testing.assert_array_equal(model.predict_risk(X, offset=known), risk)
    np.testing.assert_array_equal(model.predict(X, offset=known), (risk > 0.5).astype(int))
    np.testing.assert_array_equal(model.decide(X, COSTS, offset=known).action, riskdec.decide(risk, COSTS).action)
    report = model.diagnose(X, y, offset=known, n_resamples=20, rng=1)
    assert report.brier == riskdec.diagnose(y, risk, n_resamples=20, rng=1).brier


def test_risk_interval_moves_with_the_offset_and_keeps_its_width(rng: np.random.Generator) -> None:
    X, known, y = rows(rng)
    model = LogisticRiskModel().fit(X, y, offset=known)
    here, there = (np.log(p / (1 - p)) for p in (model.risk_interval(X, offset=o) for o in (known, known + 1)))
    np.testing.assert_allclose(there - here, 1.0, rtol=1e-9)
    low, high = model.risk_interval(X, offset=known).T
    risk = model.predict_risk(X, offset=known)
    assert ((low < risk) & (risk < high)).all()


def test_offset_of_many_classes_has_a_column_for_each(rng: np.random.Generator) -> None:
    X, known = rng.normal(size=(300, 1)), rng.normal(size=(300, 3))
    y = (known + rng.gumbel(size=(300, 3))).argmax(axis=1)
    model = LogisticRiskModel().fit(X, y, offset=known)
    proba = model.predict_proba(X, offset=known)
    np.testing.assert_array_equal(model.predict_risk(X, event=2, offset=known), proba[:, 2])
    low, high = model.risk_interval(X, event=2, offset=known).T
    assert ((low < proba[:, 2]) & (proba[:, 2] < high)).all()
    np.testing.assert_array_equal(model.predict(X, offset=known), proba.argmax(axis=1))


def test_models_without_offsets_refuse_one(rng: np.random.Generator) -> None:
    X, known, y = rows(rng)
    plain, table = LogisticRiskModel().fit(X, y), riskdec.TabularRiskModel(shape="linear", alpha=1.0).fit(X, y)
    for ask in (plain.predict, plain.predict_risk, lambda X, offset: plain.decide(X, COSTS, offset=offset)):
        with pytest.raises(InputError, match="offset must be used as in fit, which was without one"):
            ask(X, offset=known)
    for ask in (table.predict, table.predict_risk, lambda X, offset: table.diagnose(X, y, offset=offset)):
        with pytest.raises(InputError, match="offset must be left out of a TabularRiskModel; got one"):
            ask(X, offset=known)
