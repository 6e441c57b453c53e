from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional

from riskdec.nn.losses import constraint_findings, log_table, make_loss

COUNTS = np.array([300.0, 100.0])
PREVALENCE = 0.25


@pytest.fixture
def rows(rng) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows whose share of events is that of training."""
    targets = rng.permutation(np.repeat([0, 1], [300, 100]))
    score = rng.normal(0, 1, 400) + 1.5 * targets - 0.5
    return torch.tensor(np.column_stack([np.zeros(400), score])), torch.tensor(targets)


def at_multiplier(name: str, options: dict[str, float], value: float) -> torch.nn.Module:
    loss = make_loss(name, class_counts=COUNTS, options=options).double()
    loss.multipliers.values.fill_(value)
    return loss


@pytest.mark.parametrize("multiplier", [0.3, 1.0, 25.0])
def test_precision_at_recall_is_weighted_cross_entropy_at_fixed_multiplier(rows, multiplier) -> None:
    logits, targets = rows
    loss = at_multiplier("precision_at_recall", {"recall": 0.9}, multiplier)
    weight = torch.tensor([1.0, multiplier], dtype=torch.float64)
    entropy = functional.cross_entropy(logits, targets, weight, reduction="sum") / 400 / math.log(2)
    allowance = multiplier * (1 - 0.9) * PREVALENCE
    torch.testing.assert_close(loss(logits, targets), (entropy - allowance) / (1 + multiplier * PREVALENCE))


@pytest.mark.parametrize("multiplier", [0.3, 1.0, 25.0])
def test_recall_at_precision_is_weighted_cross_entropy_at_fixed_multiplier(rows, multiplier) -> None:
    logits, targets = rows
    loss = at_multiplier("recall_at_precision", {"precision": 0.7}, multiplier)
    weights = [multiplier * 0.7, 1 + multiplier * 0.3]
    entropy = (
        functional.cross_entropy(logits, targets, torch.tensor(weights, dtype=torch.float64), reduction="sum")
        / 400
        / math.log(2)
    )
    scale = (1 - PREVALENCE) * weights[0] + PREVALENCE * weights[1]
    torch.testing.assert_close(loss(logits, targets), (entropy - multiplier * 0.3 * PREVALENCE) / scale)


@pytest.mark.parametrize(
    ("name", "options", "shift"),
    [
        ("precision_at_recall", {"recall": 0.9}, math.log),
        ("recall_at_precision", {"precision": 0.7}, lambda m: math.log((1 + 0.3 * m) / (0.7 * m))),
    ],
)
@pytest.mark.parametrize("multiplier", [0.2, 8.0])
def test_minimiser_at_fixed_multiplier_is_shifted_logit(name, options, shift, multiplier) -> None:
    loss = at_multiplier(name, options, multiplier)
    for risk in (0.003, 0.2, 0.5, 0.97):
        expected = math.log(risk / (1 - risk)) + shift(multiplier)
        score = torch.tensor(expected, dtype=torch.float64, requires_grad=True)
        logits = torch.stack([torch.zeros_like(score), score]).expand(2, 2)
        value = loss(logits, torch.tensor([0, 1]), torch.tensor([1 - risk, risk], dtype=torch.float64))
        (slope,) = torch.autograd.grad(value, score, create_graph=True)
        (curvature,) = torch.autograd.grad(slope, score)
        # The loss is convex in the score: Newton's step tells the distance to its minimum.
        assert float(curvature) > 0
        assert abs(float(slope.detach() / curvature)) < 1e-6
        assert float(loss.to_probabilities(logits.detach())[0, 1]) == pytest.approx(risk, abs=1e-9)


@pytest.mark.parametrize("name", ["precision_at_recall", "recall_at_precision", "roc_area"])
def test_violation_is_slope_of_lagrangian_in_multipliers(name, rows) -> None:
    loss = make_loss(name, class_counts=COUNTS).double()
    loss.multipliers.values.requires_grad_()
    # The slope of the Lagrangian itself: the mean loss times the scale by which it was divided.
    k = len(loss.targets)
    scale = {"roc_area": lambda m: 1 + m.mean()}.get(name, lambda m: loss._scale())(loss.multipliers.values)
    (slope,) = torch.autograd.grad(loss(*rows) * scale, loss.multipliers.values)
    start = loss.multipliers.values.detach().clone()
    loss.multipliers.update = "clipped"
    loss.multipliers.requires_grad_(requires_grad=False)
    loss.after_batch(*rows)
    moved = (loss.multipliers.values - start) / loss.multipliers.rate
    per_unit = PREVALENCE if name != "roc_area" else 1 / k
    torch.testing.assert_close(moved * per_unit, slope, rtol=1e-6, atol=1e-9)


def test_thresholds_of_roc_area_descend_its_slope(rows) -> None:
    loss = make_loss("roc_area", class_counts=COUNTS, options={"n_anchors": 3}).double()
    loss.multipliers.values.copy_(torch.tensor([4.0, 1.0, 0.2]))
    loss.thresholds.copy_(torch.tensor([1.0, 0.0, -1.0])).requires_grad_()
    (slope,) = torch.autograd.grad(loss(*rows), loss.thresholds)
    before = loss.thresholds.detach().clone()
    loss.thresholds.requires_grad_(requires_grad=False)
    multiplier = loss.multipliers.values.clone()
    loss.after_batch(*rows)
    taken = (before - loss.thresholds) / loss.threshold_rate
    torch.testing.assert_close(taken * (1 + multiplier) / (3 * (1 + multiplier.mean())), slope)


def test_multiplier_rises_while_violated_falls_while_slack_and_stops_at_its_cap() -> None:
    missed = torch.tensor([[9.0, 0.0], [9.0, 0.0]])
    caught = -missed
    options = {"recall": 0.9, "multiplier_rate": 1.0, "multiplier_cap": 50.0}
    loss = make_loss("precision_at_recall", class_counts=np.array([1.0, 1.0]), options=options)
    targets = torch.tensor([1, 1])
    loss.after_batch(missed, targets)
    assert float(loss.multipliers.values) == 50.0
    for _ in range(40):
        loss.after_batch(caught, targets)
    assert 0 < float(loss.multipliers.values) < 1


def test_clipped_multiplier_stops_at_zero_where_no_probability_is_left() -> None:
    options = {"multiplier_update": "clipped", "multiplier_rate": 10.0}
    loss = make_loss("precision_at_recall", class_counts=np.array([1.0, 1.0]), options=options)
    caught = torch.tensor([[-9.0, 9.0]])
    for _ in range(3):
        loss.after_batch(caught, torch.tensor([1]))
    assert float(loss.multipliers.values) == 0.0
    assert loss.to_probabilities(caught) is None


def test_batch_without_events_leaves_the_multiplier_of_recall(rows) -> None:
    logits, targets = rows
    loss = make_loss("precision_at_recall", class_counts=COUNTS)
    loss.after_batch(logits[targets == 0], targets[targets == 0])
    assert float(loss.multipliers.values) == 1.0


def test_log_counts_rates_and_bounds_of_the_epoch(rows) -> None:
    logits, targets = rows
    score, event = (logits[:, 1] - logits[:, 0]).numpy(), targets.numpy() == 1
    loss = make_loss("precision_at_recall", class_counts=COUNTS, options={"multiplier_rate": 0.0})
    for part in torch.arange(400).split(150):
        loss.after_batch(logits[part], targets[part])
    loss.after_epoch()
    loss.after_batch(logits[:10], targets[:10])
    loss.after_epoch()
    first, second = loss.log
    assert (first.epoch, second.epoch) == (1, 2)
    assert (first.n, second.n) == (400, 10)
    assert first.constraint[0] == pytest.approx((score[event] > 0).mean(), abs=1e-6)
    assert first.objective == pytest.approx(event[score > 0].mean(), abs=1e-6)
    bound = 1 - np.log2(1 + np.exp(-score[event])).mean()
    assert first.surrogate_constraint[0] == pytest.approx(bound, abs=1e-5)
    hits, alarms = bound * event.sum(), np.log2(1 + np.exp(score[~event])).sum()
    assert first.surrogate_objective == pytest.approx(max(hits, 0) / (max(hits, 0) + alarms), abs=1e-5)


def test_bounds_never_exceed_what_they_bound(rows) -> None:
    for name in ("precision_at_recall", "recall_at_precision", "roc_area"):
        loss = make_loss(name, class_counts=COUNTS)
        loss.after_batch(*rows)
        loss.after_epoch()
        row = loss.log[0]
        assert row.surrogate_objective <= row.objective
        pairs = zip(row.constraint, row.surrogate_constraint, strict=True)
        assert all(bound <= true if loss.is_floor else bound >= true for true, bound in pairs)


def test_rate_without_rows_is_none_in_log_and_its_constraint_an_issue() -> None:
    loss = make_loss("recall_at_precision", class_counts=COUNTS)
    loss.after_batch(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1]))
    loss.after_epoch()
    assert loss.log[0].constraint == (None,)
    assert [finding.code for finding in constraint_findings(loss)] == ["RD600"]
    assert "-" in str(log_table(loss))


def test_state_dict_keeps_multipliers_log_and_open_epoch(rows) -> None:
    first = make_loss("roc_area", class_counts=COUNTS)
    first.after_batch(*rows)
    first.after_epoch()
    first.after_batch(*rows)
    second = make_loss("roc_area", class_counts=COUNTS)
    second.load_state_dict(first.state_dict())
    assert second.log == first.log
    for loss in (first, second):
        loss.after_epoch()
    assert second.log == first.log
    torch.testing.assert_close(second.multipliers.values, first.multipliers.values, rtol=0, atol=0)


def test_findings_tell_cap_and_loose_bound(rows) -> None:
    logits, targets = rows
    options = {"recall": 0.9, "multiplier_rate": 5.0, "multiplier_cap": 2.0}
    loss = make_loss("precision_at_recall", class_counts=COUNTS, options=options)
    loss.after_batch(logits + torch.tensor([0.0, 1.0]), targets)
    loss.after_epoch()
    assert loss.log[0].constraint[0] > 0.9 > loss.log[0].surrogate_constraint[0]
    assert [finding.code for finding in constraint_findings(loss)] == ["RD601", "RD602"]
    assert constraint_findings(make_loss("roc_area", class_counts=COUNTS)) == ()


@pytest.mark.parametrize(("name", "options"), [("precision_at_recall", {"recall": 0.9}), ("roc_area", {})])
def test_linear_score_reaches_its_constraints(name, options, rng) -> None:
    targets = torch.tensor(rng.permutation(np.repeat([0, 1], [300, 100])))
    inputs = torch.tensor(rng.normal(0, 1, 400) + 4 * targets.numpy(), dtype=torch.float32)
    loss = make_loss(name, class_counts=COUNTS, options={**options, "multiplier_rate": 0.1})
    line = torch.zeros(2, requires_grad=True)
    optimiser = torch.optim.Adam([line], lr=0.05)
    for _ in range(600):
        optimiser.zero_grad()
        score = line[0] + line[1] * inputs
        logits = torch.stack([torch.zeros_like(score), score], dim=1)
        loss(logits, targets).backward()
        optimiser.step()
        loss.after_batch(logits, targets)
        loss.after_epoch()
    last = loss.log[-1]
    if loss.is_floor:
        assert last.surrogate_constraint[0] == pytest.approx(0.9, abs=0.02)
        assert last.constraint[0] >= 0.9
    else:
        assert all(
            bound <= ceiling + 0.02 for bound, ceiling in zip(last.surrogate_constraint, loss.targets, strict=True)
        )
        assert last.objective > 0.95


@pytest.mark.parametrize("name", ["precision_at_recall", "roc_area"])
def test_processes_make_the_step_of_all_their_rows(name, rows, monkeypatch) -> None:
    logits, targets = rows
    together = make_loss(name, class_counts=COUNTS)
    together.after_batch(torch.cat([logits, logits]), torch.cat([targets, targets]))
    # Two processes that hold the same rows: a sum over both is twice the sum of one.
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "all_reduce", lambda values: values.mul_(2))
    shared = make_loss(name, class_counts=COUNTS)
    shared.after_batch(logits, targets)
    for one, other in zip(shared.state_dict().values(), together.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other)
