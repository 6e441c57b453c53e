"""Optimisers by name, and their state as named tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor, nn

    from riskdec.nn.training.plan import TrainingPlan

_MOMENTUM = 0.9


def make_optimizer(network: nn.Module, plan: TrainingPlan) -> torch.optim.Optimizer:
    """Make the optimiser of a plan; the schedule sets its learning rate at each step."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    if plan.optimizer == "sgd":
        return torch.optim.SGD(
            parameters, lr=plan.learning_rate, momentum=_MOMENTUM, weight_decay=plan.weight_decay, foreach=True
        )
    return torch.optim.AdamW(parameters, lr=plan.learning_rate, weight_decay=plan.weight_decay, foreach=True)


def pack_optimizer(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Give the state as tensors, named by the place of the parameter and the kind of state."""
    state = optimizer.state_dict()["state"]
    return {
        f"{place}/{kind}": value
        for place, kinds in state.items()
        for kind, value in kinds.items()
        if isinstance(value, torch.Tensor)
    }


def unpack_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put back what `pack_optimizer` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        place, kind = name.split("/")
        state.setdefault(int(place), {})[kind] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
