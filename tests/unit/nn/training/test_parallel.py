"""Two processes fit what one fits, up to rounding."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from riskdec import CNNRiskModel, load
from riskdec.errors import InputError, RiskdecWarning
from riskdec.nn.architectures import build_architecture
from riskdec.nn.building import check_processes
from riskdec.nn.losses.making import make_loss
from riskdec.nn.training.parallel import Processes

ROOT = Path(__file__).resolve().parents[4]
OPTIONS = {
    "optimizer": "sgd",
    "learning_rate": 0.01,
    "max_epochs": 2,
    "batch_size": 49,
    "precision": "float32",
    "random_state": 0,
}
PROGRAM = """
import sys
import numpy as np, torch
torch.set_num_threads(1)
from riskdec import CNNRiskModel
rng = np.random.default_rng(0)
images, y = rng.integers(0, 255, (163, 8, 8)).astype(np.uint8), np.arange(163) % 2
model = CNNRiskModel(**OPTIONS).fit(images, y, rng.integers(1, 4, 163))
model.save(sys.argv[1])
"""


def fit_here(**options: object) -> CNNRiskModel:
    """Fit in this process: 130 training rows in batches of 49, 49 and 32, of unequal weights."""
    rng = np.random.default_rng(0)
    images, y = rng.integers(0, 255, (163, 8, 8)).astype(np.uint8), np.arange(163) % 2
    return CNNRiskModel(**(OPTIONS | options)).fit(images, y, rng.integers(1, 4, 163))


def fit_in_two(path: Path, monkeypatch: pytest.MonkeyPatch, **options: object) -> list[CNNRiskModel]:
    """Fit in this process and another one, told of each other as torchrun tells them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    own = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM.replace("OPTIONS", repr(OPTIONS | options)), str(path)]
    other = subprocess.Popen(command, env=os.environ | own | {"OMP_NUM_THREADS": "1", "RANK": "1"})
    with monkeypatch.context() as patch:
        for name, value in (own | {"RANK": "0"}).items():
            patch.setenv(name, value)
        here = fit_here(**options)
    assert other.wait(120) == 0
    return [here, load(path)]


def distance(one: CNNRiskModel, other: CNNRiskModel) -> float:
    states = [model.parts_.network.state_dict() for model in (one, other)]
    return max(float((states[0][name] - states[1][name]).abs().max()) for name in states[0])


def test_two_processes_equal_one(tmp_path, monkeypatch):
    one, (first, second) = fit_here(), fit_in_two(tmp_path / "model", monkeypatch)
    assert distance(one, first) < 1e-5
    assert distance(first, second) == 0
    assert first.history_.n_processes == 2
    assert first.history_.best.train_loss == pytest.approx(one.history_.best.train_loss, abs=1e-5)


def test_pieces_of_a_batch_equal_the_whole():
    assert 0 < distance(fit_here(), fit_here(gradient_accumulation=4)) < 1e-5


def test_batch_statistics_of_two_processes_are_warned_about():
    size = {"in_channels": 1, "image_size": (8, 8), "n_outcomes": 2}
    loss = make_loss("cross_entropy", class_counts=np.array([5, 5]))
    with pytest.warns(RiskdecWarning, match="RD613"):
        check_processes(build_architecture("resnet", **size), loss, Processes(0, 2))
    check_processes(build_architecture("small", **size), loss, Processes(0, 2))
    check_processes(build_architecture("resnet", **size), loss, Processes(0, 1))


@pytest.mark.parametrize("loss", ["precision_at_recall", "roc_area"])
def test_multipliers_of_two_processes_equal_those_of_one(tmp_path, monkeypatch, loss):
    options = {"loss": loss, "loss_options": {"multiplier_rate": 1.0}}
    one, (first, second) = fit_here(**options), fit_in_two(tmp_path / "model", monkeypatch, **options)
    assert distance(one, first) < 1e-5
    states = [model.parts_.loss.state_dict() for model in (one, first, second)]
    multipliers = [state["multipliers.values"] for state in states]
    # The multipliers moved, and together.
    assert (multipliers[0] - 1).abs().max() > 0.01
    torch.testing.assert_close(multipliers[1], multipliers[0], rtol=1e-5, atol=1e-5)
    assert torch.equal(multipliers[1], multipliers[2])
    assert first.parts_.loss.log[0].n == one.parts_.loss.log[0].n


def test_module_with_weights_of_its_own_is_refused_as_a_loss_in_several_processes():
    class Scaled(torch.nn.CrossEntropyLoss):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))

    loss = make_loss(Scaled(), class_counts=np.array([5, 5]))
    with pytest.raises(InputError, match="no state of its own in several processes"):
        check_processes(torch.nn.Linear(1, 1), loss, Processes(0, 2))


def test_shares_of_a_batch_are_disjoint_and_whole():
    batch = np.arange(7)
    shares = [Processes(rank, 3).share(batch) for rank in range(3)]
    assert sorted(np.concatenate(shares)) == batch.tolist()
