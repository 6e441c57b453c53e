"""Decision curves: net benefit and its errors against plain averages over rows, bands, policies that defer."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec import CostMatrix, decide, decision_curve, evaluate_decisions
from riskdec.errors import InputError

N = 400
RNG = np.random.default_rng(11)
RISK = np.round(RNG.beta(1, 3, N), 2)
OTHER = np.round(np.clip(RISK + RNG.normal(0, 0.1, N), 0, 1), 2)
Y = (RNG.random(N) < RISK).astype(int)
T = np.array([0.05, 0.1, 0.2, 0.25, 0.5, 0.7])
CURVE = decision_curve(Y, {"a": RISK, "b": OTHER}, thresholds=T)


def gains(risk: np.ndarray, threshold: float, y: np.ndarray = Y) -> np.ndarray:
    """Give what each row is worth: the definition, one row at a time."""
    return (risk >= threshold) * (y - threshold / (1 - threshold) * (1 - y))


def test_net_benefit_is_a_mean_over_rows() -> None:
    for s, risk in enumerate((RISK, OTHER)):
        assert CURVE.net_benefit[s] == pytest.approx([gains(risk, t).mean() for t in T], abs=1e-14)
    assert CURVE.treat_all == pytest.approx([gains(np.ones(N), t).mean() for t in T], abs=1e-13)
    assert not CURVE.treat_none.any()


def test_standard_error_is_that_of_the_mean() -> None:
    full = np.array([gains(RISK, t).std(ddof=1) / np.sqrt(N) for t in T])
    inside = CURVE.in_band[0]
    assert CURVE.standard_error[0][inside] == pytest.approx(full[inside], rel=1e-9)
    assert np.isnan(CURVE.standard_error[0][~inside]).all()
    everyone = [gains(np.ones(N), t).std(ddof=1) / np.sqrt(N) for t in T]
    assert CURVE.treat_all_error == pytest.approx(everyone, rel=1e-9)


def test_differences_are_paired() -> None:
    scores = {"a": RISK, "b": OTHER, "treat all": np.ones(N)}
    assert CURVE.pairs == (("a", "b"), ("a", "treat all"), ("b", "treat all"))
    for d, (one, two) in enumerate(CURVE.pairs):
        rows = np.array([gains(scores[one], t) - gains(scores[two], t) for t in T])
        assert CURVE.difference[d] == pytest.approx(rows.mean(axis=1), abs=1e-13)
        assert CURVE.difference_error[d] == pytest.approx(rows.std(axis=1, ddof=1) / np.sqrt(N), rel=1e-8, abs=1e-12)


def test_similar_models_differ_with_a_smaller_error_than_independent_ones() -> None:
    independent = np.hypot(CURVE.standard_error[0], CURVE.standard_error[1])[2]
    assert CURVE.difference_error[0][2] < 0.7 * independent


def test_equal_models_differ_by_nothing_for_certain() -> None:
    twice = decision_curve(Y, {"a": RISK, "b": RISK}, thresholds=T)
    assert not twice.difference[0].any()
    assert not twice.difference_error[0].any()
    assert "0" in str(twice.compare("b", "a"))


def test_ties_with_the_threshold_are_acted_on() -> None:
    curve = decision_curve([0, 1, 1, 0], {"m": [0.25, 0.25, 0.3, 0.1]}, thresholds=[0.25])
    assert curve.acted_events[0, 0] == 2
    assert curve.acted_non_events[0, 0] == 1


def test_fixed_prevalence_is_that_of_rates() -> None:
    share = 0.03
    curve = decision_curve(Y, {"a": RISK}, thresholds=T, prevalence=share)
    events, others = RISK[Y == 1], RISK[Y == 0]
    for j, t in enumerate(T):
        w, tpr, fpr = t / (1 - t), (events >= t).mean(), (others >= t).mean()
        assert curve.net_benefit[0, j] == pytest.approx(share * tpr - w * (1 - share) * fpr, abs=1e-14)
        if curve.in_band[0, j]:
            variance = share**2 * tpr * (1 - tpr) / len(events) + (w * (1 - share)) ** 2 * fpr * (1 - fpr) / len(others)
            assert curve.standard_error[0, j] == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert curve.treat_all == pytest.approx(share - T / (1 - T) * (1 - share))
    assert not curve.treat_all_error.any()
    assert curve.prevalence == share
    # The prevalence given enters every column.
    assert curve.standardised == pytest.approx(curve.net_benefit / share)
    assert curve.interventions_avoided == pytest.approx((curve.net_benefit - curve.treat_all) * (1 - T) / T)
    assert curve.difference[0] == pytest.approx(curve.net_benefit[0] - curve.treat_all)


def test_the_observed_prevalence_given_changes_the_error_only() -> None:
    same = decision_curve(Y, {"a": RISK}, thresholds=T, prevalence=float(Y.mean()))
    assert same.net_benefit == pytest.approx(CURVE.net_benefit[:1], abs=1e-14)
    assert not np.allclose(same.standard_error, CURVE.standard_error[:1], equal_nan=True)


def test_standardised_is_divided_by_the_prevalence_with_its_own_influence() -> None:
    rho = Y.mean()
    assert CURVE.standardised == pytest.approx(CURVE.net_benefit / rho)
    z = gains(RISK, 0.2)
    influence = (z - z.mean()) / rho - z.mean() * (Y - rho) / rho**2
    assert CURVE.standardised_error[0][2] == pytest.approx(influence.std(ddof=1) / np.sqrt(N), rel=1e-9)


def test_interventions_avoided_are_those_of_the_definition() -> None:
    spared = (RISK < 0.2).astype(float)
    by_hand = (spared * (1 - Y)).mean() - (spared * Y).mean() * 0.8 / 0.2
    assert CURVE.interventions_avoided[0][2] == pytest.approx(by_hand)


def test_frequency_weights_equal_repetition_and_zero_is_absence() -> None:
    weight = RNG.integers(0, 4, N)
    weighted = decision_curve(Y, {"a": RISK, "b": OTHER}, thresholds=T, sample_weight=weight)
    rows = np.repeat(np.arange(N), weight)
    repeated = decision_curve(Y[rows], {"a": RISK[rows], "b": OTHER[rows]}, thresholds=T)
    for name in ("net_benefit", "standard_error", "low", "high", "difference", "difference_error", "treat_all_error"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-8, abs=1e-12, nan_ok=True)
    assert (weighted.n, weighted.n_events) == (repeated.n, repeated.n_events)


def test_importance_weights_have_the_error_of_a_ratio() -> None:
    weight = RNG.gamma(2, size=N)
    curve = decision_curve(Y, {"a": RISK}, thresholds=T, sample_weight=weight, weight_kind="importance")
    z = gains(RISK, 0.2)
    mean = weight @ z / weight.sum()
    residual = weight * (z - mean) / weight.sum()
    assert curve.net_benefit[0, 2] == pytest.approx(mean)
    assert curve.standard_error[0, 2] == pytest.approx(np.sqrt(N / (N - 1) * residual @ residual))
    assert np.isnan(curve.low[~curve.in_band]).all()


def test_clusters_add_up_before_they_are_squared() -> None:
    groups = np.arange(N) // 4
    curve = decision_curve(Y, {"a": RISK, "b": OTHER}, thresholds=T, groups=groups)
    for scores, error in ((gains(RISK, 0.2), curve.standard_error[0, 2]),):
        sums = np.bincount(groups, weights=(scores - scores.mean()) / N)
        assert error == pytest.approx(np.sqrt(100 / 99 * sums @ sums))
    z = gains(RISK, 0.2) - gains(OTHER, 0.2)
    sums = np.bincount(groups, weights=(z - z.mean()) / N)
    assert curve.difference_error[0, 2] == pytest.approx(np.sqrt(100 / 99 * sums @ sums))
    assert curve.n_groups == 100


@pytest.mark.parametrize("harm", [0.0, 0.02])
def test_clustered_errors_are_those_of_plain_sums_at_every_threshold(harm: float) -> None:
    """Weights, clusters of all sizes, standardised net benefit with harm: the influence of each row, added up."""
    rng = np.random.default_rng(5)
    groups, weight = rng.integers(0, 60, N), rng.uniform(0.5, 2, N)
    curve = decision_curve(
        Y, {"a": RISK}, thresholds=T, groups=groups, sample_weight=weight, weight_kind="importance", harm=harm
    )
    share, total = weight @ Y / weight.sum(), weight.sum()
    for j in np.flatnonzero(curve.in_band[0]):
        z = gains(RISK, T[j])
        value = weight @ z / total
        net = value - harm
        for error, influence in (
            (curve.standard_error[0, j], z - value),
            (curve.standardised_error[0, j], (z - value) / share - net * (Y - share) / share**2),
        ):
            sums = np.bincount(groups, weights=weight * influence / total)
            assert error == pytest.approx(np.sqrt(60 / 59 * sums @ sums))


def test_harm_is_subtracted_and_changes_no_error() -> None:
    harmed = decision_curve(Y, {"a": RISK, "b": OTHER}, thresholds=T, harm={"b": 0.01})
    assert harmed.net_benefit[0].tolist() == CURVE.net_benefit[0].tolist()
    for name in ("net_benefit", "low", "high"):
        assert getattr(harmed, name)[1] == pytest.approx(getattr(CURVE, name)[1] - 0.01, nan_ok=True)
    assert harmed.standard_error == pytest.approx(CURVE.standard_error, nan_ok=True)
    assert harmed.standardised[1] == pytest.approx(CURVE.standardised[1] - 0.01 / Y.mean())
    assert harmed.difference[0] == pytest.approx(CURVE.difference[0] + 0.01)
    assert harmed.interventions_avoided[1] == pytest.approx(CURVE.interventions_avoided[1] - 0.01 * (1 - T) / T)
    assert "b 0.01" in str(harmed.summary())
    assert decision_curve(Y, RISK, thresholds=T, harm=0.01).harm.tolist() == [0.01]


def test_harm_makes_the_prevalence_matter_to_the_standardised_error() -> None:
    harm = 0.05
    harmed = decision_curve(Y, RISK, thresholds=T, harm=harm)
    z, share = gains(RISK, 0.2), Y.mean()
    influence = (z - z.mean()) / share - (z.mean() - harm) * (Y - share) / share**2
    assert harmed.standardised_error[0, 2] == pytest.approx(influence.std(ddof=1) / np.sqrt(N))


@pytest.mark.parametrize("harm", [{"c": 0.1}, -0.1, {"a": float("nan")}, "much"])
def test_harm_that_makes_no_sense_is_refused(harm: object) -> None:
    with pytest.raises(InputError, match="harm"):
        decision_curve(Y, {"a": RISK}, thresholds=T, harm=harm)


def test_single_row_clusters_change_nothing() -> None:
    curve = decision_curve(Y, {"a": RISK, "b": OTHER}, thresholds=T, groups=np.arange(N))
    assert curve.standard_error == pytest.approx(CURVE.standard_error, rel=1e-9, nan_ok=True)
    assert curve.difference_error == pytest.approx(CURVE.difference_error, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("fee", [0.0, 0.02, 0.3])
def test_deferring_is_worth_what_decide_makes_of_it(fee: float) -> None:
    curve = decision_curve(Y, {"a": RISK}, thresholds=T, defer=fee)
    assert curve.names == ("a", "a, may defer")
    for j, t in enumerate(T):
        matrix = CostMatrix.from_dict(
            {
                "costs": [[0, t, fee * (1 - t)], [1 - t, 0, fee * (1 - t)]],
                "outcomes": ["no", "yes"],
                "actions": ["negative", "positive", "defer"],
                "defer": "defer",
            }
        )
        realised = evaluate_decisions(Y, decide(RISK, matrix)).mean_realised_cost
        assert curve.net_benefit[1, j] == pytest.approx(((1 - t) * Y.mean() - realised) / (1 - t), abs=1e-12)


def test_deferring_to_an_expert_counts_the_experts_errors() -> None:
    expert = {"fee": 0.01, "sensitivity": 0.9, "specificity": 0.95}
    curve = decision_curve(Y, {"a": RISK}, thresholds=T, defer=expert)
    t, w = 0.25, 1 / 3
    gain, loss = 0.9 - 0.01, 0.01 + 0.05 * w
    low, high = loss / (loss + gain), (w - loss) / (w - loss + 1 - gain)
    deferred, acted = (low <= RISK) & (high > RISK), high <= RISK
    z = np.where(acted, Y - w * (1 - Y), np.where(deferred, gain * Y - loss * (1 - Y), 0))
    assert curve.net_benefit[1, 3] == pytest.approx(z.mean(), abs=1e-12)
    assert np.diagonal(CURVE.standard_error)[0] > 0
    if curve.in_band[1, 3]:
        assert curve.standard_error[1, 3] == pytest.approx(z.std(ddof=1) / np.sqrt(N), rel=1e-9)
    difference = curve.difference_error[curve.pairs.index(("a", "a, may defer")), 3]
    assert difference == pytest.approx((gains(RISK, t) - z).std(ddof=1) / np.sqrt(N), rel=1e-8)


def test_a_policy_of_fixed_actions_is_a_curve_of_its_own() -> None:
    decisions = decide(RISK, {"false_positive": 1, "false_negative": 4, "defer": 0.6})
    curve = decision_curve(Y, {"policy": decisions, "a": RISK}, thresholds=T, defer=0.05)
    acted, deferred = decisions.action == "positive", decisions.action == "defer"
    for j, t in enumerate(T):
        w = t / (1 - t)
        z = acted * (Y - w * (1 - Y)) + deferred * (0.95 * Y - 0.05 * (1 - Y))
        assert curve.net_benefit[0, j] == pytest.approx(z.mean(), abs=1e-13)
        assert curve.standard_error[0, j] == pytest.approx(z.std(ddof=1) / np.sqrt(N), rel=1e-9)


def test_a_policy_acts_on_the_event_whatever_the_order_of_its_actions() -> None:
    table = np.array([[0.0, 1.0], [4.0, 0.0]])
    curves = []
    for order in ([0, 1], [1, 0]):
        names = np.array(["wait", "treat"])[order].tolist()
        matrix = CostMatrix(table[:, order], outcomes=("no", "yes"), actions=names)
        curves.append(decision_curve(Y, {"policy": decide(RISK, matrix)}, thresholds=T).net_benefit)
    assert curves[0] == pytest.approx(curves[1])
    assert curves[0][0, 2] == pytest.approx(gains(RISK, 0.2).mean())


def test_few_cases_behind_a_threshold_get_exact_limits_instead_of_an_error() -> None:
    from scipy.stats import binomtest

    curve = decision_curve(Y, {"a": RISK * 0.5}, thresholds=[0.1, 0.6])
    assert curve.in_band.tolist() == [[True, False]]
    assert curve.acted_events[0, 1] == 0
    assert curve.net_benefit[0, 1] == 0
    most = binomtest(0, N).proportion_ci(0.975, "exact").high
    assert curve.high[0, 1] == pytest.approx(most, rel=1e-9)
    assert curve.low[0, 1] == pytest.approx(-1.5 * most, rel=1e-9)


def test_band_covers_the_whole_curve() -> None:
    """A slice of the simulation: 300 samples of 1,000 rows at prevalence 0.05, thresholds 0.01 to 0.5."""
    grid = np.arange(1, 51) / 100
    rng = np.random.default_rng(5)
    logit = rng.normal(-3.3, 1, 1_000_000)
    risks = 1 / (1 + np.exp(-logit))
    flagged = np.sort(risks)
    tail = np.append(np.cumsum(flagged[::-1])[::-1], 0.0)
    place = np.searchsorted(flagged, grid)
    tp = tail[place] / flagged.size
    truth = tp - grid / (1 - grid) * ((flagged.size - place) / flagged.size - tp)
    missed = 0
    for _ in range(300):
        p = rng.choice(risks, 1000)
        curve = decision_curve(rng.random(1000) < p, {"m": p}, thresholds=grid)
        inside = curve.in_band[0]
        missed += bool(((truth < curve.low[0]) | (truth > curve.high[0]))[inside].any())
    assert missed / 300 <= 0.05 + 0.04 + 3 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"thresholds": [0.0, 0.5]}, "strictly between 0 and 1"),
        ({"thresholds": [0.5, 1.0]}, "strictly between 0 and 1"),
        ({"thresholds": [0.5, 0.2]}, "ascending"),
        ({"prevalence": 5}, "prevalence must lie strictly"),
        ({"defer": {"fee": 1}}, "keys fee, sensitivity, specificity"),
        ({"defer": -1}, "fee of deferring must be"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        decision_curve(Y, {"a": RISK}, **options)


def test_input_that_is_no_prediction_is_refused() -> None:
    with pytest.raises(InputError, match="lie in"):
        decision_curve(Y, {"a": RISK * 3})
    with pytest.raises(InputError, match="one entry per row"):
        decision_curve(Y, {"a": RISK[:5]})
    with pytest.raises(InputError, match="events and non-events"):
        decision_curve(np.zeros(N), {"a": RISK})
    with pytest.raises(InputError, match="not be called"):
        decision_curve(Y, {"treat all": RISK})
    with pytest.raises(InputError, match="at least one strategy"):
        decision_curve(Y, {})
    with pytest.raises(InputError, match="must be given where"):
        decision_curve(Y, decide(RISK, {"false_positive": 1, "false_negative": 4, "defer": 0.3}))
    with pytest.raises(InputError, match="be two of"):
        CURVE.compare("a", "c")


def test_answer_prints_and_turns_into_frames() -> None:
    text = str(CURVE.summary())
    assert "Treat none is 0." in text
    frame = CURVE.frame()
    assert len(frame) == 4 * len(T)
    assert set(frame.strategy) == {"a", "b", "treat all", "treat none"}
    assert CURVE.to_dict()["threshold"] == T.tolist()
    assert repr(decision_curve(Y, RISK)).startswith("<DecisionCurve: model;")
