"""What the default learns: curves, shrinkage, findings, folds that leak nothing."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from riskdec import TabularRiskModel, load
from riskdec.errors import InputError
from riskdec.models.shrinking.folds import Folds
from riskdec.models.tables.tabular_door import open_rows


def plain(**options):
    """Make a model that is a logistic regression by maximum likelihood on straight lines."""
    return TabularRiskModel(shape="linear", penalty=None, **options)


def test_summary_shows_what_was_learned_about_the_columns(frame, outcome):
    n_missing = str(int(frame["ward"].isna().sum()))
    for model, title, reference in (
        (plain(), "Logistic regression by maximum likelihood", ["a"]),
        (TabularRiskModel(), "Logistic regression shrunken by ridge", []),
    ):
        text = str(model.fit(frame, outcome).summary())
        assert text.startswith(title)
        assert [line.split() for line in text.splitlines() if line.startswith("ward ")] == [
            ["ward", "category", "3", *reference, n_missing]
        ]


def test_shrunken_estimates_carry_no_tests_and_say_why(frame, outcome):
    model = TabularRiskModel().fit(frame, outcome)
    text = str(model.summary())
    assert "no intervals and no p-values: shrunken estimates lean towards zero" in text
    assert "P>|z|" not in text
    assert "P>|z|" in str(plain().fit(frame, outcome).summary())
    assert list(model.fit_result_.frame().columns) == ["term", "coef", "deviation"]
    np.testing.assert_allclose(model.fit_result_.covariance(), model.fit_result_.posterior_covariance)
    with pytest.raises(InputError, match="kind must be 'posterior' or 'robust' here; got 'cluster'"):
        model.fit_result_.covariance("cluster")


def test_risks_are_those_of_the_encoded_columns(frame, outcome):
    model = TabularRiskModel(alpha=5.0).fit(frame, outcome)
    design = model.encoding_.encode(frame)
    Z = (design - design.mean(axis=0)) / design.std(axis=0)
    theirs = LogisticRegression(C=1 / 5, solver="newton-cholesky", tol=1e-12).fit(Z, outcome)
    np.testing.assert_allclose(model.predict_proba(frame), theirs.predict_proba(Z), rtol=1e-8)


def test_effective_parameters_are_the_trace_of_the_hat_matrix(frame, outcome):
    fit = TabularRiskModel(alpha=5.0).fit(frame, outcome).fit_result_
    encoding = TabularRiskModel(alpha=5.0).fit(frame, outcome).encoding_
    Z = np.column_stack([np.ones(len(frame)), encoding.encode(frame)])
    p = 1 / (1 + np.exp(-Z @ fit.coef))
    information = Z.T @ (Z * (p * (1 - p))[:, None])
    penalty = np.diag([0, *(5.0 * Z[:, 1:].var(axis=0))])
    trace = np.trace(np.linalg.solve(information + penalty, information))
    assert fit.effective_parameters == pytest.approx(trace - 1, rel=1e-7)


def test_splines_find_a_curve_that_lines_miss(rng):
    x = rng.normal(size=2000)
    y = rng.random(2000) < 1 / (1 + np.exp(2 - 1.5 * x**2))
    X = x[:, np.newaxis]
    truth = 1 / (1 + np.exp(2 - 1.5 * x**2))
    bent = TabularRiskModel().fit(X, y).predict_risk(X)
    straight = TabularRiskModel(shape="linear").fit(X, y).predict_risk(X)
    assert np.sqrt(np.mean((bent - truth) ** 2)) < 0.05
    assert np.sqrt(np.mean((straight - truth) ** 2)) > 0.2


def test_all_noise_is_shrunken_to_the_event_rate_and_said(rng):
    X, y = rng.normal(size=(300, 20)), rng.random(300) < 0.3
    model = TabularRiskModel().fit(X, y)
    likelihood = TabularRiskModel(penalty=None).fit(X, y)
    assert model.predict_risk(X).std() < 0.2 * likelihood.predict_risk(X).std()
    assert {f.code: f.severity for f in model.findings_}["RD108"] == "caution"
    assert {f.code: f.severity for f in likelihood.findings_}["RD109"] == "caution"


def test_findings_tell_events_shrinkage_and_rare_levels(frame, outcome):
    few = (frame.index >= 10) & (frame.index < 13)
    frame = frame.assign(
        ward=frame["ward"].where(frame.index > 4, "rare"), smoker=frame["smoker"].astype(float).where(~few)
    )
    model = TabularRiskModel().fit(frame, outcome)
    found = {f.code: f for f in model.findings_}
    assert "effective parameters" in found["RD105"].sentence
    assert "heuristic shrinkage" in found["RD109"].sentence
    assert "calibration slope on rows left out" in found["RD109"].sentence
    assert "'ward' has too few rows of 'rare': one level 'other'" in found["RD110"].sentence
    assert "'smoker' lacks 3 values: read as the mean" in found["RD110"].sentence
    assert "RD110" in str(model.summary())


def test_same_rows_give_the_same_model_and_seeds_deal_other_folds(frame, outcome):
    one, two = (TabularRiskModel().fit(frame, outcome) for _ in range(2))
    np.testing.assert_array_equal(one.alpha_choice_.score, two.alpha_choice_.score)
    np.testing.assert_array_equal(one.predict_proba(frame), two.predict_proba(frame))
    seeded = [TabularRiskModel(random_state=seed).fit(frame, outcome).alpha_choice_.score for seed in (5, 5, 6)]
    np.testing.assert_array_equal(seeded[0], seeded[1])
    assert (seeded[0] != seeded[2]).any()


def test_nothing_of_the_rows_left_out_reaches_the_encoding(frame, outcome):
    rows = open_rows(TabularRiskModel(), frame, outcome, sample_weight=None, groups=None)
    folds = np.arange(len(frame)) % 3
    before = list(rows.split(Folds(folds)))
    # Change the rows of fold 0 beyond recognition: what is learned on the others stays.
    changed = frame.assign(age=frame["age"].where(folds != 0, 1e6), ward=frame["ward"].where(folds != 0, "new"))
    after = list(open_rows(TabularRiskModel(), changed, outcome, sample_weight=None, groups=None).split(Folds(folds)))
    np.testing.assert_array_equal(before[0].X, after[0].X)
    assert before[1].X.shape != after[1].X.shape or (before[1].X != after[1].X).any()


def test_a_column_without_values_outside_a_fold_is_left_out_there(frame, outcome):
    rows = open_rows(TabularRiskModel(), frame, outcome, sample_weight=None, groups=None)
    folds = (frame["age"].isna().to_numpy()).astype(np.intp)
    designs = [(fold.X.shape[1], fold.X_left_out.shape[1]) for fold in rows.split(Folds(folds))]
    assert designs[0][0] == designs[0][1] < designs[1][0] == designs[1][1]


def test_saved_models_come_back(frame, outcome, tmp_path):
    for options in ({}, {"calibration": "platt"}, {"penalty": None, "calibration": "platt"}, {"random_state": 3}):
        model = TabularRiskModel(**options).fit(frame, outcome, groups=np.arange(len(frame)) // 2)
        again = load(model.save(tmp_path / "m"))
        assert again.get_params() == model.get_params()
        np.testing.assert_array_equal(again.predict_proba(frame), model.predict_proba(frame))
        assert str(again.summary()) == str(model.summary())
        assert again.findings_ == model.findings_
        if model.alpha_choice_ is not None:
            assert again.alpha_choice_.to_dict() == model.alpha_choice_.to_dict()


def test_recalibration_draws_risks_in_and_never_apart(frame, outcome, rng):
    model = TabularRiskModel().fit(frame, outcome)
    raw = TabularRiskModel(calibration=None).fit(frame, outcome)
    assert raw.recalibration_ is None
    assert 0 <= model.recalibration_.slope <= 1
    eta, before = (np.log(p / (1 - p)) for p in (model.predict_risk(frame), raw.predict_risk(frame)))
    intercept, slope, _ = model.recalibration_
    np.testing.assert_allclose(eta, intercept + slope * before, rtol=1e-9, atol=1e-12)
    assert "recalibrated on rows left out" in str(model.summary())
    # Weights by class shift risks on purpose.
    assert TabularRiskModel(class_weight="balanced").fit(frame, outcome).recalibration_ is None
    # A strength that somebody gave is taken at its word.
    assert TabularRiskModel(alpha=3.0).fit(frame, outcome).recalibration_ is None
    # Far too strong a penalty: asked for, the slope mends it.
    drawn = TabularRiskModel(alpha=1000.0, calibration="platt").fit(frame, outcome)
    assert drawn.recalibration_.slope > 2
    assert drawn.recalibration_.slope == drawn.recalibration_.slope_left_out
