"""Temperature scaling: laws, closed forms, and verdicts where there is no temperature."""

from __future__ import annotations

import pickle
import tracemalloc

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax
from sklearn.base import clone

from riskdec import PlattCalibrator, ScoreSums, TemperatureCalibrator
from riskdec.calibration.multiclass.rows import read_many
from riskdec.errors import InputError, NotFittedError, SeparationWarning

RNG = np.random.default_rng(6)
Z = RNG.normal(0, 1.2, (1200, 4))
Y = (Z + RNG.gumbel(size=Z.shape)).argmax(axis=1)
X = RNG.normal(0, 1.5, 1000)
EVENT = (RNG.random(1000) < expit(0.6 * X)).astype(int)
COUNTS = RNG.integers(0, 4, 1200)


def mean_loss(inverse: float, logits: np.ndarray, y: np.ndarray) -> float:
    return -float(log_softmax(inverse * logits, axis=1)[np.arange(len(y)), y].mean())


def test_it_minimises_the_log_loss() -> None:
    fitted = TemperatureCalibrator(input="logit").fit(2 * Z, Y)
    best = minimize_scalar(mean_loss, bounds=(0.1, 2), args=(2 * Z, Y), method="bounded", options={"xatol": 1e-10})
    assert fitted.inverse_temperature_ == pytest.approx(best.x, rel=1e-6)
    assert fitted.temperature_ == 1 / fitted.inverse_temperature_
    assert fitted.converged_
    assert fitted.findings_ == ()
    np.testing.assert_allclose(
        fitted.predict_proba(Z), softmax(Z * fitted.inverse_temperature_, axis=1), rtol=1e-12, atol=1e-300
    )


def test_the_derivative_of_the_loss_is_zero_to_rounding() -> None:
    t = TemperatureCalibrator(input="logit").fit(2 * Z, Y).inverse_temperature_
    p = softmax(2 * t * Z, axis=1)
    slope = ((p * Z).sum(axis=1) - Z[np.arange(len(Y)), Y]).mean()
    assert abs(slope) < 1e-12


@pytest.mark.parametrize("factor", [1e-9, 0.3, 7.0, 1e9])
def test_the_temperature_goes_with_the_scale_of_the_logits(factor: float) -> None:
    plain = TemperatureCalibrator(input="logit").fit(Z, Y)
    scaled = TemperatureCalibrator(input="logit").fit(factor * Z, Y)
    assert scaled.temperature_ == pytest.approx(factor * plain.temperature_, rel=1e-9)


def test_probabilities_and_logits_and_shifts_of_rows_are_the_same() -> None:
    by_logit = TemperatureCalibrator(input="logit").fit(Z, Y)
    by_proba = TemperatureCalibrator().fit(softmax(Z, axis=1), Y)
    shifted = TemperatureCalibrator(input="logit").fit(Z + RNG.normal(0, 10, (len(Z), 1)), Y)
    assert by_proba.temperature_ == pytest.approx(by_logit.temperature_, rel=1e-9)
    assert shifted.temperature_ == pytest.approx(by_logit.temperature_, rel=1e-9)


def test_two_outcomes_may_come_as_one_column_or_as_two() -> None:
    one = TemperatureCalibrator(input="logit").fit(X, EVENT)
    two = TemperatureCalibrator(input="logit").fit(np.column_stack([np.zeros(1000), X]), EVENT)
    risk = TemperatureCalibrator().fit(expit(X), EVENT)
    both = TemperatureCalibrator().fit(np.column_stack([expit(-X), expit(X)]), EVENT)
    loss = minimize_scalar(
        lambda t: np.logaddexp(0, np.where(EVENT == 1, -t * X, t * X)).mean(), bounds=(0.1, 2), method="bounded"
    )
    assert one.inverse_temperature_ == pytest.approx(loss.x, abs=1e-5)
    for other in (two, risk, both):
        assert other.temperature_ == pytest.approx(one.temperature_, rel=1e-9)
    np.testing.assert_allclose(risk.predict_risk(expit(X)), expit(X / one.temperature_), rtol=1e-9)
    np.testing.assert_allclose(both.predict_proba(np.array([[0.5, 0.5]])), 0.5)


def test_three_columns_of_which_one_is_impossible_are_two_outcomes() -> None:
    three = np.column_stack([np.zeros(1000), X, np.full(1000, -1e5)])
    many = TemperatureCalibrator(input="logit", outcomes=[0, 1, 2]).fit(three, EVENT)
    assert many.temperature_ == pytest.approx(TemperatureCalibrator(input="logit").fit(X, EVENT).temperature_, rel=1e-9)


def test_whole_weights_are_repetitions_and_no_weight_is_absence() -> None:
    weighted = TemperatureCalibrator(input="logit").fit(Z, Y, COUNTS)
    repeated = TemperatureCalibrator(input="logit").fit(np.repeat(Z, COUNTS, axis=0), np.repeat(Y, COUNTS))
    absent = TemperatureCalibrator(input="logit").fit(Z[COUNTS > 0], Y[COUNTS > 0], COUNTS[COUNTS > 0])
    assert weighted.temperature_ == pytest.approx(repeated.temperature_, rel=1e-12)
    assert weighted.cov_params() == pytest.approx(repeated.cov_params(), rel=1e-10)
    assert weighted.n_ == repeated.n_ == COUNTS.sum()
    assert absent.temperature_ == weighted.temperature_


def test_sums_teach_what_rows_teach() -> None:
    coarse = X.round(1)
    here = ScoreSums.from_rows(coarse[:400], EVENT[:400], input="logit")
    there = ScoreSums.from_rows(coarse[400:], EVENT[400:], input="logit")
    rows = TemperatureCalibrator(input="logit").fit(coarse, EVENT)
    assert TemperatureCalibrator(input="logit").fit_sums(here + there).temperature_ == pytest.approx(
        rows.temperature_, rel=1e-12
    )


def test_the_variance_is_the_inverse_information_and_the_sandwich_under_importance_weights() -> None:
    fitted = TemperatureCalibrator(input="logit").fit(Z, Y)
    t, h = fitted.inverse_temperature_, 1e-4
    curvature = (mean_loss(t + h, Z, Y) - 2 * mean_loss(t, Z, Y) + mean_loss(t - h, Z, Y)) / h**2
    assert fitted.cov_params()[0, 0] == pytest.approx(1 / (len(Y) * curvature), rel=1e-5)
    weight = RNG.random(len(Y))
    robust = TemperatureCalibrator(input="logit", weight_kind="importance").fit(Z, Y, weight)
    p = softmax(robust.inverse_temperature_ * Z, axis=1)
    mean = (p * Z).sum(axis=1)
    residual, variance = mean - Z[np.arange(len(Y)), Y], (p * Z**2).sum(axis=1) - mean**2
    expected = ((weight * residual) ** 2).sum() / (weight @ variance) ** 2
    assert robust.cov_params()[0, 0] == pytest.approx(expected, rel=1e-9)
    scaled = TemperatureCalibrator(input="logit", weight_kind="importance").fit(Z, Y, 1000 * weight)
    assert scaled.cov_params() == pytest.approx(robust.cov_params(), rel=1e-9)


def test_limits_of_two_outcomes_are_those_of_the_line_without_intercept() -> None:
    fitted = TemperatureCalibrator(input="logit").fit(X, EVENT)
    error = np.sqrt(fitted.cov_params()[0, 0])
    low, high = fitted.predict_interval([2.0, -2.0], confidence_level=0.9).T
    t = fitted.inverse_temperature_
    assert [low[0], high[0]] == pytest.approx(expit([2 * (t - 1.6448536 * error), 2 * (t + 1.6448536 * error)]))
    assert [low[1], high[1]] == pytest.approx([1 - high[0], 1 - low[0]])


def test_limits_of_certainties_are_0_and_1() -> None:
    fitted = TemperatureCalibrator().fit([0.1, 0.2, 0.3, 0.4, 0.9], [0, 1, 0, 0, 1])
    assert fitted.predict_interval([0.0, 1.0]).tolist() == [[0.0, 1.0], [0.0, 1.0]]
    assert fitted.predict_interval([0.5]).tolist() == [[0.5, 0.5]]


def test_limits_of_many_outcomes_follow_the_derivative_of_the_log_odds() -> None:
    fitted = TemperatureCalibrator(input="logit").fit(Z, Y)
    t, h, error = fitted.inverse_temperature_, 1e-6, np.sqrt(fitted.cov_params()[0, 0])

    def log_odds(inverse: float) -> np.ndarray:
        p = softmax(inverse * Z[:20], axis=1)[:, 2]
        return np.log(p / (1 - p))

    slope = (log_odds(t + h) - log_odds(t - h)) / (2 * h)
    limits = fitted.predict_interval(Z[:20], event=2)
    half = 1.959964 * error * np.abs(slope)
    np.testing.assert_allclose(limits[:, 0], expit(log_odds(t) - half), rtol=1e-6)
    np.testing.assert_allclose(limits[:, 1], expit(log_odds(t) + half), rtol=1e-6)


def test_limits_of_two_of_many_columns_agree_with_one_column() -> None:
    three = np.column_stack([np.zeros(1000), X, np.full(1000, -1e5)])
    many = TemperatureCalibrator(input="logit", outcomes=[0, 1, 2], event=1).fit(three, EVENT)
    one = TemperatureCalibrator(input="logit").fit(X, EVENT)
    np.testing.assert_allclose(many.predict_interval(three), one.predict_interval(X), rtol=1e-6)


@pytest.mark.parametrize("scores", [-X, np.column_stack([X, np.zeros(1000)])])
def test_scores_that_fall_with_the_event_carry_no_signal(scores: np.ndarray) -> None:
    fitted = TemperatureCalibrator(input="logit").fit(scores, EVENT)
    assert (fitted.inverse_temperature_, fitted.temperature_) == (0.0, np.inf)
    assert [finding.code for finding in fitted.findings_] == ["RD502"]
    assert (fitted.predict_proba(scores) == 0.5).all()
    assert np.isnan(fitted.cov_params()).all()
    assert fitted.converged_
    assert "on its limit" in str(fitted.summary())


def test_many_scores_without_signal_give_the_same_probability_to_all() -> None:
    fitted = TemperatureCalibrator(input="logit").fit(-Z, Y)
    assert fitted.findings_[0].code == "RD502"
    np.testing.assert_allclose(fitted.predict_proba(-Z), 0.25, rtol=1e-15)
    constant = TemperatureCalibrator(input="logit").fit(np.ones((1200, 4)), Y)
    assert constant.findings_[0].code == "RD502"
    assert (constant.predict_interval(np.ones((1, 4)), event=0) == 0.25).all()


def test_the_verdict_turns_where_the_slope_at_zero_changes_its_sign() -> None:
    # One row against one: the slope of the loss at 1 / T = 0 is (b - a) / 4.
    y = [1, 0]
    assert TemperatureCalibrator(input="logit").fit([1.0, 1.001], y).findings_[0].code == "RD502"
    weak = TemperatureCalibrator(input="logit").fit([1.001, 1.0], y)
    assert weak.findings_ == ()
    # Near zero the loss is log 2 - t (a - b) / 4 + t^2 (a^2 + b^2) / 16.
    assert weak.inverse_temperature_ == pytest.approx(2 * 0.001 / (1.001**2 + 1), rel=1e-3)


def test_rows_that_are_all_right_have_no_maximum_and_get_firths_estimate() -> None:
    with pytest.warns(SeparationWarning, match="RD503"):
        fitted = TemperatureCalibrator(input="logit").fit(Z[:50], Z[:50].argmax(axis=1))
    assert not fitted.converged_
    assert fitted.findings_[0].code == "RD503"
    t, h = fitted.inverse_temperature_, 1e-5

    def penalised(inverse: float) -> float:
        p = softmax(inverse * Z[:50], axis=1)
        variance = (p * Z[:50] ** 2).sum(axis=1) - (p * Z[:50]).sum(axis=1) ** 2
        return -50 * mean_loss(inverse, Z[:50], Z[:50].argmax(axis=1)) + 0.5 * np.log(variance.sum())

    assert penalised(t) > max(penalised(t * (1 - h)), penalised(t * (1 + h)), penalised(t / 2), penalised(2 * t))


def test_firths_estimate_of_one_separated_row_has_a_closed_form() -> None:
    # Two rows of log-odds 1 and -1, both right: p^2 sqrt(p (1 - p)) is greatest at p = 5 / 6.
    with pytest.warns(SeparationWarning):
        fitted = TemperatureCalibrator(input="logit").fit([1.0, -1.0], [1, 0])
    assert fitted.predict_risk([1.0]) == pytest.approx([5 / 6], rel=1e-9)


def test_one_wrong_row_is_enough_for_a_maximum() -> None:
    y = Z[:50].argmax(axis=1)
    y[7] = Z[7].argmin()
    fitted = TemperatureCalibrator(input="logit").fit(Z[:50], y)
    assert fitted.converged_
    assert fitted.findings_ == ()


def test_the_event_of_many_outcomes_is_asked_for() -> None:
    fitted = TemperatureCalibrator(input="logit").fit(Z, np.array(list("dcba"))[Y][:, None])
    with pytest.raises(InputError, match="event"):
        fitted.predict_risk(Z)
    named = TemperatureCalibrator(input="logit", event="b").fit(Z[:, ::-1], np.array(list("dcba"))[Y])
    assert named.classes_.tolist() == list("abcd")
    np.testing.assert_array_equal(named.predict_risk(Z), named.predict_proba(Z)[:, 1])
    np.testing.assert_array_equal(named.predict_risk(Z, event="d"), named.predict_proba(Z)[:, 3])


def test_outcomes_that_never_happened_are_named() -> None:
    few = np.minimum(Y, 2)
    with pytest.raises(InputError, match="one label per column of scores"):
        TemperatureCalibrator(input="logit").fit(Z, few)
    fitted = TemperatureCalibrator(input="logit", outcomes=[0, 1, 2, 3]).fit(Z, few)
    assert fitted.predict_proba(Z).shape == (1200, 4)
    with pytest.raises(InputError, match="left out with two outcomes"):
        TemperatureCalibrator(input="logit", outcomes=[0, 1]).fit(X, EVENT)
    with pytest.raises(InputError, match="labels among outcomes"):
        TemperatureCalibrator(input="logit", outcomes=[0, 1, 2, 5]).fit(Z, Y)


def test_named_outcomes_may_stand_in_any_order() -> None:
    order = [2, 0, 3, 1]
    named = TemperatureCalibrator(input="logit", outcomes=order).fit(Z[:, order], Y)
    plain = TemperatureCalibrator(input="logit").fit(Z, Y)
    assert named.temperature_ == pytest.approx(plain.temperature_, rel=1e-12)
    np.testing.assert_allclose(named.predict_risk(Z[:, order], event=3), plain.predict_risk(Z, event=3), rtol=1e-12)


def test_probabilities_of_zero_are_told_of_and_kept_finite() -> None:
    p = softmax(Z, axis=1)
    p[0] = [0.0, 0.5, 0.25, 0.25]
    y = Y.copy()
    y[0] = 0
    fitted = TemperatureCalibrator().fit(p, y)
    assert [finding.code for finding in fitted.findings_] == ["RD508"]
    assert np.isfinite(fitted.predict_proba(p)).all()
    # Without a zero in the fit small probabilities are taken as they are, and a zero stays next to zero.
    plain = TemperatureCalibrator().fit(softmax(Z, axis=1), Y)
    small = plain.predict_proba([[1e-20, 0.5, 0.25, 0.25 - 1e-20], [0.0, 0.5, 0.25, 0.25]])
    share = 1e-20 ** (1 / plain.temperature_) / (np.array([0.5, 0.25, 0.25]) ** (1 / plain.temperature_)).sum()
    assert small[0, 0] == pytest.approx(share, rel=1e-9)
    assert small[1, 0] < 1e-100


def test_single_precision_is_read_as_it_is_and_agrees_to_seven_digits() -> None:
    double = TemperatureCalibrator(input="logit").fit(Z, Y)
    single = TemperatureCalibrator(input="logit").fit(Z.astype(np.float32), Y)
    assert single.temperature_ == pytest.approx(double.temperature_, rel=1e-6)
    assert single.predict_proba(Z.astype(np.float32)).dtype == np.float64


@pytest.mark.parametrize("shape", [(60_000, 10), (5_000, 150)])
def test_many_rows_take_no_room_and_have_the_same_bits_on_any_number_of_threads(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=shape)
    y = (logits + rng.gumbel(size=shape)).argmax(axis=1)
    found = []
    for threads in ("1", "2", "7"):
        monkeypatch.setattr("riskdec._base.threads.n_workers", lambda n=int(threads): n)
        found.append(TemperatureCalibrator(input="logit").fit(logits, y).temperature_)
    assert len(set(found)) == 1
    best = minimize_scalar(mean_loss, bounds=(0.5, 2), args=(logits, y), method="bounded", options={"xatol": 1e-10})
    assert 1 / found[0] == pytest.approx(best.x, rel=1e-6)
    tracemalloc.start()
    TemperatureCalibrator(input="logit").fit(logits, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 48 * 2**20


def test_the_order_of_rows_and_the_names_of_labels_change_nothing() -> None:
    order = RNG.permutation(len(Y))
    plain = TemperatureCalibrator(input="logit").fit(Z, Y)
    shuffled = TemperatureCalibrator(input="logit").fit(Z[order], Y[order])
    named = TemperatureCalibrator(input="logit").fit(Z, np.array(["a", "b", "c", "d"])[Y])
    assert shuffled.temperature_ == pytest.approx(plain.temperature_, rel=1e-12)
    assert named.temperature_ == plain.temperature_


def test_it_is_platt_scaling_without_an_intercept() -> None:
    # Every row and its mirror image: then the best intercept is 0.
    both, y = np.concatenate([X, -X]), np.concatenate([EVENT, 1 - EVENT])
    platt = PlattCalibrator(input="logit").fit(both, y)
    fitted = TemperatureCalibrator(input="logit").fit(both, y)
    assert platt.slope_ == pytest.approx(fitted.inverse_temperature_, rel=1e-9)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.where(np.arange(4) == 2, np.nan, Z), "finite"),
        (np.full((1200, 4), np.inf), "finite"),
        (Z[:, :3], "one label per column"),
        (Z[:10], "one entry per row"),
    ],
)
def test_what_are_no_scores_is_refused(scores: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        TemperatureCalibrator(input="logit").fit(scores, Y)


def test_logits_whose_sum_overflows_are_finite_all_the_same() -> None:
    logits = np.full((4, 3), 1e38, dtype=np.float32)
    assert read_many(logits, input="logit") is logits
    logits[1, 2] = np.inf
    with pytest.raises(InputError, match=r"got inf at position \(1, 2\)"):
        read_many(logits, input="logit")


def test_scores_of_another_number_of_outcomes_are_refused_and_so_is_use_before_fit() -> None:
    with pytest.raises(NotFittedError):
        TemperatureCalibrator().predict_proba(Z)
    fitted = TemperatureCalibrator(input="logit").fit(Z, Y)
    with pytest.raises(InputError, match=r"one column per outcome \(4\)"):
        fitted.predict_proba(Z[:, :3])


def test_it_is_cloned_and_pickled() -> None:
    fitted = TemperatureCalibrator(input="logit", event=2).fit(Z, Y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_risk(Z), fitted.predict_risk(Z))
    assert "temperature_" not in vars(clone(fitted))


@pytest.mark.parametrize("weight_kind", ["frequency", "importance"])
def test_the_interval_of_the_temperature_holds_the_truth_as_often_as_it_says(weight_kind: str) -> None:
    rng = np.random.default_rng(13)
    held = 0
    for _ in range(500):
        z = rng.normal(0, 1.5, (400, 3))
        y = (0.5 * z + rng.gumbel(size=z.shape)).argmax(axis=1)
        weight = rng.exponential(size=400) if weight_kind == "importance" else None
        fitted = TemperatureCalibrator(input="logit", weight_kind=weight_kind).fit(z, y, weight)
        error = np.sqrt(fitted.cov_params()[0, 0])
        held += abs(fitted.inverse_temperature_ - 0.5) <= 1.959964 * error
    # Three standard errors of a share of 0.95 in 500 draws are 0.029.
    assert 0.92 <= held / 500 <= 0.98
