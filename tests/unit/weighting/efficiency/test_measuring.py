"""Efficiency of weights from a model: what simulations show, and no percentage where the form is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from riskdec import LogisticRiskModel, TabularRiskModel, weighting_efficiency
from riskdec.errors import InputError, SeparationWarning
from riskdec.likelihood import fit_binomial
from tests.unit.weighting.row_laws import differences, draw_weighted

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingEfficiency

    Draw = Callable[..., tuple[np.ndarray, np.ndarray]]


def code(found: WeightingEfficiency, wanted: str) -> Any:
    return next(finding for finding in found.findings if finding.code == wanted)


def test_variances_of_many_fits_are_as_the_formula_says() -> None:
    # 5 % events, slope 1 and a column without effect: variance without weights over that with natural weights. With
    # 100 events instead of 400 the slope does worse than the formula (.73 instead of .78): it is asymptotic.
    rng = np.random.default_rng(1)
    repetitions, n = 200, 8000
    slopes, told = np.empty((2, repetitions, 2)), []
    for i in range(repetitions):
        X = rng.normal(size=(n, 2))
        y = rng.random(n) < 1 / (1 + np.exp(3.35 - X[:, 0]))
        for j, ratio in enumerate((1.0, (~y).sum() / y.sum())):
            slopes[j, i] = fit_binomial(X, y, weight=np.where(y, ratio, 1.0)).coef[1:]
        if i < 10:
            told.append(weighting_efficiency(LogisticRiskModel(), X, y).efficiency[1:])
    seen = slopes[0].var(axis=0) / slopes[1].var(axis=0)
    correlation = [np.corrcoef(slopes[0, :, k], slopes[1, :, k])[0, 1] for k in range(2)]
    error = seen * 2 * np.sqrt((1 - np.square(correlation)) / repetitions)
    assert (np.abs(seen - np.mean(told, axis=0)) < 3 * error).all()


def test_standard_errors_are_those_of_the_fits(draw: Draw) -> None:
    X, y = draw(2)
    found = weighting_efficiency(LogisticRiskModel(), X, y, weight_ratio=6.0)
    none = LogisticRiskModel().fit(X, y).fit_result_
    weighted = LogisticRiskModel(class_weight={0: 1, 1: 6}).fit(X, y).fit_result_
    np.testing.assert_allclose(found.unweighted_se, none.standard_errors("model"))
    np.testing.assert_allclose(found.naive_se, weighted.standard_errors("model"))
    np.testing.assert_allclose(found.robust_se, weighted.standard_errors("robust"))
    assert found.terms == none.terms
    assert found.natural_ratio == (y == 0).sum() / (y == 1).sum()
    assert "weights of mean one taken for counts of rows" in code(found, "RD437").sentence


def test_sentence_names_the_functional_and_the_share(draw: Draw) -> None:
    X, y = draw(3, n=6000)
    found = weighting_efficiency(LogisticRiskModel(), X, y)
    assert found.comparable
    share = round(100 * (1 - found.predictor_efficiency))
    sentence = code(found, "RD435").sentence
    assert f"estimate the linear predictor as precisely as an unweighted fit on {share} % fewer rows" in sentence
    assert sentence.startswith("If the logistic form is right, ")


def test_a_wrong_form_is_not_comparable(draw: Draw) -> None:
    X, y = draw(4, n=6000, bend=0.6)
    found = weighting_efficiency(LogisticRiskModel(), X, y)
    assert found.comparable is False
    assert "not comparable" in repr(found)
    assert "not comparable" in code(found, "RD436").sentence
    assert not any(finding.code == "RD435" for finding in found.findings)
    assert "%" not in str(found.summary()).split("Findings")[0]


def test_a_fitted_model_and_its_rows_are_enough(draw: Draw) -> None:
    X, y = draw(5)
    with_outcomes = weighting_efficiency(LogisticRiskModel(), X, y, weight_ratio=5.0)
    without = weighting_efficiency(LogisticRiskModel().fit(X, y), X, weight_ratio=5.0)
    np.testing.assert_allclose(without.efficiency, with_outcomes.efficiency)
    assert without.naive_se is None
    assert without.comparable is None
    assert "Whether the form is right was not tested" in code(without, "RD435").sentence
    natural = weighting_efficiency(LogisticRiskModel().fit(X, y), X)
    assert natural.weight_ratio == pytest.approx((y == 0).sum() / y.sum())


def test_labels_and_tables_and_aliases_are_taken(draw: Draw) -> None:
    X, y = draw(6)
    plain = weighting_efficiency(LogisticRiskModel(), X, y, weight_ratio=5.0)
    words = np.array(["well", "ill"])[y]
    named = weighting_efficiency(LogisticRiskModel(event="ill"), X, words, weight_ratio=5.0)
    np.testing.assert_allclose(named.efficiency, plain.efficiency, rtol=1e-6)
    table = weighting_efficiency(TabularRiskModel(shape="linear", penalty=None), X, y, weight_ratio=5.0)
    np.testing.assert_allclose(table.efficiency, plain.efficiency, rtol=1e-6)
    with pytest.warns(match="RD102"):
        aliased = weighting_efficiency(LogisticRiskModel(), np.column_stack([X, X[:, 0]]), y, weight_ratio=5.0)
    assert aliased.terms == plain.terms
    np.testing.assert_allclose(aliased.efficiency, plain.efficiency, rtol=1e-6)


def test_groups_make_standard_errors_cluster_robust(draw: Draw) -> None:
    X, y = draw(7)
    people = np.arange(len(y)) // 5
    found = weighting_efficiency(LogisticRiskModel(), X, y, groups=people)
    direct = LogisticRiskModel(class_weight="natural").fit(X, y, groups=people).fit_result_
    np.testing.assert_allclose(found.robust_se, direct.standard_errors("cluster"))
    assert found.n_groups == people.max() + 1


def test_answer_prints_and_travels(draw: Draw) -> None:
    X, y = draw(8)
    found = weighting_efficiency(LogisticRiskModel(), X, y)
    assert list(found.frame().columns) == [
        "term",
        "efficiency",
        "undersampling_efficiency",
        "unweighted_se",
        "naive_se",
        "robust_se",
    ]
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["predictor_efficiency"] == found.predictor_efficiency
    assert "linear predictor" in str(found.summary())
    assert "RD438" in str(found.summary())


def test_what_the_formula_does_not_know_is_refused(draw: Draw) -> None:
    X, y = draw(9, n=400)
    for estimator, words in (
        (LogisticRegression(), "be a LogisticRiskModel"),
        (LogisticRiskModel(penalty="ridge", alpha=1.0), "ridge fit|fit by ridge"),
        (LogisticRiskModel(penalty="firth"), "a fit by firth"),
        (LogisticRiskModel(class_weight="natural"), "carry no class weights"),
    ):
        with pytest.raises(InputError, match=words):
            weighting_efficiency(estimator, X, y)
    with pytest.raises(InputError, match="be fitted where there is no y"):
        weighting_efficiency(LogisticRiskModel(), X)
    with pytest.raises(InputError, match="be the rows that the model was fitted on"):
        weighting_efficiency(LogisticRiskModel().fit(X, y), X[:50])
    with pytest.raises(InputError, match="groups must come with y"):
        weighting_efficiency(LogisticRiskModel().fit(X, y), X, groups=np.arange(400))
    with pytest.warns(SeparationWarning), pytest.raises(InputError, match="a fit by flic"):
        weighting_efficiency(LogisticRiskModel(), X[:, :1], (X[:, 0] > 1).astype(int))


def test_frequency_weights_are_rows_written_as_often_as_they_count() -> None:
    drawn = draw_weighted(11, 900)
    many = drawn.written
    for groups in (None, drawn.groups):
        counted = weighting_efficiency(LogisticRiskModel(), drawn.X, drawn.y, sample_weight=drawn.times, groups=groups)
        written = weighting_efficiency(
            LogisticRiskModel(), drawn.X[many], drawn.y[many], groups=None if groups is None else groups[many]
        )
        assert differences(counted, written, leave=("weight_kind",)) == []
        assert counted.n == drawn.times.sum()


def test_importance_weights_count_by_their_ratios_and_rows_of_none_are_absent() -> None:
    drawn = draw_weighted(12, 900)
    model = LogisticRiskModel(weight_kind="importance")
    one, scaled, kept = (
        weighting_efficiency(model, drawn.X[rows], drawn.y[rows], sample_weight=times[rows], weight_kind="importance")
        for rows, times in (
            (slice(None), drawn.times),
            (slice(None), drawn.times * 0.37),
            (drawn.times > 0, drawn.times),
        )
    )
    assert differences(one, scaled) == []
    assert differences(one, kept) == []
    assert "importance weights" in str(one.summary())


def test_variances_of_fits_with_importance_weights_are_as_the_formula_says() -> None:
    # Rows with a large x matter more. Variance with these weights alone over that with class weights beside them.
    rng = np.random.default_rng(2)
    repetitions, n = 200, 4000
    slopes, told = np.empty((2, repetitions)), []
    for i in range(repetitions):
        x = rng.normal(size=n)
        y = rng.random(n) < 1 / (1 + np.exp(2.5 - x))
        importance = np.exp(0.8 * x)
        for j, ratio in enumerate((1.0, 8.0)):
            slopes[j, i] = fit_binomial(x[:, None], y, weight=np.where(y, ratio, 1.0) * importance).coef[1]
        if i < 10:
            model = LogisticRiskModel(weight_kind="importance")
            options = {"weight_ratio": 8.0, "sample_weight": importance, "weight_kind": "importance"}
            told.append(weighting_efficiency(model, x[:, None], y, **options).efficiency[1])
    seen = slopes[0].var() / slopes[1].var()
    error = seen * 2 * np.sqrt((1 - np.corrcoef(slopes)[0, 1] ** 2) / repetitions)
    assert abs(seen - np.mean(told)) < 3 * error


def test_weights_that_undo_the_class_weights_gain_rows(draw: Draw) -> None:
    # Class weights tilt each row by u = r / (r p + 1 - p); rows weighted by 1 / u are again as precise as they can be.
    X, y = draw(13, n=6000)
    risk = LogisticRiskModel().fit(X, y).predict_risk(X)
    model = LogisticRiskModel(weight_kind="importance")
    weights = (9 * risk + 1 - risk) / 9
    found = weighting_efficiency(model, X, y, weight_ratio=9.0, sample_weight=weights, weight_kind="importance")
    assert (found.efficiency > 1).all()
    assert "more rows" in repr(found)


def test_weights_of_a_fitted_model_are_not_guessed(draw: Draw) -> None:
    X, y = draw(14, n=600)
    model = LogisticRiskModel(weight_kind="importance").fit(X, y, np.linspace(0.1, 2, 600))
    with pytest.raises(InputError, match="be fitted without importance weights where there is no y"):
        weighting_efficiency(model, X)
    with pytest.raises(InputError, match="sample_weight must come with y"):
        weighting_efficiency(LogisticRiskModel().fit(X, y), X, sample_weight=np.ones(600))
