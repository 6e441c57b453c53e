"""LogisticRiskModel with ridge: scikit-learn's optimum, honest inference, strengths chosen alike from equal data."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from riskdec import LogisticRiskModel, load
from riskdec.errors import InputError


@pytest.fixture
def rows(rng):
    X = rng.normal(size=(300, 4)) * [1, 50, 0.02, 3] + [0, 1e3, 4, 0]
    return X, (rng.random(300) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(int)


@pytest.fixture
def three(rng, rows):
    stage = rng.integers(0, 3, 300)
    stage[rows[0][:, 0] > 1] = 2
    return rows[0], np.array(["early", "late", "none"])[stage]


def standardised(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


def ridge(alpha=2.0, **options):
    return LogisticRiskModel(penalty="ridge", alpha=alpha, **options)


@pytest.mark.parametrize("alpha", [0.01, 2.0, 500.0])
def test_two_and_three_classes_are_scikit_learn_on_standardised_columns(rows, three, alpha):
    for X, y in (rows, three):
        model = ridge(alpha).fit(X, y)
        theirs = LogisticRegression(C=1 / alpha, tol=1e-12, max_iter=10_000).fit(standardised(X), y)
        np.testing.assert_allclose(model.predict_proba(X), theirs.predict_proba(standardised(X)), atol=1e-6)
        assert model.method_ == "ridge"
        assert model.alpha_ == alpha
        assert model.alpha_choice_ is None
        assert model.separation_ is None
        assert model.fit_result_.gradient < 1e-8


def test_names_of_classes_change_no_probability(three):
    X, y = three
    renamed = np.array([{"early": "z", "late": "a", "none": "m"}[label] for label in y])
    one, other = ridge(5.0).fit(X, y).predict_proba(X), ridge(5.0).fit(X, renamed).predict_proba(X)
    np.testing.assert_allclose(one[:, [1, 2, 0]], other, atol=1e-10)


def test_probabilities_of_all_classes_average_their_rates(three):
    X, y = three
    rates = [np.mean(y == label) for label in ("early", "late", "none")]
    np.testing.assert_allclose(ridge(50.0).fit(X, y).predict_proba(X).mean(axis=0), rates, atol=1e-10)


@pytest.mark.parametrize("kind", ["two", "three"])
def test_covariance_is_the_inverse_of_the_penalised_information(rows, three, kind):
    X, y = rows if kind == "two" else three
    model = ridge(3.0).fit(X, y)
    fit = model.fit_result_
    Z, p = np.column_stack([np.ones(len(X)), X]), model.predict_proba(X)[:, 1:]
    m = p.shape[1]
    variance = np.einsum("ia,ab->iab", p, np.eye(m)) - p[:, :, None] * p[:, None, :]
    information = np.einsum("iab,ij,ik->ajbk", variance, Z, Z).reshape(5 * m, 5 * m)
    between = np.eye(m) - (1 / (m + 1) if m > 1 else 0)
    penalty = 3.0 * np.kron(between, np.diag([0, *X.var(axis=0)]))
    np.testing.assert_allclose(fit.covariance("posterior") @ (information + penalty), np.eye(5 * m), atol=1e-5)
    assert fit.effective_parameters == pytest.approx(
        np.trace(np.linalg.solve(information + penalty, information)) - m, rel=1e-6
    )


def test_weights_offset_and_groups_reach_the_fit(rows, rng):
    X, y = rows
    offset, weight = rng.normal(size=300), rng.integers(1, 4, 300)
    one = ridge().fit(X, y, weight, offset=offset)
    place = np.repeat(np.arange(300), weight)
    other = ridge().fit(X[place], y[place], offset=offset[place])
    np.testing.assert_allclose(one.coef_, other.coef_, rtol=1e-8)
    np.testing.assert_allclose(one.fit_result_.robust_covariance, other.fit_result_.robust_covariance, rtol=1e-6)
    grouped = ridge().fit(X, y, groups=np.arange(300) // 3).fit_result_
    assert grouped.covariance_kind == "cluster"
    assert grouped.covariance().shape == (5, 5)
    assert ridge(weight_kind="importance").fit(X, y, weight).fit_result_.covariance_kind == "robust"
    assert ridge(class_weight="balanced").fit(X, y).fit_result_.by_class is not None


@pytest.mark.parametrize("classes", ["two", "three"])
def test_chosen_strength_depends_neither_on_order_nor_on_how_repetition_is_written(rows, three, rng, classes):
    X, y = rows if classes == "two" else three
    X, y = X[:120], y[:120]
    weight = rng.integers(1, 4, 120)
    place = rng.permutation(np.repeat(np.arange(120), weight))
    weighted, repeated = ridge("cv").fit(X, y, weight), ridge("cv").fit(X[place], y[place])
    np.testing.assert_allclose(weighted.alpha_choice_.score, repeated.alpha_choice_.score, rtol=1e-6)
    assert weighted.alpha_ == repeated.alpha_ == weighted.alpha_choice_.alpha
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-6)


def test_chosen_strength_is_near_the_best_on_new_rows(rng):
    beta = rng.normal(scale=0.2, size=20)
    X, new = rng.normal(size=(300, 20)), rng.normal(size=(20_000, 20))
    y = rng.random(300) < 1 / (1 + np.exp(-X @ beta))
    truth = 1 / (1 + np.exp(-new @ beta))

    def loss(alpha):
        risk = ridge(alpha).fit(X, y).predict_risk(new)
        return -np.mean(truth * np.log(risk) + (1 - truth) * np.log1p(-risk))

    chosen = ridge("cv").fit(X, y).alpha_
    assert loss(chosen) < min(loss(alpha) for alpha in (1e-2, 1, 10, 30, 100, 1e4)) + 0.02
    assert loss(chosen) < loss(1e-2)


def test_groups_share_folds_when_the_strength_is_chosen(rng):
    # Each person's rows are copies with one outcome: rows left out alone are known by heart.
    person = np.repeat(np.arange(60), 5)
    X = rng.normal(size=(60, 15))[person]
    y = (rng.random(60) < 0.5)[person]
    assert ridge("cv").fit(X, y, groups=person).alpha_ > ridge("cv").fit(X, y).alpha_


def test_formula_and_no_intercept(rows):
    X, y = rows
    frame = pd.DataFrame(X, columns=list("abcd")).assign(y=y)
    by_formula = ridge(formula="y ~ a + b").fit(frame)
    np.testing.assert_allclose(by_formula.coef_, ridge().fit(X[:, :2], y).coef_, rtol=1e-9)
    assert list(by_formula.params.index) == ["Intercept", "a", "b"]
    through = ridge(fit_intercept=False).fit(X[:, [0, 3]], y)
    assert through.fit_result_.terms == ("x0", "x1")
    assert "without an intercept" in str(through.summary())
    assert ridge("cv", fit_intercept=False).fit(X[:, [0, 3]], y).alpha_ > 0


def test_separated_data_have_one_answer_without_warning():
    x = np.arange(8.0)[:, np.newaxis]
    assert ridge(1.0).fit(x, x[:, 0] > 3).converged_


def test_what_inference_cannot_say_is_refused_and_intervals_are_posterior(rows):
    X, y = rows
    model = ridge(3.0).fit(X, y)
    for ask in (lambda: model.bse, model.conf_int, lambda: model.aic, model.fit_statistics, model.anova):
        with pytest.raises(InputError, match="lean towards zero"):
            ask()
    covariance = model.cov_params("posterior").to_numpy()
    Z = np.column_stack([np.ones(5), X[:5]])
    half = 1.959963984540054 * np.sqrt(np.einsum("ij,jk,ik->i", Z, covariance, Z))
    eta = model.decision_function(X[:5])
    np.testing.assert_allclose(model.risk_interval(X[:5])[:, 0], 1 / (1 + np.exp(half - eta)), rtol=1e-8)
    weighted = ridge(class_weight="balanced").fit(X, y)
    with pytest.raises(InputError, match="kind must be 'posterior' for intervals after ridge; got 'robust'"):
        weighted.risk_interval(X)
    with pytest.raises(InputError, match="Fit with groups= for it"):
        model.cov_params("cluster")


def test_models_survive_files_pickles_and_clones(rows, three, tmp_path):
    for X, y in (rows, three):
        for alpha in (2.0, "cv"):
            model = ridge(alpha).fit(X, y)
            for again in (load(model.save(tmp_path / "m")), pickle.loads(pickle.dumps(model))):
                np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
                assert str(again.summary()) == str(model.summary())
                assert again.alpha_ == model.alpha_
                assert again.get_params() == model.get_params()
            assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"penalty": "ridge"}, "alpha must be given with penalty='ridge'; got None. Pass alpha='cv'"),
        ({"penalty": None, "alpha": 1.0}, "alpha must be left out without a ridge penalty; got 1.0"),
        ({"penalty": "ridge", "alpha": 0}, "alpha must be a number above 0"),
        ({"penalty": "ridge", "alpha": "auto"}, "alpha must be a number above 0"),
        ({"penalty": "lasso"}, "penalty must be one of None, 'ridge', 'firth', 'flic', 'flac'"),
    ],
)
def test_wrong_options_are_refused(rows, options, message):
    with pytest.raises(InputError, match=message):
        LogisticRiskModel(**options).fit(*rows)


def test_few_rows_for_folds_are_told(rng):
    with pytest.raises(InputError, match="alpha must be a number where rows left out"):
        ridge("cv").fit(rng.normal(size=(20, 2)), np.arange(20) == 0)


def test_a_fit_without_ridge_forgets_the_strength(rows):
    model = ridge(1.0).fit(*rows)
    model.set_params(penalty=None, alpha=None).fit(*rows)
    assert "alpha_" not in vars(model)


def test_summary_tells_what_shrinking_does_to_calibration(rows, three):
    assert "calibration: risks average the event rate of these rows" in str(ridge().fit(*rows).summary())
    assert "Log-odds of none against early" in str(ridge().fit(*three).summary())
    frame = ridge().fit(*three).fit_result_.frame()
    assert list(frame.columns) == ["outcome", "term", "coef", "deviation"]
