"""Weights are a shift where the form is right, fade where a fit interpolates, and offsets need no second fit."""

from __future__ import annotations

import json
import pickle
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import CostMatrix, RecallBalance, balance_recall
from riskdec.errors import InputError
from riskdec.weighting.balance.fitting import fill_random_states, fit_classes, predict_classes, put_weights_back
from riskdec.weighting.balance.parts import Part

SHARES = np.array([0.6, 0.3, 0.1])


def make_rows(n, seed=0):
    """Three normal classes of one covariance: the logistic form is right."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=SHARES)
    return rng.normal(size=(n, 3)) + 1.5 * np.eye(3)[y], y


def digits(noise, seed=0):
    data = load_digits()
    return data.data + np.random.default_rng(seed).normal(0, noise, data.data.shape), data.target


def network_like(strength):
    """Without a penalty this separates the noisy digits, as an interpolating network does."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=5000, tol=1e-6))


def codes(balance):
    return {finding.code: finding for finding in balance.findings}


@pytest.fixture(scope="module")
def right_form() -> RecallBalance:
    return balance_recall(LogisticRegression(C=np.inf), *make_rows(30_000), rng=0)


@pytest.fixture(scope="module")
def interpolating() -> RecallBalance:
    return balance_recall(network_like(1e5), *digits(4), power=4, held_out_share=0.4, rng=1)


def test_in_a_model_of_the_right_form_weights_are_the_shift_that_they_stand_for(right_form) -> None:
    effect = right_form.effect
    assert effect.by_weights.estimate == pytest.approx(effect.by_shift.estimate, abs=0.02)
    assert effect.by_weights.estimate > 0.2
    assert codes(right_form)["RD442"].severity == "good"
    assert right_form.temperature == pytest.approx(1, abs=0.05)
    assert "RD444" not in codes(right_form)


def test_offsets_make_recalls_equal_up_to_chance_without_a_second_fit(right_form) -> None:
    plain, offsets = right_form.arm("plain"), right_form.arm("offsets")
    assert plain.range > 0.3
    assert offsets.range < 2.5 * offsets.range_by_chance
    assert offsets.deviation < 0.3 * plain.deviation
    # The price of equal recalls, known for two classes and more: accuracy can only fall.
    assert offsets.accuracy_change.high < 0
    assert codes(right_form)["RD443"].severity == "good"
    assert codes(right_form)["RD446"].severity == "caution"


def test_weights_fade_in_a_fit_that_gets_its_own_rows_right(interpolating) -> None:
    effect = interpolating.effect
    assert effect.training_accuracy == effect.training_accuracy_weighted == 1
    assert effect.interpolates
    assert np.ptp(np.log(interpolating.weights)) > 0.5
    assert abs(effect.by_weights.estimate) < 0.04
    assert effect.by_calibrated_shift.low > 0.04
    finding = codes(interpolating)["RD442"]
    assert finding.severity == "caution"
    assert "faded" in finding.sentence


def test_offsets_need_calibration_where_probabilities_are_too_sure(interpolating) -> None:
    assert interpolating.temperature > 3
    assert abs(interpolating.effect.by_shift.estimate) < 0.03
    assert "too sure" in codes(interpolating)["RD444"].sentence


def test_strong_weights_overshoot_where_the_fit_does_not_interpolate() -> None:
    balance = balance_recall(network_like(0.003), *digits(4), power=4, held_out_share=0.4, rng=1)
    assert not balance.effect.interpolates
    assert balance.arm("weights").range > balance.arm("plain").range
    assert "overshoot" in codes(balance)["RD447"].sentence
    assert codes(balance)["RD441"].severity == "caution"


def test_weights_follow_the_formula_of_recalls(right_form) -> None:
    recall = right_form.held_out_recall
    np.testing.assert_allclose(right_form.weights, recall.mean() / recall)
    assert right_form.power == 1


def test_least_cost_decisions_are_judged_where_costs_are_given() -> None:
    table = np.array([[0, 1, 1], [3, 0, 3], [30, 30, 0]])
    costs = CostMatrix(table, outcomes=("a", "b", "c"), actions=("a", "b", "c"))
    balance = balance_recall(LogisticRegression(), *make_rows(6000), costs=costs, rng=0)
    assert [arm.way for arm in balance.arms] == ["plain", "weights", "offsets", "least cost"]
    cost = {arm.way: arm.mean_cost.estimate for arm in balance.arms}
    assert cost["least cost"] < min(cost["plain"], cost["weights"], cost["offsets"])
    assert balance.arm("least cost").cost_change.high < 0
    assert "decide(costs=)" in codes(balance)["RD446"].todo


def test_two_classes_are_balanced_too() -> None:
    X, y = make_rows(8000)
    labels = np.where(y == 2, "rare", "common")
    costs = {"false_positive": 1, "false_negative": 9}
    balance = balance_recall(LogisticRegression(), X, labels, costs=costs, rng=0)
    assert balance.classes == ("common", "rare")
    plain, offsets = balance.arm("plain"), balance.arm("offsets")
    assert plain.range > 0.4
    assert offsets.range < 0.1


def test_names_of_labels_change_nothing() -> None:
    X, y = make_rows(2000)
    numbers = balance_recall(LogisticRegression(), X, y, rng=3)
    names = balance_recall(LogisticRegression(), X, np.array(["ape", "bee", "cat"])[y], rng=3)
    for one, other in zip(numbers.arms, names.arms, strict=True):
        np.testing.assert_array_equal(one.recall, other.recall)
    assert names.classes == ("ape", "bee", "cat")


def test_same_seed_gives_the_same_answer() -> None:
    X, y = make_rows(1500)
    one, two = (balance_recall(LogisticRegression(), X, y, rng=7) for _ in range(2))
    assert json.dumps(one.to_dict()) == json.dumps(two.to_dict())


def test_offsets_alone_need_no_model_that_takes_weights() -> None:
    balance = balance_recall(KNeighborsClassifier(50), *make_rows(2000), ways=("offsets",), rng=0)
    assert [arm.way for arm in balance.arms] == ["plain", "offsets"]
    assert balance.weights is None
    assert balance.effect is None
    assert "weight" not in str(balance.summary()).splitlines()[1]
    with pytest.raises(InputError, match="take class_weight"):
        balance_recall(KNeighborsClassifier(50), *make_rows(200))


def test_weights_alone_fit_no_offsets() -> None:
    balance = balance_recall(LogisticRegression(), *make_rows(2000), ways=["weights"], calibration="temperature", rng=0)
    assert [arm.way for arm in balance.arms] == ["plain", "weights"]
    assert balance.offsets is None
    assert balance.calibration == "temperature"


def test_after_a_temperature_offsets_are_counted_on_labels() -> None:
    balance = balance_recall(LogisticRegression(), *make_rows(2000), calibration="temperature", rng=0)
    assert balance.offsets.method == "labels"
    assert balance_recall(LogisticRegression(), *make_rows(2000), rng=0).offsets.method == "probabilities"


def test_class_that_is_never_found_gets_a_finite_weight() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(3000, 2)), rng.choice(3, 3000, p=[0.6, 0.35, 0.05])
    balance = balance_recall(LogisticRegression(), X, y, rng=0)
    assert balance.held_out_recall[2] == 0
    assert np.isfinite(balance.weights).all()
    assert "never found" in codes(balance)["RD445"].sentence
    assert codes(balance)["RD449"].severity == "caution"


def test_equal_recalls_are_not_called_unequal() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 4, 4000)
    X = rng.normal(size=(4000, 4)) + 1.5 * np.eye(4)[y]
    finding = codes(balance_recall(LogisticRegression(), X, y, rng=0))["RD440"]
    assert finding.severity == "good"


def test_clusters_widen_the_intervals() -> None:
    X, y = make_rows(1500)
    X, y, people = np.repeat(X, 4, axis=0), np.repeat(y, 4), np.repeat(np.arange(1500), 4)
    groups = balance_recall(LogisticRegression(), X, y, groups=people, rng=0).arm("plain").accuracy
    rows = balance_recall(LogisticRegression(), X, y, rng=0).arm("plain").accuracy
    assert (groups.high - groups.low) / (rows.high - rows.low) == pytest.approx(2, rel=0.15)


def test_sample_weights_do_where_there_is_no_class_weight() -> None:
    X, y = make_rows(800)
    weights = {0: 1.0, 1: 2.0, 2: 5.0}
    fitted = fit_classes(GaussianNB(), Part(X=X, labels=y, codes=y, groups=None), weights)
    expected = GaussianNB().fit(X, y, sample_weight=np.array([1.0, 2.0, 5.0])[y])
    np.testing.assert_allclose(fitted.predict_proba(X), expected.predict_proba(X))


def test_network_that_divides_weights_out_is_judged_with_them() -> None:
    pytest.importorskip("torch")
    from riskdec import CNNRiskModel
    from riskdec.nn.predicting import open_for_prediction, source_logits

    data = load_digits()
    model = CNNRiskModel(max_epochs=2, precision="float32", device="cpu", random_state=0)
    rows = Part(X=data.images[:600], labels=data.target[:600], codes=data.target[:600], groups=None)
    weights = np.linspace(0.2, 5, 10)
    fitted = fit_classes(model, rows, dict(enumerate(weights)))
    proba = fitted.predict_proba(data.images[600:])
    assert fitted.calibration is None
    assert model.calibration == "temperature"
    found = put_weights_back(fitted, proba, weights).argmax(axis=1)
    source = open_for_prediction(fitted.parts_, data.images[600:], image_size=None)
    logits, _ = source_logits(fitted.parts_, source)
    np.testing.assert_array_equal(found, logits.numpy().argmax(axis=1))
    assert (found != proba.argmax(axis=1)).mean() > 0.05


def test_rows_that_the_model_cannot_predict_are_refused() -> None:
    fitted = SimpleNamespace(classes_=np.array([0, 1]), predict_proba=lambda X: np.array([[0.3, 0.7], [np.nan] * 2]))
    with pytest.raises(InputError, match="rows that the model can predict; got nan in 1 of 2 rows"):
        predict_classes(fitted, np.zeros((2, 1)), np.array([0, 1]))


def test_class_that_the_model_did_not_learn_is_refused() -> None:
    fitted = SimpleNamespace(classes_=np.array([0, 1]), predict_proba=lambda X: np.full((2, 2), 0.5))
    with pytest.raises(InputError, match=r"learn every class \(3\); got 2"):
        predict_classes(fitted, np.zeros((2, 1)), np.array([0, 1, 2]))


def test_repeats_deal_and_seed_anew_and_start_with_the_answer() -> None:
    X, y = make_rows(1500)
    forest = RandomForestClassifier(20, max_depth=4)
    balance = balance_recall(forest, X, y, n_repeats=3, rng=0)
    assert len(balance.repeats) == 3
    assert balance.repeats[0].arms is balance.arms
    assert len({tuple(one.arms[0].recall) for one in balance.repeats}) == 3
    assert "Over 3 repeats" in str(balance.summary())
    assert json.dumps(balance.to_dict()) == json.dumps(balance_recall(forest, X, y, n_repeats=3, rng=0).to_dict())
    alone = balance_recall(forest, X, y, rng=0)
    np.testing.assert_array_equal(alone.arms[1].recall, balance.arms[1].recall)
    assert "repeats" not in str(alone.summary())


def test_open_random_states_get_one_number_for_both_fits() -> None:
    pipeline = make_pipeline(StandardScaler(), RandomForestClassifier(5))
    filled = fill_random_states(pipeline, np.random.default_rng(0))
    X, y = make_rows(300)
    rows = Part(X=X, labels=y, codes=y, groups=None)
    one, two = (fit_classes(filled, rows, None).predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert pipeline[-1].random_state is None
    assert fill_random_states(RandomForestClassifier(random_state=3), np.random.default_rng(0)).random_state == 3


def test_answer_is_complete_and_survives_pickling(right_form) -> None:
    again = pickle.loads(pickle.dumps(right_form))
    assert json.dumps(again.to_dict()) == json.dumps(right_form.to_dict())
    assert not again.held_out_recall.flags.writeable
    assert repr(right_form).startswith("<RecallBalance: 3 classes, range of recalls: plain 0.")
    frame = right_form.frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame["way"].tolist() == [way for way in ("plain", "weights", "offsets") for _ in range(3)]
    assert ((frame["low"] <= frame["recall"]) & (frame["recall"] <= frame["high"])).all()
    text = str(right_form.summary())
    assert "Spread and price" in text
    assert "RD443" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ways": "weights"}, "sequence of 'weights' and 'offsets'"),
        ({"ways": ()}, "sequence of 'weights' and 'offsets'"),
        ({"ways": ("thresholds",)}, "be one of 'weights', 'offsets'"),
        ({"power": 0}, "a number above 0"),
        ({"n_repeats": 0}, "n_repeats must be a whole number of at least 1"),
        ({"calibration": "isotonic"}, "be one of 'vector', 'temperature'"),
        ({"held_out_share": 1.0}, "strictly between 0 and 1"),
        ({"costs": {"false_positive": 1, "false_negative": 2}}, "one outcome and one action per class"),
        ({"estimator": LogisticRegression(class_weight="balanced")}, "no class weights of its own"),
    ],
)
def test_what_cannot_be_meant_is_refused(change, words) -> None:
    X, y = make_rows(200)
    given = {"estimator": LogisticRegression()} | change
    with pytest.raises(InputError, match=words):
        balance_recall(given.pop("estimator"), X, y, **given)
