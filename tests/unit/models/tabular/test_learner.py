"""Any classifier in place of the logistic regression: on the same columns, recalibrated, or refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from riskdec import TabularRiskModel, diagnose
from riskdec.errors import InputError
from riskdec.models.tables.tabular_learner import log_odds_of


@pytest.fixture
def frame(rng):
    n = 800
    dose = rng.normal(size=n)
    copies = {f"copy{j}": dose + 0.3 * rng.normal(size=n) for j in range(4)}
    ward = pd.Series(rng.choice(["a", "b", None], n), dtype=object)
    return pd.DataFrame({"dose": dose, "ward": ward, **copies})


@pytest.fixture
def outcome(frame, rng):
    return (rng.random(len(frame)) < 1 / (1 + np.exp(1 - frame["dose"]))).astype(int)


def test_learner_gets_numbers_as_they_are_and_every_level(frame, outcome):
    model = TabularRiskModel(learner=GaussianNB(), calibration=None).fit(frame, outcome)
    assert model.encoding_.names[:4] == ("dose", "ward[a]", "ward[b]", "ward[missing]")
    design = model.encoding_.encode(frame)
    np.testing.assert_allclose(
        model.predict_proba(frame), GaussianNB().fit(design, outcome).predict_proba(design), rtol=1e-12
    )
    assert model.fit_result_ is None
    assert str(model.summary()).startswith("Risks by GaussianNB")
    assert model.predict_proba(frame.head(0)).shape == (0, 2)


def test_weights_reach_the_learner(frame, outcome, rng):
    weight = rng.integers(0, 3, len(frame))
    model = TabularRiskModel(learner=LogisticRegression(C=np.inf, max_iter=5000, tol=1e-10), calibration=None)
    model.fit(frame, outcome, weight)
    twin = TabularRiskModel(shape="linear", penalty=None).fit(frame, outcome, weight)
    np.testing.assert_allclose(model.predict_risk(frame), twin.predict_risk(frame), atol=1e-4)


def test_recalibration_mends_a_learner_that_counts_copies_twice(frame, outcome, rng):
    half = np.arange(len(frame)) % 2 == 0
    raw, mended = (
        TabularRiskModel(learner=GaussianNB(), calibration=kind).fit(frame[half], outcome[half])
        for kind in (None, "auto")
    )
    slopes = [
        diagnose(outcome[~half], model.predict_risk(frame[~half]), n_resamples=20, rng=0).slope.estimate
        for model in (raw, mended)
    ]
    assert slopes[0] < 0.5
    assert 0.7 < slopes[1] < 2
    assert mended.recalibration_.slope < 0.5
    # Rows keep their order: only a straight line in log-odds was refitted.
    np.testing.assert_array_equal(
        np.argsort(mended.predict_risk(frame), kind="stable"), np.argsort(raw.predict_risk(frame), kind="stable")
    )


def test_recalibration_is_fitted_to_rows_left_out(rng):
    # A forest is sure of its own rows; on noise, rows left out show that there is nothing to be sure of.
    X, y = rng.normal(size=(300, 3)), np.arange(300) % 2
    forest = RandomForestClassifier(n_estimators=50, random_state=0)
    model = TabularRiskModel(learner=forest, calibration="platt").fit(X, y)
    assert abs(model.recalibration_.slope) < 0.3
    raw = TabularRiskModel(learner=forest, calibration=None).fit(X, y)
    assert np.ptp(model.predict_risk(X)) < 0.7 < np.ptp(raw.predict_risk(X))
    left_out = cross_val_predict(forest, X, y, cv=10, method="predict_proba")[:, 1]
    assert abs(np.corrcoef(left_out, y)[0, 1]) < 0.2


def test_learner_itself_stays_unfitted(frame, outcome):
    learner = GaussianNB()
    TabularRiskModel(learner=learner, calibration="platt").fit(frame, outcome)
    assert "classes_" not in vars(learner)


def test_labels_of_any_kind_come_back(frame, outcome):
    model = TabularRiskModel(learner=GaussianNB(), event="ill").fit(frame, np.where(outcome == 1, "ill", "well"))
    assert model.classes_.tolist() == ["ill", "well"]
    numbers = TabularRiskModel(learner=GaussianNB()).fit(frame, outcome)
    np.testing.assert_allclose(model.predict_risk(frame), numbers.predict_risk(frame), rtol=1e-9)
    assert set(model.predict(frame)) == {"ill", "well"}


@pytest.mark.parametrize(
    ("learner", "options", "message"),
    [
        (GaussianNB, {}, "be 'logistic' or a scikit-learn classifier; got the class GaussianNB"),
        (7, {}, "be 'logistic' or a scikit-learn classifier; got 7"),
        (SVC(), {}, "have predict_proba; got SVC"),
        (KNeighborsClassifier(), {"class_weight": "balanced"}, "take sample_weight in fit; got KNeighborsClassifier"),
        (GaussianNB(), {"alpha": 1.0}, "alpha must be left out without a ridge penalty"),
    ],
)
def test_what_cannot_learn_is_refused(frame, outcome, learner, options, message):
    with pytest.raises(InputError, match=message):
        TabularRiskModel(learner=learner, **options).fit(frame, outcome)


def test_models_of_a_learner_cannot_be_saved_and_say_why(frame, outcome, tmp_path):
    model = TabularRiskModel(learner=GaussianNB()).fit(frame, outcome)
    with pytest.raises(InputError, match="learner must be 'logistic' in a model that is saved; got GaussianNB.*code"):
        model.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_log_odds_are_finite():
    odds = log_odds_of(np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]))
    assert np.isfinite(odds).all()
    assert odds[1] == 0
    assert odds[0] == pytest.approx(-odds[2])
