"""The default model on tables: the right design, the right rows, the same face as the logistic model."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm
from sklearn.base import clone

from riskdec import LogisticRiskModel, TabularRiskModel
from riskdec.errors import InputError, NotFittedError, RiskdecWarning, SeparationWarning


@pytest.fixture
def frame(rng):
    n = 600
    age = rng.normal(50, 10, n)
    age[rng.random(n) < 0.2] = np.nan
    return pd.DataFrame(
        {
            "age": age,
            "ward": pd.Series(rng.choice(["a", "b", "c", None], n), dtype=object),
            "smoker": rng.random(n) < 0.3,
        }
    )


@pytest.fixture
def outcome(rng, frame):
    eta = np.nan_to_num((frame["age"].to_numpy() - 50) / 10, nan=0.5) + frame["smoker"] - 1
    return (rng.random(len(frame)) < 1 / (1 + np.exp(-eta))).to_numpy().astype(int)


def test_coefficients_are_those_of_statsmodels_on_dummies(frame, outcome):
    model = TabularRiskModel().fit(frame, outcome)
    dummies = pd.get_dummies(frame["ward"].fillna("missing"), dtype=float)
    design = pd.DataFrame(
        {
            "Intercept": 1.0,
            "age": frame["age"].fillna(frame["age"].mean()),
            "age[missing]": frame["age"].isna().astype(float),
            "ward[b]": dummies["b"],
            "ward[c]": dummies["c"],
            "ward[missing]": dummies["missing"],
            "smoker": frame["smoker"].astype(float),
        }
    )
    theirs = sm.Logit(outcome, design).fit(disp=0, tol=1e-12)
    assert list(model.model_.params.index) == list(design.columns)
    np.testing.assert_allclose(model.model_.params, theirs.params, rtol=1e-8)
    np.testing.assert_allclose(model.model_.bse, theirs.bse, rtol=1e-7)
    np.testing.assert_allclose(model.predict_risk(frame), theirs.predict(design), rtol=1e-9)


@pytest.mark.parametrize("turn", [pl.from_pandas, lambda f: pl.from_pandas(f).to_arrow()])
def test_polars_and_pyarrow_give_the_same_risks(frame, outcome, turn):
    ours = TabularRiskModel().fit(frame, outcome)
    theirs = TabularRiskModel().fit(turn(frame), outcome)
    np.testing.assert_array_equal(theirs.predict_risk(turn(frame)), ours.predict_risk(frame))
    assert type(theirs.model_.fit_result_.frame()) is type(pl.DataFrame()) or turn is not pl.from_pandas


def test_arrays_of_numbers_are_a_logistic_model(rng):
    X = rng.normal(size=(200, 3))
    y = rng.random(200) < 0.3
    model, plain = TabularRiskModel().fit(X, y), LogisticRiskModel().fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), plain.predict_proba(X), rtol=1e-12)
    assert model.n_features_in_ == 3
    assert "feature_names_in_" not in vars(model)


def test_missing_numbers_need_no_frame(rng):
    X = rng.normal(size=(200, 2))
    X[::7, 1] = np.nan
    model = TabularRiskModel().fit(X, np.arange(200) % 3 == 0)
    assert model.encoding_.names == ("x0", "x1", "x1[missing]")


def test_frequency_weights_are_repetition_and_weight_zero_is_absence(frame, outcome, rng):
    counts = rng.integers(0, 4, len(frame))
    # A level that only rows of weight zero have is no level.
    frame = frame.assign(ward=frame["ward"].where(frame.index > 2, "only absent"))
    counts[:3] = 0
    weighted = TabularRiskModel().fit(frame, outcome, counts)
    repeated = frame.loc[frame.index.repeat(counts)]
    long = TabularRiskModel().fit(repeated, np.repeat(outcome, counts))
    assert weighted.encoding_.names == long.encoding_.names
    np.testing.assert_allclose(weighted.model_.params, long.model_.params, rtol=1e-8)
    np.testing.assert_allclose(weighted.model_.bse, long.model_.bse, rtol=1e-8)


def test_order_of_rows_changes_nothing(frame, outcome, rng):
    order = rng.permutation(len(frame))
    ours = TabularRiskModel().fit(frame, outcome)
    other = TabularRiskModel().fit(frame.iloc[order], outcome[order])
    np.testing.assert_allclose(other.predict_risk(frame), ours.predict_risk(frame), rtol=1e-9)


def test_groups_reach_the_standard_errors(frame, outcome):
    groups = np.arange(len(frame)) // 4
    model = TabularRiskModel().fit(frame, outcome, groups=groups)
    assert model.model_.fit_result_.n_groups == 150
    assert model.model_.fit_result_.covariance_kind == "cluster"


def test_options_reach_the_logistic_model(frame, outcome):
    plain = TabularRiskModel().fit(frame, outcome)
    weighted = TabularRiskModel(class_weight={0: 1, 1: 4}).fit(frame, outcome)
    assert weighted.model_.fit_result_.covariance_kind == "robust"
    assert weighted.predict_risk(frame).mean() > plain.predict_risk(frame).mean() + 0.1
    flipped = TabularRiskModel(event=0).fit(frame, outcome)
    np.testing.assert_allclose(flipped.predict_risk(frame), 1 - plain.predict_risk(frame), atol=1e-12)


def test_text_labels_ask_for_the_event_only_when_a_risk_is_wanted(frame, outcome):
    labels = np.where(outcome == 1, "died", "alive")
    model = TabularRiskModel().fit(frame, labels)
    assert model.classes_.tolist() == ["alive", "died"]
    assert set(model.predict(frame)) <= {"alive", "died"}
    with pytest.raises(InputError, match="event must be given"):
        model.predict_risk(frame)
    named = TabularRiskModel(event="died").fit(frame, labels)
    np.testing.assert_array_equal(named.predict_risk(frame), model.predict_proba(frame)[:, 1])


def test_separated_data_are_told_with_the_encoded_name(frame, outcome):
    frame = frame.assign(ward=np.where((outcome == 1) | (frame.index % 3 > 0), "a", "z"))
    with pytest.warns(SeparationWarning, match=r"'ward\[z\]' would be infinite"):
        TabularRiskModel().fit(frame, outcome)


def test_unseen_levels_follow_the_option(frame, outcome):
    new = frame.assign(ward="zz")
    with pytest.raises(InputError, match="column 'ward' must hold a level seen in training; got 'zz'"):
        TabularRiskModel().fit(frame, outcome).predict_risk(new)
    lenient = TabularRiskModel(unseen="reference").fit(frame, outcome)
    with pytest.warns(RiskdecWarning, match="RD106") as caught:
        risk = lenient.predict_risk(new)
    np.testing.assert_array_equal(risk, lenient.predict_risk(frame.assign(ward="a")))
    # The warning points at the line of the caller.
    assert caught[0].filename == __file__


def test_extra_columns_are_ignored_and_absent_ones_named(frame, outcome):
    model = TabularRiskModel().fit(frame, outcome)
    np.testing.assert_array_equal(
        model.predict_risk(frame.assign(outcome=outcome)[::-1]), model.predict_risk(frame)[::-1]
    )
    with pytest.raises(InputError, match="none named 'age'"):
        model.predict_risk(frame.drop(columns="age"))


def test_no_rows_give_no_risks(frame, outcome):
    assert TabularRiskModel().fit(frame, outcome).predict_proba(frame.head(0)).shape == (0, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": "drop"}, "missing must be one of"),
        ({"unseen": "nan"}, "unseen must be one of"),
        ({"weight_kind": "survey"}, "weight_kind must be one of"),
        ({"on_separation": "ignore"}, "on_separation must be one of"),
        ({"event": 7}, "event must be one of the labels"),
        ({"missing": "error"}, "column 'age' must not have missing values"),
    ],
)
def test_wrong_options_are_refused(frame, outcome, options, message):
    with pytest.raises(InputError, match=message):
        TabularRiskModel(**options).fit(frame, outcome)


def test_wrong_lengths_and_weights_are_refused(frame, outcome):
    with pytest.raises(InputError, match="y must have one entry per row"):
        TabularRiskModel().fit(frame, outcome[1:])
    with pytest.raises(InputError, match="sample_weight must have one entry per row"):
        TabularRiskModel().fit(frame, outcome, [1.0])
    with pytest.raises(InputError, match="sample_weight must not be negative"):
        TabularRiskModel().fit(frame, outcome, np.full(len(frame), -1.0))
    with pytest.raises(InputError, match="groups must have one entry per row"):
        TabularRiskModel().fit(frame, outcome, groups=[1, 2])


def test_unfitted_models_say_so(frame):
    for call in (TabularRiskModel().predict_proba, TabularRiskModel().predict_risk, TabularRiskModel().predict):
        with pytest.raises(NotFittedError):
            call(frame)
    with pytest.raises(NotFittedError):
        TabularRiskModel().summary()
    with pytest.raises(NotFittedError):
        TabularRiskModel().save("never written")


def test_clone_parameters_and_pickle_work(frame, outcome):
    model = TabularRiskModel(class_weight="balanced", unseen="reference", event=1)
    assert clone(model).get_params() == model.get_params()
    model.fit(frame, outcome)
    assert "model_" not in vars(clone(model))
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(frame), model.predict_proba(frame))


def test_fitting_again_forgets_the_names_of_before(frame, outcome):
    model = TabularRiskModel().fit(frame, outcome)
    assert model.feature_names_in_.tolist() == ["age", "ward", "smoker"]
    model.fit(np.arange(len(frame))[:, np.newaxis], outcome)
    assert "feature_names_in_" not in vars(model)


def test_summary_shows_what_was_learned_about_the_columns(frame, outcome):
    text = str(TabularRiskModel().fit(frame, outcome).summary())
    assert text.startswith("Logistic regression by maximum likelihood")
    n_missing = int(frame["ward"].isna().sum())
    assert [line.split() for line in text.splitlines() if line.startswith("ward ")] == [
        ["ward", "category", "3", "a", str(n_missing)]
    ]
