"""A model's own certificate: the same as from its risks, and no training rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskdec import LogisticRiskModel, TabularRiskModel, certify_deferral
from riskdec.errors import InputError

LIMITS = {"max_error": {"negative": 0.1}, "confidence_level": 0.9}


def draw(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (rng.random(n) < 1 / (1 + np.exp(1 - 2 * X[:, 0]))).astype(int)


MODEL = LogisticRiskModel().fit(*draw(0))


def test_certificate_is_that_of_the_risks() -> None:
    X, y = draw(1)
    certificate = MODEL.certify_deferral(X, y, **LIMITS)
    assert certificate.coverage > 0.1
    assert certificate.to_dict() == certify_deferral(y, MODEL.predict_risk(X), **LIMITS).to_dict()


def test_training_rows_are_refused() -> None:
    X, y = draw(0)
    with pytest.raises(InputError, match="new rows only.*100 %"):
        MODEL.certify_deferral(X, y, **LIMITS)
    fresh, outcome = draw(1)
    with pytest.raises(InputError, match="no part in fitting"):
        MODEL.certify_deferral(np.vstack([X, fresh]), np.append(y, outcome), **LIMITS)


def test_event_may_be_the_first_class() -> None:
    X, y = draw(1)
    names = np.array(["away", "back"])
    model = LogisticRiskModel(event="away").fit(draw(0)[0], names[draw(0)[1]])
    certificate = model.certify_deferral(X, names[y], max_error={"positive": 0.05}, confidence_level=0.9)
    by_risk, by_both = certificate.apply(model.predict_risk(X)), certificate.apply(model.predict_proba(X))
    assert 0 < by_risk.deferral_rate < 1
    assert by_risk.action.tolist() == by_both.action.tolist()


def test_outcomes_may_stand_in_the_frame_of_a_formula() -> None:
    frames = [pd.DataFrame(X, columns=list("abc")).assign(y=y) for X, y in (draw(0), draw(1))]
    model = LogisticRiskModel.from_formula("y ~ a + b", frames[0])
    assert model.certify_deferral(frames[1], **LIMITS).n == 1500


def test_rows_and_labels_that_do_not_fit_are_refused() -> None:
    X, y = draw(1)
    with pytest.raises(InputError, match="labels that the model was fitted with"):
        MODEL.certify_deferral(X, np.where(y, 2, 0), **LIMITS)
    with pytest.raises(InputError, match="y must"):
        MODEL.certify_deferral(X, y[:-1], **LIMITS)


def test_tabular_models_certify_too() -> None:
    X, y = draw(0, 400)
    model = TabularRiskModel().fit(pd.DataFrame(X, columns=list("abc")), y)
    new, outcome = draw(1)
    assert model.certify_deferral(pd.DataFrame(new, columns=list("abc")), outcome, **LIMITS).n == 1500
