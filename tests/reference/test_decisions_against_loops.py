"""Decisions and their evaluation against plain loops, textbook formulas and statsmodels."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, decide, evaluate_decisions
from riskdec.decisions.costs.dominance import advantage
from riskdec.decisions.judging.realised import Sample, standard_error
from riskdec.decisions.zones.envelope import lower_envelope

STORY = CostMatrix(
    [[0, 3, 40, 6], [8, 0, 15, 6], [200, 60, 0, 6]],
    outcomes=("healthy", "mild", "severe"),
    actions=("send home", "observe", "operate", "defer"),
)


def cheapest_by_loop(row: np.ndarray, costs: np.ndarray, allowed: tuple[int, ...]) -> tuple[int, float]:
    """Find the first cheapest of the allowed actions by adding up one product at a time."""
    best, best_cost = -1, np.inf
    for a in allowed:
        cost = sum(float(row[k]) * float(costs[k, a]) for k in range(len(row)))
        if cost < best_cost:
            best, best_cost = a, cost
    return best, best_cost


def test_decide_equals_loops_for_three_outcomes(rng: np.random.Generator) -> None:
    proba = rng.dirichlet([2, 1, 1], 400)
    decisions = decide(proba, STORY)
    for i, row in enumerate(proba):
        action, cost = cheapest_by_loop(row, STORY.costs, (0, 1, 2, 3))
        assert decisions.action_index[i] == action
        assert decisions.expected_cost[i] == pytest.approx(cost, rel=1e-12)
        assert decisions.forced_index[i] == cheapest_by_loop(row, STORY.costs, (0, 1, 2))[0]
        likely = max(range(3), key=lambda k: row[k])
        assert decisions.majority_index[i] == min((0, 1, 2), key=lambda a: STORY.costs[likely, a])


def test_decide_equals_loops_for_random_binary_matrices(rng: np.random.Generator) -> None:
    for _ in range(200):
        costs = rng.normal(size=(2, rng.integers(2, 8)))
        names = [f"a{a}" for a in range(costs.shape[1])]
        matrix = CostMatrix.from_dict({"costs": costs, "outcomes": ["no", "yes"], "actions": names, "defer": None})
        risk = rng.random(20)
        decisions = decide(risk, matrix)
        for p, action, cost in zip(risk, decisions.action_index, decisions.expected_cost, strict=True):
            best, best_cost = cheapest_by_loop(np.array([1 - p, p]), costs, tuple(range(costs.shape[1])))
            assert action == best
            assert cost == pytest.approx(best_cost, rel=1e-12, abs=1e-12)


def test_closed_forms_hold_on_random_reasonable_costs(rng: np.random.Generator) -> None:
    # Chow's rule with any six costs: t*, lo and hi, the condition for a zone, and lo < t* < hi inside it.
    n_zones = 0
    for _ in range(20_000):
        ctn, ctp = rng.exponential(1, 2)
        cfp, cfn = ctn + rng.exponential(3), ctp + rng.exponential(10)
        d0, d1 = rng.uniform(ctn, cfp), rng.uniform(ctp, cfn)
        cut = (cfp - ctn) / ((cfp - ctn) + (cfn - ctp))
        low = (d0 - ctn) / ((d0 - ctn) + (cfn - d1))
        high = (cfp - d0) / ((cfp - d0) + (d1 - ctp))
        envelope = lower_envelope(np.array([[ctn, cfp, d0], [cfn, ctp, d1]]))
        if (d0 - ctn) * (d1 - ctp) < (cfp - d0) * (cfn - d1):
            n_zones += 1
            assert envelope.actions.tolist() == [0, 2, 1]
            assert envelope.cuts.tolist() == [low, high]
            assert low < cut < high
        else:
            assert envelope.actions.tolist() == [0, 1]
            assert envelope.cuts.tolist() == [cut]
    assert 5_000 < n_zones < 15_000


def test_advantage_equals_enumeration_of_all_corners(rng: np.random.Generator) -> None:
    for _ in range(60):
        costs = rng.integers(0, 20, size=(3, 4)).astype(float)
        for action in range(4):
            assert advantage(costs, action) == pytest.approx(advantage_by_corners(costs, action), abs=1e-7)


def advantage_by_corners(costs: np.ndarray, action: int) -> float:
    """Maximise the smallest gain over the simplex of three outcomes by trying every corner of the problem.

    Unknowns are p and e. Corners are where p sums to one and three of the inequalities
    `gain_b . p >= e` and `p_k >= 0` are equalities.
    """
    gain = np.delete(costs, action, axis=1).T - costs[:, action]
    rows = np.vstack([np.column_stack([gain, -np.ones(3)]), np.eye(3, 4)])
    best = -np.inf
    for active in combinations(range(6), 3):
        system = np.vstack([rows[list(active)], [1, 1, 1, 0]])
        if abs(np.linalg.det(system)) < 1e-9:
            continue
        corner = np.linalg.solve(system, [0, 0, 0, 1])
        if (rows @ corner >= -1e-9).all():
            best = max(best, corner[3])
    return best


def test_evaluation_equals_loops(rng: np.random.Generator) -> None:
    proba = rng.dirichlet([2, 1, 1], 250)
    y = np.array([rng.choice(3, p=row) for row in proba])
    weight = rng.random(250)
    decisions = decide(proba, STORY)
    evaluation = evaluate_decisions(y, decisions, sample_weight=weight, weight_kind="importance")
    total, confusion = 0.0, np.zeros((3, 4))
    constant = np.zeros(4)
    known = 0.0
    for outcome, action, w in zip(y, decisions.action_index, weight, strict=True):
        total += w * STORY.costs[outcome, action]
        confusion[outcome, action] += w
        constant += w * STORY.costs[outcome]
        known += w * STORY.costs[outcome].min()
    assert evaluation.total_realised_cost == pytest.approx(total)
    assert evaluation.mean_realised_cost == pytest.approx(total / weight.sum())
    assert evaluation.confusion == pytest.approx(confusion)
    assert evaluation.deferral_rate == pytest.approx(confusion[:, 3].sum() / weight.sum())
    assert evaluation.normalised_cost == pytest.approx((total - known) / (constant.min() - known))
    assert [b.mean_realised_cost for b in evaluation.baselines[:4]] == pytest.approx(constant / weight.sum())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_standard_errors_equal_regression_on_a_constant(rng: np.random.Generator) -> None:
    # statsmodels: the robust error of the intercept of an empty regression is the error of the weighted mean.
    sm = pytest.importorskip("statsmodels.api")
    z, weight, groups = rng.normal(size=90), rng.random(90) + 0.2, rng.integers(0, 12, 90)
    fit = sm.WLS(z, np.ones(90), weights=weight)
    robust = fit.fit(cov_type="HC1").bse[0]
    clustered = fit.fit(cov_type="cluster", cov_kwds={"groups": groups}).bse[0]
    assert standard_error(z, Sample.of(weight, "importance", None, 90)) == pytest.approx(robust, rel=1e-10)
    assert standard_error(z, Sample.of(weight, "importance", groups, 12)) == pytest.approx(clustered, rel=1e-10)


def test_standard_error_is_the_spread_over_new_samples(rng: np.random.Generator) -> None:
    # 600 samples of 1,500 rows: the ratio of variances has a Monte Carlo error of about 0.07, coverage of 0.01.
    costs = CostMatrix.binary(false_positive=1, false_negative=8, defer=0.5)
    population = rng.beta(1, 3, size=200_000)
    truth = decide(population, costs).mean_expected_cost
    means, errors = np.empty(600), np.empty(600)
    for i in range(600):
        risk = rng.choice(population, 1500)
        evaluation = evaluate_decisions(rng.random(1500) < risk, decide(risk, costs))
        means[i], errors[i] = evaluation.mean_realised_cost, evaluation.standard_error
    assert means.var() / (errors**2).mean() == pytest.approx(1, abs=0.25)
    assert 0.90 < (abs(means - truth) < 1.96 * errors).mean() < 0.98


def test_closed_forms_equal_brute_force_on_200_000_random_costs() -> None:
    # Reasonable costs in hundredths, so that equalities happen: cfp > ctn, cfn > ctp, any prices of deferring.
    rng = np.random.default_rng(0)
    n = 200_000
    ctn, ctp = rng.integers(-50, 50, n) / 100, rng.integers(-50, 50, n) / 100
    cfp, cfn = ctn + rng.integers(1, 400, n) / 100, ctp + rng.integers(1, 2_000, n) / 100
    d0, d1 = ctn + rng.integers(1, 300, n) / 100, ctp + rng.integers(1, 900, n) / 100
    threshold = (cfp - ctn) / ((cfp - ctn) + (cfn - ctp))
    exists = (d0 - ctn) * (d1 - ctp) < (cfp - d0) * (cfn - d1) * (1 - 1e-12)
    exists &= (d0 < cfp) & (d1 < cfn)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(exists, (d0 - ctn) / ((d0 - ctn) + (cfn - d1)), threshold)
        high = np.where(exists, (cfp - d0) / ((cfp - d0) + (d1 - ctp)), threshold)
    tables = np.stack([np.stack([ctn, cfp, d0], axis=-1), np.stack([cfn, ctp, d1], axis=-1)], axis=1)
    envelopes = [lower_envelope(table) for table in tables[:5_000]]
    assert [2 in envelope.actions for envelope in envelopes] == exists[:5_000].tolist()
    assert exists.mean() > 0.1
    assert np.array([envelope.cuts[0] for envelope in envelopes]) == pytest.approx(low[:5_000], rel=1e-9)
    assert np.array([envelope.cuts[-1] for envelope in envelopes]) == pytest.approx(high[:5_000], rel=1e-9)
    assert (low[exists] < threshold[exists]).all()
    assert (threshold[exists] < high[exists]).all()
    # Brute force: the cheapest of the three at seven risks of each set, away from the cuts.
    for risk in rng.random((7, n)):
        cost = (1 - risk)[:, None] * tables[:, 0] + risk[:, None] * tables[:, 1]
        action = np.where(risk < low, 0, np.where(risk < high, 2, 1))
        chosen = np.take_along_axis(cost, action[:, None], axis=1)[:, 0]
        assert chosen == pytest.approx(cost.min(axis=1), abs=1e-9)
