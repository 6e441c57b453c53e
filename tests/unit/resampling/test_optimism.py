"""Validation by bootstrap follows its definition, whatever path the refits take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from riskdec import LogisticRiskModel, validate_by_bootstrap
from riskdec.errors import InputError
from riskdec.models.inference.bootstrap_draws import make_resamples

if TYPE_CHECKING:
    from riskdec import BootstrapValidation
    from tests.unit.resampling.conftest import Rows

COSTS = {"false_positive": 1, "false_negative": 5, "defer": 0.4}


def figures(validation: BootstrapValidation, *keys: str) -> np.ndarray:
    return np.array([[getattr(index, key) for key in keys] for index in validation.indices])


def test_figures_follow_the_definition(rows: Rows) -> None:
    validation = validate_by_bootstrap(LogisticRiskModel(), rows.X, rows.y, n_resamples=10, rng=4)
    resamples = make_resamples(300, 10, rng=np.random.default_rng(4))
    training, test = [], []
    for number in range(10):
        drawn = np.repeat(np.arange(300), resamples.multiplicity(number).astype(int))
        model = LogisticRiskModel().fit(rows.X[drawn], rows.y[drawn])
        training.append(roc_auc_score(rows.y[drawn], model.predict_risk(rows.X[drawn])))
        test.append(roc_auc_score(rows.y, model.predict_risk(rows.X)))
    apparent = roc_auc_score(rows.y, LogisticRiskModel().fit(rows.X, rows.y).predict_risk(rows.X))
    auc = validation["auc"]
    assert (auc.apparent, auc.training, auc.test) == pytest.approx((apparent, np.mean(training), np.mean(test)))
    assert auc.corrected == pytest.approx(apparent - np.mean(training) + np.mean(test))
    assert auc.optimism == pytest.approx(auc.apparent - auc.corrected)


def test_shared_design_gives_what_single_fits_give(rows: Rows) -> None:
    labels = np.where(rows.y == 1, "a", "b")
    pipeline = make_pipeline(FunctionTransformer(), LogisticRiskModel())
    shared, single = (
        validate_by_bootstrap(estimator, rows.X, labels, n_resamples=12, costs=COSTS, event="a", rng=0)
        for estimator in (LogisticRiskModel(), pipeline)
    )
    keys = ("apparent", "training", "test", "optimism", "corrected")
    np.testing.assert_allclose(figures(shared, *keys), figures(single, *keys), atol=1e-6)
    np.testing.assert_allclose(shared.curve_corrected, single.curve_corrected, atol=1e-6)


@pytest.mark.parametrize("estimator", [LogisticRiskModel(), RandomForestClassifier(5)])
def test_same_bits_for_any_number_of_workers(rows: Rows, estimator: object) -> None:
    one, two, again = (
        validate_by_bootstrap(estimator, rows.X, rows.y, n_resamples=70, rng=5, n_jobs=jobs) for jobs in (1, 2, None)
    )
    for other in (two, again):
        np.testing.assert_array_equal(figures(one, "corrected", "test"), figures(other, "corrected", "test"))
    other = validate_by_bootstrap(estimator, rows.X, rows.y, n_resamples=70, rng=6)
    assert (figures(one, "test") != figures(other, "test")).any()


def test_apparent_line_of_maximum_likelihood_is_said_to_say_nothing(rows: Rows) -> None:
    validation = validate_by_bootstrap(LogisticRiskModel(), rows.X, rows.y, n_resamples=5, rng=0)
    assert validation["slope"].is_fixed
    assert validation["intercept"].is_fixed
    text = str(validation.summary())
    assert "1 (by construction)" in text
    assert "apparent" in text
    assert validation.to_dict()["indices"]["slope"]["apparent_by_construction"] is True
    shrunken = validate_by_bootstrap(LogisticRiskModel(penalty="firth"), rows.X, rows.y, n_resamples=5, rng=0)
    assert not shrunken["slope"].is_fixed


def test_corrected_slope_is_near_the_truth_of_new_rows(rng: np.random.Generator) -> None:
    # Harrell's claim, on average over a few data sets: what new rows show.
    beta = np.r_[0.8, 0.5, np.zeros(8)]
    corrected, shown = [], []
    for _ in range(12):
        X, new = rng.normal(size=(200, 10)), rng.normal(size=(4000, 10))
        y, outcome = (rng.random(len(Z)) < 1 / (1 + np.exp(1 - Z @ beta)) for Z in (X, new))
        corrected.append(validate_by_bootstrap(LogisticRiskModel(), X, y, n_resamples=60, rng=rng)["slope"].corrected)
        model = LogisticRiskModel().fit(X, y)
        eta = model.decision_function(new)
        shown.append(LogisticRiskModel().fit(eta[:, None], outcome).coef_[0, 0])
    assert np.mean(shown) < 0.85
    assert abs(np.mean(corrected) - np.mean(shown)) < 0.06


def test_groups_move_together(rows: Rows) -> None:
    X, y = np.tile(rows.X, (2, 1)), np.tile(rows.y, 2)
    groups = np.tile(np.arange(300), 2)
    grouped = validate_by_bootstrap(LogisticRiskModel(), X, y, groups=groups, n_resamples=40, rng=0)
    single = validate_by_bootstrap(LogisticRiskModel(), rows.X, rows.y, n_resamples=40, rng=0)
    assert grouped.n_groups == 300
    # Twice the same rows, drawn together: nothing changes but the indices that count rows.
    for name in ("auc", "slope", "brier", "log_score"):
        assert grouped[name].corrected == pytest.approx(single[name].corrected, abs=1e-6)
    blind = validate_by_bootstrap(LogisticRiskModel(), X, y, n_resamples=40, rng=0)
    assert blind["slope"].corrected > grouped["slope"].corrected


def test_frequency_weights_are_repeated_rows(rows: Rows) -> None:
    counts = np.random.default_rng(1).integers(0, 3, 300)
    repeated = np.repeat(np.arange(300), counts)
    weighted = validate_by_bootstrap(LogisticRiskModel(), rows.X, rows.y, sample_weight=counts, n_resamples=15, rng=0)
    long = validate_by_bootstrap(LogisticRiskModel(), rows.X[repeated], rows.y[repeated], n_resamples=15, rng=0)
    assert (weighted.n, weighted.n_events) == (long.n, long.n_events)
    for name in ("auc", "slope", "brier", "r2", "g"):
        assert weighted[name].corrected == pytest.approx(long[name].corrected, abs=1e-6)


def test_separated_resamples_are_counted(rng: np.random.Generator) -> None:
    X = np.column_stack([np.arange(40) < 3, rng.normal(size=40)]).astype(float)
    y = np.r_[np.ones(2), 0, rng.random(37) < 0.4].astype(int)
    validation = validate_by_bootstrap(LogisticRiskModel(), X, y, n_resamples=60, rng=0)
    # The one non-event among the exposed is absent from (1 - 1/40)^40 = 0.36 of the resamples.
    assert 8 < validation.n_firth < 60
    assert "RD112" in [finding.code for finding in validation.findings]
    refused = validate_by_bootstrap(LogisticRiskModel(on_separation="error"), X, y, n_resamples=60, rng=0)
    assert (refused.n_firth, refused.n_failed) == (0, validation.n_firth + validation.n_failed)


def test_learning_by_heart_is_found_out(rows: Rows) -> None:
    forest = RandomForestClassifier(20, random_state=0)
    validation = validate_by_bootstrap(forest, rows.X, rows.y, n_resamples=10, rng=0)
    assert validation["auc"].unseen < validation["auc"].corrected - 0.05
    first = validation.findings[0]
    assert (first.code, first.severity) == ("RD207", "issue")
    assert "validate_by_folds" in first.todo


def test_refits_without_finite_slope_are_left_out_and_counted(rng: np.random.Generator) -> None:
    X = rng.normal(size=(60, 9))
    y = (rng.random(60) < 1 / (1 + np.exp(1.1 - 1.5 * X[:, 0]))).astype(int)
    validation = validate_by_bootstrap(LogisticRiskModel(), X, y, n_resamples=100, rng=1)
    told = [finding for finding in validation.findings if finding.code == "RD207"]
    assert len(told) == 1
    assert "refits tell the events of their own rows from the others without error" in told[0].sentence
    assert 0 < int(told[0].sentence.split()[0]) <= validation.n_firth
    # Those few do not take the slope of the others away.
    assert np.isfinite(validation["slope"].corrected)


def test_answer_prints_and_exports(rows: Rows) -> None:
    validation = validate_by_bootstrap(LogisticRiskModel(), rows.X, rows.y, costs=COSTS, n_resamples=5, rng=0)
    assert "realised cost per row" in str(validation.summary())
    told = validation.to_dict()["indices"]
    assert list(told) == validation.frame()["index"].tolist()
    assert told["auc"]["corrected"] == validation["auc"].corrected
    assert "apparent" in repr(validation)
    with pytest.raises(InputError, match="be one of 'auc'"):
        validation["accuracy"]
    without = validate_by_bootstrap(LogisticRiskModel(), rows.X, rows.y, n_resamples=5, rng=0)
    assert "realised_cost" not in without.to_dict()["indices"]


def test_costs_need_two_outcomes(rows: Rows) -> None:
    from riskdec import CostMatrix

    costs = CostMatrix([[0, 1], [1, 0], [2, 1]], outcomes=("a", "b", "c"), actions=("x", "y"))
    with pytest.raises(InputError, match="costs must have two outcomes"):
        validate_by_bootstrap(LogisticRiskModel(), rows.X, rows.y, costs=costs, n_resamples=5)


def test_procedure_that_always_fails_is_refused(rows: Rows) -> None:
    class Never(LogisticRiskModel):
        def fit(self, X: np.ndarray, y: np.ndarray, **options: object) -> Never:
            if len(np.unique(X[:, 0])) < 300:
                raise ValueError("a resample")
            return super().fit(X, y)

    with pytest.raises(InputError, match="on at least one resample"):
        validate_by_bootstrap(Never(), rows.X, rows.y, n_resamples=3, rng=0)
