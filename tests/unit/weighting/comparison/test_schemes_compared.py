"""Resampling beside weights: what equals what, what is undone by which map, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from riskdec import LogisticRiskModel, TabularRiskModel, compare_weighting, undo_sampling
from riskdec._base.checks import check_outcome
from riskdec.errors import InputError
from riskdec.weighting.comparison.fits import sample_rows
from riskdec.weighting.door import Rows
from riskdec.weighting.fitting import fit_scheme, predict_event
from riskdec.weighting.schemes import Scheme

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingComparison
    from riskdec.weighting import WeightingRow

OVER = Scheme(name="oversample", labels=(0, 1), weights=(1.0, 3.0), way="oversample")
UNDER = Scheme(name="undersample", labels=(0, 1), weights=(0.25, 1.0), way="undersample")


def training_rows(X: Any, y: np.ndarray) -> Rows:
    return Rows(X=X, labels=y, outcome=check_outcome(y), groups=None)


@pytest.mark.parametrize("model", [LogisticRiskModel(), LogisticRiskModel(penalty="firth")], ids=["mle", "firth"])
def test_integer_duplication_equals_integer_weights_exactly(model: Any, draw: Callable[..., Any]) -> None:
    X, y = draw(31, n=800)
    rows = sample_rows(OVER, training_rows(X, y), np.random.default_rng(0)).rows
    copied = fit_scheme(model, rows.X, rows.labels, OVER, is_event=rows.outcome.is_event, groups=rows.groups)
    counted = type(model)(penalty=model.penalty).fit(X, y, sample_weight=np.where(y == 1, 3.0, 1.0))
    np.testing.assert_allclose(copied.predict_risk(X), counted.predict_risk(X), rtol=1e-10)


def test_integer_duplication_has_the_coefficients_and_robust_errors_of_the_class_weight(
    draw: Callable[..., Any],
) -> None:
    X, y = draw(32, n=1500)
    held_out = {"X_test": X, "y_test": y, "rng": 0}
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=(3, ("oversample", 3)), **held_out)
    weights, copies = (
        [shift for shift in comparison.coefficients if shift.scheme == name] for name in ("ratio 3", "oversample 3")
    )
    n, copied, k = len(y), len(y) + 2 * int(y.sum()), 4
    for one, other in zip(weights, copies, strict=True):
        assert other.weighted == pytest.approx(one.weighted, rel=1e-8)
        assert other.shift_se == pytest.approx(one.shift_se, rel=1e-6)
        # Copies of a row count as one group; the variance from groups has Stata's factor.
        factor = n / (n - 1) * (copied - 1) / (copied - k)
        assert other.robust_se == pytest.approx(one.robust_se * np.sqrt(factor), rel=1e-6)
        # Copies taken for rows: the sum of the weights is no longer n.
        assert other.naive_se < one.naive_se


def test_undersampling_is_undone_by_undo_sampling(draw: Callable[..., Any]) -> None:
    X, y = draw(33, n=2000)
    rows = sample_rows(UNDER, training_rows(X, y), np.random.default_rng(0)).rows
    assert np.count_nonzero(rows.labels == 0) == round(0.25 * np.count_nonzero(y == 0))
    fitted = fit_scheme(LogisticRiskModel(), rows.X, rows.labels, UNDER, is_event=rows.labels == 1, groups=None)
    risk = predict_event(fitted, X, 1)
    undone = undo_sampling(risk, keep_rates=UNDER.keep_rates)
    log_odds = np.log(risk / (1 - risk)) - np.log(UNDER.ratio)
    np.testing.assert_allclose(undone, 1 / (1 + np.exp(-log_odds)), rtol=1e-9)


def test_undone_row_of_undersampling_is_what_undo_sampling_gives(
    draw: Callable[..., Any], row: Callable[..., WeightingRow]
) -> None:
    X, y = draw(34, n=3000)
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=("undersample",), rng=0)
    raw, undone = row(comparison, "undersample"), row(comparison, "undersample, undone")
    assert raw.weight_ratio == pytest.approx((y == 0).sum() / (y == 1).sum(), rel=0.02)
    assert raw.citl.estimate - undone.citl.estimate == pytest.approx(-np.log(raw.weight_ratio), rel=1e-6)
    assert undone.slope.estimate == pytest.approx(raw.slope.estimate, rel=1e-8)


def test_undersampling_says_how_many_rows_it_threw_away(draw: Callable[..., Any], finding: Callable[..., Any]) -> None:
    X, y = draw(35, n=2000)
    comparison = compare_weighting(
        LogisticRiskModel(), X[:1500], y[:1500], schemes=("undersample",), X_test=X[1500:], y_test=y[1500:], rng=0
    )
    thrown = 1500 - 2 * int(y[:1500].sum())
    said = finding(comparison, "RD412")
    assert f"throws {thrown:,} of 1,500 training rows away" in said.sentence
    assert "undo_sampling with keep_rates={0: 0." in said.todo
    assert not [f for f in comparison.findings if f.code == "RD402"]
    slopes = [s.robust_se / s.unweighted_se for s in comparison.coefficients if s.name != "Intercept"]
    assert f"Standard errors are {np.median(slopes):.3g} times" in said.sentence
    assert min(slopes) > 1.1


def test_smote_has_no_undone_row_and_says_why(
    draw: Callable[..., Any], finding: Callable[..., Any], row: Callable[..., WeightingRow]
) -> None:
    pytest.importorskip("imblearn")
    X, y = draw(36, n=2000)
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=("smote",), rng=0)
    assert [r.repair for r in comparison.rows if r.scheme == "smote"] == ["raw", "recentred", "recalibrated"]
    assert "no exact map back exists and no 'undone' row is shown" in finding(comparison, "RD412").sentence
    assert comparison.coefficients == ()
    assert row(comparison, "smote").mean_risk > 2 * row(comparison, "smote, recentred").mean_risk
    assert str(comparison.summary())


def test_resampled_frames_keep_their_kind_and_labels(draw: Callable[..., Any]) -> None:
    X, y = draw(37, n=900)
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=np.arange(900)[::-1]).assign(
        ward=np.where(X[:, 0] > 0, "x", "y")
    )
    comparison = compare_weighting(
        TabularRiskModel(event="ill", shape="linear", penalty=None),
        frame,
        np.where(y == 1, "ill", "well"),
        schemes=("undersample", "oversample"),
        rng=0,
    )
    # What such a model learned about its columns follows the rows it got, so its coefficients are not set side by side.
    assert comparison.coefficients == ()
    assert {r.scheme for r in comparison.rows} == {"none", "undersample", "oversample"}


def test_resampling_needs_no_weights_of_the_estimator(draw: Callable[..., Any]) -> None:
    X, y = draw(38, n=900)
    comparison = compare_weighting(KNeighborsClassifier(25), X, y, schemes=("undersample",), rng=0)
    assert comparison.rows[3].mean_risk > 2 * comparison.rows[0].mean_risk
    with pytest.raises(InputError, match="take class_weight, or sample_weight in fit; got KNeighborsClassifier"):
        compare_weighting(KNeighborsClassifier(25), X, y, schemes=("undersample", "natural"), rng=0)


def test_draws_follow_the_seed(draw: Callable[..., Any]) -> None:
    X, y = draw(39, n=900)

    def compared(seed: int) -> WeightingComparison:
        parts = {"X_test": X[600:], "y_test": y[600:]}
        return compare_weighting(LogisticRiskModel(), X[:600], y[:600], schemes=("undersample",), rng=seed, **parts)

    assert compared(1).to_dict() == compared(1).to_dict()
    assert compared(1).rows[3].brier != compared(2).rows[3].brier
    assert compared(1).rows[0].brier == compared(2).rows[0].brier
