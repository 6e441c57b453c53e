from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional

from riskdec.errors import InputError
from riskdec.nn.losses import make_loss

NAMES = [
    *("cross_entropy", "class_balanced", "focal", "sigmoid_focal", "logit_adjusted", "vector_scaling"),
    *("polynomial_tail", "ldam", "precision_at_recall", "recall_at_precision", "roc_area"),
]
COUNTS = np.array([30.0, 10.0])


@pytest.fixture
def batch(rng) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(rng.normal(0, 2, (40, 2))), torch.tensor(rng.permutation(np.repeat([0, 1], [30, 10])))


@pytest.mark.parametrize("name", NAMES)
def test_gradient_is_that_of_finite_differences(name, batch) -> None:
    logits, targets = batch
    loss = make_loss(name, class_counts=COUNTS).double()
    assert torch.autograd.gradcheck(lambda f: loss(f, targets[:8]), (logits[:8].clone().requires_grad_(),)) is True


@pytest.mark.parametrize("name", NAMES)
def test_integer_row_weights_equal_repetition(name, batch, rng) -> None:
    logits, targets = batch
    times = torch.tensor(rng.integers(0, 4, 40))
    loss = make_loss(name, class_counts=COUNTS)
    repeated = loss(logits.repeat_interleave(times, dim=0), targets.repeat_interleave(times))
    torch.testing.assert_close(loss(logits, targets, times.double()), repeated)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_is_finite_at_extreme_float32_logits(name) -> None:
    logits = torch.tensor([[300.0, -300.0], [-300.0, 300.0], [0.0, 0.0], [60.0, 0.0]], requires_grad=True)
    options = {"gamma": 0.5} if name == "focal" else None
    loss = make_loss(name, class_counts=COUNTS, options=options)(logits, torch.tensor([0, 0, 1, 1]))
    loss.backward()
    assert bool(torch.isfinite(loss))
    assert bool(torch.isfinite(logits.grad).all())


@pytest.mark.parametrize("name", NAMES)
def test_batch_without_rows_has_loss_zero_and_changes_nothing(name) -> None:
    loss = make_loss(name, class_counts=COUNTS)
    logits, targets = torch.zeros(0, 2, requires_grad=True), torch.zeros(0, dtype=torch.int64)
    for weight in (None, torch.zeros(0)):
        assert float(loss(logits, targets, weight).detach()) == 0.0


def test_cross_entropy_equals_torch(batch) -> None:
    logits, targets = batch
    torch.testing.assert_close(
        make_loss("cross_entropy", class_counts=COUNTS)(logits, targets), functional.cross_entropy(logits, targets)
    )


def test_class_weights_are_scaled_to_mean_one_and_not_divided_by_those_of_the_batch(batch) -> None:
    logits, targets = batch
    loss = make_loss("cross_entropy", class_counts=COUNTS, class_weight=np.array([2.0, 6.0]))
    torch.testing.assert_close(loss.class_weight, torch.tensor([2.0, 6.0]) / 3)
    events = logits[targets == 1]
    alone = loss(events, torch.ones(10, dtype=torch.int64))
    torch.testing.assert_close(alone, 2 * functional.cross_entropy(events, torch.ones(10, dtype=torch.int64)))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("focal", {"gamma": 0.0}),
        ("logit_adjusted", {"tau": 0.0}),
        ("vector_scaling", {"gamma": 0.0, "tau": 0.0}),
        ("ldam", {"largest_margin": 0.0}),
    ],
)
def test_loss_at_strength_zero_is_cross_entropy(name, options, rng) -> None:
    logits, targets = torch.tensor(rng.normal(0, 3, (20, 4))), torch.tensor(rng.integers(0, 4, 20))
    loss = make_loss(name, class_counts=np.array([9.0, 5.0, 4.0, 2.0]), options=options)
    torch.testing.assert_close(loss(logits, targets), functional.cross_entropy(logits, targets))


def test_sigmoid_focal_at_gamma_zero_is_half_of_cross_entropy(batch) -> None:
    loss = make_loss("sigmoid_focal", class_counts=COUNTS, options={"gamma": 0.0, "alpha": 0.5})
    torch.testing.assert_close(loss(*batch), functional.cross_entropy(*batch) / 2)


def test_class_balanced_weights_follow_effective_numbers() -> None:
    # (1 - beta) / (1 - beta^n) summed as the geometric series that it is: 1 / (1 + beta + ... + beta^(n - 1)).
    counts, beta = np.array([50, 7]), 0.9
    raw = np.array([1 / sum(beta**i for i in range(n)) for n in counts])
    loss = make_loss("class_balanced", class_counts=counts, options={"beta": beta})
    np.testing.assert_allclose(loss.class_weight, raw * counts.sum() / (raw @ counts), rtol=1e-6)


def test_polynomial_tail_is_smooth_where_it_begins_and_falls_as_a_power() -> None:
    loss = make_loss("polynomial_tail", class_counts=COUNTS, options={"alpha": 2.0, "beta": 1.5})
    margin = torch.tensor([1.5 - 1e-6, 1.5 + 1e-6, 9.5], dtype=torch.float64, requires_grad=True)
    logits = torch.stack([torch.zeros_like(margin), margin], dim=1)
    values = loss.per_row(logits, torch.ones(3, dtype=torch.int64))
    values.sum().backward()
    np.testing.assert_allclose(values.detach(), [1, 1, 9.0**-2], rtol=1e-5)
    np.testing.assert_allclose(margin.grad, [-2, -2, -2 * 9.0**-3], rtol=1e-5)


def test_ldam_takes_the_margin_from_the_own_logit() -> None:
    loss = make_loss("ldam", class_counts=np.array([16.0, 1.0]), options={"largest_margin": 0.8})
    logits = torch.tensor([[1.0, 3.0], [1.0, 3.0]])
    # Margins n^(-1/4): 1/2 and 1, scaled to 0.4 and 0.8.
    expected = [math.log1p(math.exp(3 - (1 - 0.4))), math.log1p(math.exp(1 - (3 - 0.8)))]
    np.testing.assert_allclose(loss.per_row(logits, torch.tensor([0, 1])), expected, rtol=1e-6)


def test_module_of_the_user_is_taken_as_it_is(batch) -> None:
    module = torch.nn.CrossEntropyLoss(label_smoothing=0.2)
    torch.testing.assert_close(make_loss(module, class_counts=COUNTS)(*batch), module(*batch))


def test_module_of_the_user_has_to_give_rows_for_row_weights(batch) -> None:
    weight = torch.arange(40.0).double()
    loss = make_loss(torch.nn.CrossEntropyLoss(reduction="none"), class_counts=COUNTS)
    expected = (functional.cross_entropy(*batch, reduction="none") * weight).sum() / weight.sum()
    torch.testing.assert_close(loss(*batch, weight), expected)
    with pytest.raises(InputError, match="one number per row"):
        make_loss(torch.nn.CrossEntropyLoss(), class_counts=COUNTS)(*batch, weight)


def test_loss_made_before_is_given_back() -> None:
    loss = make_loss("focal", class_counts=COUNTS)
    assert make_loss(loss, class_counts=COUNTS) is loss


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "hinge"}, "loss must be one of 'cross_entropy'"),
        ({"loss": "focal", "options": {"tau": 1.0}}, "an option of the loss 'focal' must be one of 'gamma'"),
        ({"loss": "focal", "options": {"gamma": -1.0}}, "gamma must be a number of at least 0"),
        ({"loss": "sigmoid_focal", "options": {"alpha": 1.5}}, "alpha must lie strictly between 0 and 1"),
        ({"loss": "polynomial_tail", "options": {"alpha": 0.0}}, "alpha must be a number above 0"),
        ({"loss": "precision_at_recall", "options": {"recall": 90}}, "recall must lie strictly between 0 and 1"),
        ({"loss": "precision_at_recall", "options": {"multiplier_update": "adam"}}, "multiplier_update must be one of"),
        ({"loss": "roc_area", "options": {"low": 0.5, "high": 0.5}}, "low and high must satisfy"),
        ({"loss": "roc_area", "class_weight": np.ones(2)}, "class_weight must be None with the loss 'roc_area'"),
        ({"loss": "class_balanced", "class_weight": np.ones(2)}, "class_weight must be None"),
        ({"loss": torch.nn.CrossEntropyLoss(), "options": {"gamma": 2.0}}, "must be None where the loss is a module"),
    ],
)
def test_make_loss_refuses_what_means_nothing(arguments, message) -> None:
    with pytest.raises(InputError, match=message):
        make_loss(class_counts=COUNTS, **arguments)


@pytest.mark.parametrize("name", ["sigmoid_focal", "precision_at_recall", "roc_area"])
def test_make_loss_refuses_binary_losses_for_more_outcomes(name) -> None:
    with pytest.raises(InputError, match="two outcomes"):
        make_loss(name, class_counts=np.ones(3))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("name", NAMES)
def test_loss_and_inverse_on_a_gpu_equal_those_on_the_cpu(name, batch) -> None:
    logits, targets = batch
    found = []
    for device in ("cpu", "cuda"):
        loss = make_loss(name, class_counts=COUNTS).to(device)
        value = loss(logits.to(device), targets.to(device))
        loss.after_batch(logits.to(device), targets.to(device))
        loss.after_epoch()
        # Predictions come to the CPU before they are calibrated; the loss may have stayed where it was.
        found.append((value.cpu(), loss.to_probabilities(logits)))
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-6)
