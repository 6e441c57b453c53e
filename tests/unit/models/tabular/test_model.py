"""The default model on tables: the right design, the right rows, the same face as the logistic model."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskdec import LogisticRiskModel, TabularRiskModel
from riskdec.errors import InputError, NotFittedError, RiskdecWarning, SeparationWarning


def plain(**options):
    """Make a model that is a logistic regression by maximum likelihood on straight lines."""
    return TabularRiskModel(shape="linear", penalty=None, **options)


def test_coefficients_are_those_of_statsmodels_on_dummies(frame, outcome):
    model = plain().fit(frame, outcome)
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
    assert isinstance(theirs.fit_result_.frame(), pl.DataFrame) or turn is not pl.from_pandas


def test_arrays_of_numbers_are_a_logistic_model(rng):
    X = rng.normal(size=(200, 3))
    y = rng.random(200) < 0.3
    model, theirs = plain().fit(X, y), LogisticRiskModel().fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), theirs.predict_proba(X), rtol=1e-12)
    assert model.n_features_in_ == 3
    assert "feature_names_in_" not in vars(model)


def test_missing_numbers_need_no_frame(rng):
    X = rng.normal(size=(200, 2))
    X[::7, 1] = np.nan
    model = plain().fit(X, np.arange(200) % 3 == 0)
    assert model.encoding_.names == ("x0", "x1", "x1[missing]")


@pytest.mark.parametrize("options", [{"penalty": None}, {"alpha": 2.0}])
@pytest.mark.parametrize("shape", ["linear", "splines"])
def test_frequency_weights_are_repetition_and_weight_zero_is_absence(frame, outcome, rng, options, shape):
    counts = rng.integers(0, 4, len(frame))
    # A level that only rows of weight zero have is no level.
    frame = frame.assign(ward=frame["ward"].where(frame.index > 2, "only absent"))
    counts[:3] = 0
    weighted = TabularRiskModel(shape=shape, **options).fit(frame, outcome, counts)
    repeated = frame.loc[frame.index.repeat(counts)]
    long = TabularRiskModel(shape=shape, **options).fit(repeated, np.repeat(outcome, counts))
    assert weighted.encoding_.names == long.encoding_.names
    np.testing.assert_allclose(weighted.fit_result_.coef, long.fit_result_.coef, rtol=1e-6)
    np.testing.assert_allclose(weighted.fit_result_.covariance(), long.fit_result_.covariance(), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("options", [{"penalty": None}, {"alpha": 2.0}])
def test_order_of_rows_changes_nothing(frame, outcome, rng, options):
    order = rng.permutation(len(frame))
    ours = TabularRiskModel(**options).fit(frame, outcome)
    other = TabularRiskModel(**options).fit(frame.iloc[order], outcome[order])
    np.testing.assert_allclose(other.predict_risk(frame), ours.predict_risk(frame), rtol=1e-8)


def test_units_of_columns_change_nothing(frame, outcome):
    ours = TabularRiskModel(alpha=2.0).fit(frame, outcome)
    moved = frame.assign(age=32 + 1.8 * frame["age"])
    np.testing.assert_allclose(
        TabularRiskModel(alpha=2.0).fit(moved, outcome).predict_risk(moved), ours.predict_risk(frame), rtol=1e-8
    )


@pytest.mark.parametrize("options", [{"penalty": None}, {}])
def test_groups_reach_the_standard_errors(frame, outcome, options):
    groups = np.arange(len(frame)) // 4
    fit = TabularRiskModel(**options).fit(frame, outcome, groups=groups).fit_result_
    assert (fit.n_groups, fit.covariance_kind) == (150, "cluster")
    np.testing.assert_array_equal(fit.covariance(), fit.cluster_covariance)


@pytest.mark.parametrize("options", [{"penalty": None}, {"alpha": 2.0}])
def test_class_weights_and_event_are_used(frame, outcome, options):
    usual = TabularRiskModel(**options).fit(frame, outcome)
    weighted = TabularRiskModel(class_weight={0: 1, 1: 4}, **options).fit(frame, outcome)
    assert weighted.fit_result_.covariance_kind == "robust"
    assert weighted.predict_risk(frame).mean() > usual.predict_risk(frame).mean() + 0.1
    assert "these are not risks" in str(weighted.summary())
    flipped = TabularRiskModel(event=0, **options).fit(frame, outcome)
    np.testing.assert_allclose(flipped.predict_risk(frame), 1 - usual.predict_risk(frame), atol=1e-12)


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
        plain().fit(frame, outcome)
    # A penalty has an answer to separation.
    assert TabularRiskModel(alpha=1.0).fit(frame, outcome).fit_result_.converged


@pytest.mark.parametrize(("options", "like"), [({"penalty": None}, "a"), ({}, None)])
def test_unseen_levels_follow_the_option(frame, outcome, options, like):
    new = frame.assign(ward="zz")
    with pytest.raises(InputError, match="column 'ward' must hold a level seen in training; got 'zz'"):
        TabularRiskModel(unseen="error", **options).fit(frame, outcome).predict_risk(new)
    lenient = TabularRiskModel(**options).fit(frame, outcome)
    with pytest.warns(RiskdecWarning, match="RD106") as caught:
        risk = lenient.predict_risk(new)
    # The warning points at the line of the caller.
    assert caught[0].filename == __file__
    if like is not None:
        np.testing.assert_array_equal(risk, lenient.predict_risk(frame.assign(ward=like)))
        return
    # With a column for every level an unseen one is none of them: an average level.
    by_level = [lenient.predict_risk(frame.assign(ward=level)) for level in ("a", "b", "c", None)]
    assert (risk > np.min(by_level, axis=0)).all()
    assert (risk < np.max(by_level, axis=0)).all()


def test_extra_columns_are_ignored_and_absent_ones_named(frame, outcome):
    model = TabularRiskModel().fit(frame, outcome)
    np.testing.assert_array_equal(
        model.predict_risk(frame.assign(outcome=outcome)[::-1]), model.predict_risk(frame)[::-1]
    )
    with pytest.raises(InputError, match="none named 'age'"):
        model.predict_risk(frame.drop(columns="age"))


def test_no_rows_give_no_risks(frame, outcome):
    assert TabularRiskModel().fit(frame, outcome).predict_proba(frame.head(0)).shape == (0, 2)


# scikit-learn makes separated and collinear data on purpose.
@pytest.mark.filterwarnings("ignore::riskdec.errors.SeparationWarning")
@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
@parametrize_with_checks([TabularRiskModel(), TabularRiskModel(alpha=1.0), plain()])
def test_scikit_learn_checks_pass(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": "drop"}, "missing must be one of"),
        ({"unseen": "nan"}, "unseen must be one of"),
        ({"weight_kind": "survey"}, "weight_kind must be one of"),
        ({"on_separation": "ignore"}, "on_separation must be one of"),
        ({"event": 7}, "event must be one of the labels"),
        ({"missing": "error"}, "column 'age' must not have missing values"),
        ({"shape": "cubic"}, "shape must be one of 'splines', 'linear'"),
        ({"penalty": "lasso"}, "penalty must be one of 'ridge', None"),
        ({"alpha": 0}, "alpha must be a number above 0"),
        ({"alpha": "auto"}, "alpha must be a number above 0"),
        ({"alpha": 1.0, "penalty": None}, "alpha must be left out without a ridge penalty; got 1.0"),
        ({"calibration": "sigmoid"}, "calibration must be a Calibrator or one of 'auto', None, 'platt'"),
        ({"learner": "forest"}, "learner must be one of 'logistic'"),
        ({"random_state": "x"}, "random_state must be a seed"),
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
    with pytest.raises(InputError, match="groups must hold at least two groups"):
        TabularRiskModel().fit(frame, outcome, groups=np.ones(len(frame)))
    with pytest.raises(InputError, match="y must hold two classes; got 3"):
        TabularRiskModel().fit(frame, np.arange(len(frame)) % 3)


def test_unfitted_models_say_so(frame):
    for call in (TabularRiskModel().predict_proba, TabularRiskModel().predict_risk, TabularRiskModel().predict):
        with pytest.raises(NotFittedError):
            call(frame)
    with pytest.raises(NotFittedError):
        TabularRiskModel().summary()
    with pytest.raises(NotFittedError):
        TabularRiskModel().save("never written")


def test_clone_parameters_and_pickle_work(frame, outcome):
    model = TabularRiskModel(class_weight="balanced", unseen="error", event=1, alpha=3.0)
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
