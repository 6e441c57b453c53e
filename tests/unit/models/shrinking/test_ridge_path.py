"""The strength of the penalty: folds that are fair, scores that are those of refits, ties and edges."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from riskdec.errors import InputError
from riskdec.models.doors.row_keys import row_keys
from riskdec.models.shrinking.folds import deal_folds
from riskdec.models.shrinking.ridge_path import ALPHAS, Fold, choose_alpha, choose_by_folds


def numbers(folds):
    return np.argmax([folds.left_out(k) for k in range(folds.n_folds)], axis=0)


@pytest.fixture
def rows(rng):
    X = rng.normal(size=(250, 6))
    return X, rng.random(250) < 1 / (1 + np.exp(1 - X[:, 0]))


def test_scores_are_those_of_scikit_learn_fits_on_each_fold(rows):
    X, y = rows
    alphas = np.array([30.0, 1.0, 0.1])
    folds = numbers(deal_folds(y, 4, key=row_keys(X.T), rng=np.random.default_rng(3)))
    choice = choose_alpha(X, y, alphas=alphas, n_folds=4, rng=3)
    for place, alpha in enumerate(choice.alphas):
        losses = []
        for k in range(4):
            inside = folds != k
            mean, spread = X[inside].mean(axis=0), X[inside].std(axis=0)
            theirs = LogisticRegression(C=1 / alpha, tol=1e-12, solver="newton-cholesky")
            theirs.fit((X[inside] - mean) / spread, y[inside])
            proba = theirs.predict_proba((X[~inside] - mean) / spread)
            losses.extend(-np.log(proba[np.arange(len(proba)), y[~inside].astype(int)]))
        assert choice.score[place] == pytest.approx(np.mean(losses), abs=1e-4)
    assert choice.alpha == choice.alphas[np.argmin(choice.score)]


def test_log_odds_of_rows_left_out_belong_to_the_strength_chosen(rows):
    X, y = rows
    fold = Fold(X[:200], y[:200], None, X[200:], y[200:], None)
    other = Fold(X[50:], y[50:], None, X[:50], y[:50], None)
    choice, log_odds = choose_by_folds([fold, other], np.array([100.0, 3.0, 0.01]))
    eta, seen = np.concatenate(log_odds), np.concatenate([y[200:], y[:50]])
    score = np.mean(np.logaddexp(0, np.where(seen, -eta, eta)))
    assert choice.score.min() == pytest.approx(score, rel=1e-12)


def test_weights_count_in_fits_and_scores(rows, rng):
    X, y = rows
    weight = np.where(np.arange(len(y)) < 200, 1.0, 0.0) + 1e-12
    folds = numbers(deal_folds(y, 5, key=row_keys(X.T), rng=np.random.default_rng(0)))
    inside = [
        Fold(
            X[folds != k][weight[folds != k] > 0.5],
            y[folds != k][weight[folds != k] > 0.5],
            None,
            X[folds == k][weight[folds == k] > 0.5],
            y[folds == k][weight[folds == k] > 0.5],
            None,
        )
        for k in range(5)
    ]
    expected, _ = choose_by_folds(inside, ALPHAS)
    np.testing.assert_allclose(choose_alpha(X, y, sample_weight=weight, rng=0).score, expected.score, atol=1e-6)


def test_one_standard_error_takes_a_stronger_penalty_of_nearly_the_same_score(rows):
    X, y = rows
    best, careful = (choose_alpha(X, y, rule=rule, rng=0) for rule in ("minimum", "one standard error"))
    assert careful.alpha > best.alpha
    place = np.flatnonzero(careful.alphas == careful.alpha)[0]
    bottom = np.argmin(best.score)
    limit = best.score[bottom] + best.standard_error[bottom]
    assert careful.score[place] <= limit < careful.score[place - 1]


def test_of_equal_scores_the_strongest_wins():
    y = np.arange(40) % 2 == 0
    # A constant column: every strength gives the same constant risk.
    choice = choose_alpha(np.ones((40, 1)), y, rng=0)
    assert choice.alpha == choice.alphas[0]
    assert choice.edge == "strongest"


def test_edges_are_told(rng):
    X = rng.normal(size=(400, 1))
    strong = choose_alpha(X, rng.random(400) < 1 / (1 + np.exp(-3 * X[:, 0])), alphas=[10, 100, 1000], rng=0)
    assert (strong.alpha, strong.edge) == (10, "weakest")
    assert choose_alpha(X, rng.random(400) < 0.5, alphas=[0.001, 0.1, 1e4], rng=0).edge == "strongest"


def test_grid_may_come_in_any_order(rows):
    X, y = rows
    one, other = (choose_alpha(X, y, alphas=grid, rng=0) for grid in ([1.0, 10.0, 0.1], [10.0, 1.0, 0.1]))
    np.testing.assert_array_equal(one.score, other.score)
    np.testing.assert_array_equal(one.alphas, [10, 1, 0.1])


def test_seed_decides_the_folds(rows):
    X, y = rows
    scores = [choose_alpha(X, y, rng=seed).score for seed in (1, 1, 2)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert (scores[0] != scores[2]).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alphas": [1, 0]}, "alphas must be positive numbers"),
        ({"alphas": []}, "alphas must be positive numbers"),
        ({"n_folds": 1}, "n_folds must be a whole number of at least 2"),
        ({"rule": "maximum"}, "rule must be one of"),
        ({"rng": "x"}, "rng must be a seed"),
        ({"groups": [1]}, "groups must have one entry per row"),
    ],
)
def test_wrong_options_are_refused(rows, options, message):
    with pytest.raises(InputError, match=message):
        choose_alpha(*rows, **options)


def test_summary_marks_the_choice(rows):
    choice = choose_alpha(*rows, rng=0)
    lines = [line for line in str(choice.summary()).splitlines() if line.endswith("<")]
    assert len(lines) == 1
    assert float(lines[0].split()[0]) == pytest.approx(choice.alpha, rel=1e-3)
    assert choice.to_dict()["alpha"] == choice.alpha
    assert "5 folds" in repr(choice)
