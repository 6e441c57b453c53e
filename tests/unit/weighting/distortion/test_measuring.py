"""Distortion split in parts: each part is seen where it was made, and nothing is seen where nothing was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from riskdec import LogisticRiskModel, calibration_slope, log_score, undo_class_weight, weighting_distortion
from riskdec.errors import InputError

if TYPE_CHECKING:
    from riskdec import Distortion


def draw(seed: int, n: int = 8000) -> tuple[np.ndarray, np.ndarray]:
    """Give true log-odds and outcomes, about one in eight an event."""
    rng = np.random.default_rng(seed)
    eta = rng.normal(-2.2, 1.1, n)
    return eta, (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)


def expit(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def code(found: Distortion, wanted: str) -> Any:
    return next(finding for finding in found.findings if finding.code == wanted)


def test_a_pure_shift_is_told_from_nothing_else() -> None:
    eta, y = draw(1)
    found = weighting_distortion(y, expit(eta + np.log(9)), weight_ratio=9)
    assert found.predicted_shift == pytest.approx(np.log(9))
    assert found.unexplained_shift.low < 0 < found.unexplained_shift.high
    assert found.slope.low < 1 < found.slope.high
    assert found.residual_p_value > 0.05
    assert code(found, "RD433").severity == "good"


@pytest.mark.parametrize(
    ("distort", "part", "wrong"),
    [
        (lambda eta: eta + np.log(9) + 0.4, "RD430", "the shift is not the predicted one"),
        (lambda eta: 0.7 * (eta + 2.2) - 2.2 + np.log(9), "RD431", "the slope is not 1"),
        (lambda eta: eta + np.log(9) + 0.35 * ((eta + 2.2) ** 2 - 1.2), "RD432", "the curve bends"),
    ],
    ids=["shift", "slope", "bend"],
)
def test_each_part_is_seen_where_it_was_made(distort: Any, part: str, wrong: str) -> None:
    eta, y = draw(2)
    found = weighting_distortion(y, expit(distort(eta)), weight_ratio=9)
    assert code(found, part).severity == "caution"
    assert wrong in code(found, "RD433").sentence


def test_shift_and_slope_equal_calibration_slope() -> None:
    eta, y = draw(3)
    risk = expit(1.2 * eta + 2)
    found, single = weighting_distortion(y, risk, weight_ratio=5), calibration_slope(y, risk)
    assert found.observed_shift.estimate == pytest.approx(-single.citl.estimate)
    assert found.observed_shift.low == pytest.approx(-single.citl.high)
    assert found.slope.to_dict() == pytest.approx(single.slope.to_dict())


def test_unexplained_shift_is_that_of_the_undone_risks() -> None:
    eta, y = draw(4)
    risk = expit(1.1 * eta + 2)
    undone = undo_class_weight(risk, class_weight={0: 1, 1: 6})
    found = weighting_distortion(y, risk, weight_ratio=6)
    after = calibration_slope(y, undone)
    assert found.unexplained_shift.estimate == pytest.approx(-after.citl.estimate)
    assert found.slope.estimate == pytest.approx(after.slope.estimate)
    assert found.undone_mean_risk == pytest.approx(undone.mean())
    assert found.undone_log_score == pytest.approx(log_score(y, undone))
    assert found.log_score == pytest.approx(log_score(y, risk))
    np.testing.assert_allclose(
        found.curve_predicted, undo_class_weight(found.curve_risk, class_weight={0: 1, 1: 6}), rtol=1e-12
    )


def test_bend_equals_the_likelihood_ratio_test_of_a_spline_for_many_rows() -> None:
    # Wald and likelihood ratio agree to first order; the spline is built here by its definition, from truncated cubes.
    import statsmodels.api as sm

    eta, y = draw(5, n=20_000)
    x = eta + 0.15 * (eta + 2.2) ** 2
    found = weighting_distortion(y, expit(x), weight_ratio=1.0)
    t = np.sort(x)[(np.array([0.05, 0.35, 0.65, 0.95]) * len(x)).astype(int)]
    columns = [np.ones(len(x)), x]
    for knot in t[:2]:
        part = np.maximum(x - knot, 0) ** 3 - np.maximum(x - t[2], 0) ** 3 * (t[3] - knot) / (t[3] - t[2])
        columns.append(part + np.maximum(x - t[3], 0) ** 3 * (t[2] - knot) / (t[3] - t[2]))
    full = sm.Logit(y, np.column_stack(columns)).fit(disp=0)
    line = sm.Logit(y, np.column_stack(columns[:2])).fit(disp=0)
    wald = float(full.params[2:] @ np.linalg.solve(full.cov_params()[2:, 2:], full.params[2:]))
    assert found.residual_df == 2
    from scipy.stats import chi2

    assert found.residual_p_value == pytest.approx(chi2.sf(wald, 2), rel=0.02)
    assert 2 * (full.llf - line.llf) == pytest.approx(wald, rel=0.1)
    assert found.residual == pytest.approx(np.abs(full.predict() - line.predict()).mean(), rel=0.01)


def test_chance_alone_makes_a_residual_of_its_null_mean_and_rejects_as_often_as_it_should() -> None:
    repetitions = 250
    found = []
    for seed in range(repetitions):
        eta, y = draw(1000 + seed, n=1500)
        found.append(weighting_distortion(y, expit(eta + 1), weight_ratio=np.e))
    residual = np.array([(one.residual, one.residual_null_mean) for one in found])
    gap = residual[:, 0] - residual[:, 1]
    assert abs(gap.mean()) < 3 * gap.std() / repetitions**0.5
    p = np.array([(one.shift_p_value, one.slope_p_value, one.residual_p_value) for one in found])
    assert (np.abs((p < 0.05).mean(axis=0) - 0.05) < 3 * (0.05 * 0.95 / repetitions) ** 0.5).all()


def test_dependent_rows_widen_everything() -> None:
    eta, y = draw(6, n=2000)
    risk = expit(eta + 1.5)
    single = weighting_distortion(y, risk, weight_ratio=4)
    people = np.tile(np.arange(2000), 4)
    four = weighting_distortion(np.tile(y, 4), np.tile(risk, 4), weight_ratio=4, groups=people)
    assert four.observed_shift.estimate == pytest.approx(single.observed_shift.estimate)
    width = single.observed_shift.high - single.observed_shift.low
    assert four.observed_shift.high - four.observed_shift.low == pytest.approx(width, rel=0.05)
    assert four.residual_p_value == pytest.approx(single.residual_p_value, abs=0.05)
    assert four.n_groups == 2000


def test_frequency_weights_equal_repetition_and_rows_of_weight_zero_are_absent() -> None:
    eta, y = draw(7, n=3000)
    risk = expit(eta + 1.5)
    weight = np.random.default_rng(0).integers(0, 4, len(y))
    weighted = weighting_distortion(y, risk, weight_ratio=4, sample_weight=weight)
    repeated = weighting_distortion(np.repeat(y, weight), np.repeat(risk, weight), weight_ratio=4)
    left, right = weighted.to_dict(), repeated.to_dict()
    for name in ("observed_shift", "slope", "residual", "residual_null_mean", "residual_p_value", "curve_observed"):
        assert left[name] == pytest.approx(right[name], rel=1e-9)
    assert weighted.n == repeated.n


def test_importance_weights_have_no_scale() -> None:
    eta, y = draw(8, n=3000)
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))
    one, other = (
        weighting_distortion(
            y, expit(eta + 1), weight_ratio=3, sample_weight=times * weight, weight_kind="importance"
        ).to_dict()
        for times in (1, 50)
    )
    for name in ("observed_shift", "slope", "residual", "residual_p_value"):
        assert one[name] == pytest.approx(other[name], rel=1e-6)


def test_foreign_models_and_two_columns_and_labels_are_taken() -> None:
    rng = np.random.default_rng(9)
    X = rng.normal(size=(4000, 3))
    y = np.where(rng.random(4000) < expit(-2 + X[:, 0]), "yes", "no")
    forest = RandomForestClassifier(30, min_samples_leaf=30, class_weight={"no": 1, "yes": 7}, random_state=0)
    model = forest.fit(X[::2], y[::2])
    proba = model.predict_proba(X[1::2])
    two = weighting_distortion(y[1::2], proba, weight_ratio=7, event="yes")
    one = weighting_distortion(y[1::2] == "yes", proba[:, 1], weight_ratio=7)
    assert two.to_dict() == one.to_dict()
    turned = weighting_distortion(y[1::2], proba, weight_ratio=1 / 7, event="no")
    assert turned.observed_shift.estimate == pytest.approx(-one.observed_shift.estimate)


def two_classes(seed: int, n: int = 12_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (rng.random(n) < expit(-2.5 + X[:, 0] - 0.5 * X[:, 1])).astype(int)


def test_boosted_trees_with_class_weights_shift_by_the_log_ratio_and_what_is_left_is_told() -> None:
    X, y = two_classes(21)
    trees = HistGradientBoostingClassifier(class_weight={0: 1, 1: 9}, max_iter=60, max_depth=2, random_state=0)
    found = weighting_distortion(y[1::2], trees.fit(X[::2], y[::2]).predict_proba(X[1::2]), weight_ratio=9)
    assert found.predicted_shift == pytest.approx(np.log(9))
    assert abs(found.unexplained_shift.estimate) < 0.25
    assert found.observed_shift.low < found.observed_shift.estimate < found.observed_shift.high
    assert abs(found.undone_mean_risk - found.observed_rate) < 0.02 < found.mean_risk - found.observed_rate


def test_network_with_pos_weight_shifts_by_its_log() -> None:
    torch = pytest.importorskip("torch")
    X, y = two_classes(22)
    rows, outcome = torch.tensor(X[::2]), torch.tensor(y[::2], dtype=torch.float64)[:, None]
    torch.manual_seed(0)
    network = torch.nn.Linear(3, 1, dtype=torch.float64)
    loss = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor([12.0], dtype=torch.float64))
    optimiser = torch.optim.LBFGS(network.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def step() -> Any:
        optimiser.zero_grad()
        value = loss(network(rows), outcome)
        value.backward()
        return value

    optimiser.step(step)
    with torch.no_grad():
        risk = torch.sigmoid(network(torch.tensor(X[1::2])))[:, 0].numpy()
    found = weighting_distortion(y[1::2], risk, weight_ratio=12)
    assert found.unexplained_shift.low < 0 < found.unexplained_shift.high
    # The loss of this network is the weighted likelihood, so it is the weighted logistic model.
    logistic = LogisticRiskModel(class_weight={0: 1, 1: 12}).fit(X[::2], y[::2])
    same = weighting_distortion(y[1::2], logistic.predict_risk(X[1::2]), weight_ratio=12)
    assert found.observed_shift.estimate == pytest.approx(same.observed_shift.estimate, abs=1e-4)
    assert found.slope.estimate == pytest.approx(same.slope.estimate, abs=1e-4)


def test_well_specified_fits_shift_by_the_log_ratio_on_average() -> None:
    # Observed less predicted shift of weighted logistic fits on fresh rows has mean 0.
    shifts = []
    for seed in range(60):
        rng = np.random.default_rng([10, seed])
        X = rng.normal(size=(4000, 2))
        y = (rng.random(4000) < expit(-2 + X[:, 0])).astype(int)
        model = LogisticRiskModel(class_weight={0: 1, 1: 8}).fit(X[::2], y[::2])
        found = weighting_distortion(y[1::2], model.predict_risk(X[1::2]), weight_ratio=8)
        shifts.append(found.unexplained_shift.estimate)
    assert abs(np.mean(shifts)) < 3 * np.std(shifts) / 60**0.5


@pytest.mark.parametrize(
    ("risk", "y", "words"),
    [
        (np.array([0.0, 0.2, 0.5, 0.7] * 30), np.array([1, 0, 0, 1] * 30), "proved wrong"),
        (np.array([0.3, 0.6] * 60), np.array([0, 0] * 60), "no events"),
        (np.full(80, 0.4), np.array([0, 1] * 40), "no slope"),
        (np.array([0.2, 0.4, 0.6, 0.8] * 3), np.array([0, 1, 0, 1] * 3), "too few events"),
    ],
    ids=["certain and wrong", "no events", "constant", "few"],
)
def test_what_does_not_exist_is_missing_and_said_to_be(risk: np.ndarray, y: np.ndarray, words: str) -> None:
    found = weighting_distortion(y, risk, weight_ratio=3)
    assert words in code(found, "RD207").sentence
    assert np.isnan(found.residual)
    assert code(found, "RD432").severity == "not applicable"
    assert found.curve_risk.size == 0
    json.dumps(found.to_dict(), allow_nan=False)


def test_certainties_that_came_true_change_nothing() -> None:
    eta, y = draw(11)
    risk = expit(eta + 1)
    whole = weighting_distortion(np.r_[y, 0, 0, 1], np.r_[risk, 0, 0, 1], weight_ratio=np.e)
    found = weighting_distortion(y, risk, weight_ratio=np.e)
    assert whole.slope.estimate == pytest.approx(found.slope.estimate)
    assert whole.residual == pytest.approx(found.residual)


def test_answer_prints_and_travels() -> None:
    eta, y = draw(12)
    found = weighting_distortion(y, expit(eta + 2), weight_ratio=8, confidence_level=0.9)
    text = str(found.summary())
    assert "90 % interval" in text
    assert "by chance" in text
    assert repr(found).startswith("<Distortion: shift 2.0")
    frame = found.frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["risk", "predicted", "observed", "low", "high", "line"]


@pytest.mark.parametrize("ratio", [0, -1, np.nan, "natural"])
def test_ratio_must_be_positive(ratio: Any) -> None:
    with pytest.raises(InputError, match="weight_ratio must be a number above 0"):
        weighting_distortion([0, 1], [0.2, 0.8], weight_ratio=ratio)
