"""A fit that was killed in the middle of an epoch goes on from its checkpoint to the same bits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from riskdec import CNNRiskModel
from riskdec._base.modelfile import read_model, write_model
from riskdec.errors import InputError, ModelFileError, RiskdecWarning

ROOT = Path(__file__).resolve().parents[4]
OPTIONS = {
    "architecture": "resnet",  # BatchNorm, whose running statistics are part of the state
    "dropout": 0.3,
    "augment": ("flip", "shift"),
    "max_epochs": 3,
    "batch_size": 16,
    "random_state": 3,
    "precision": "bfloat16",
    "checkpoint_seconds": 0.0,
}
PROGRAM = """
import sys, time
import numpy as np, torch
torch.set_num_threads(1)
import riskdec.nn.training.epoch as epoch
from riskdec import CNNRiskModel
step = epoch.train_batch
def slow_step(*arguments):
    time.sleep(0.1)
    step(*arguments)
epoch.train_batch = slow_step
rng = np.random.default_rng(0)
images, y = rng.integers(0, 255, (100, 8, 8)).astype(np.uint8), np.arange(100) % 2
CNNRiskModel(**OPTIONS, checkpoint_dir=sys.argv[1]).fit(images, y)
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    code = PROGRAM.replace("OPTIONS", repr(OPTIONS))
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code, str(folder)], env=environment)


def test_killed_fit_resumes_to_the_same_bits(tmp_path):
    process = start(tmp_path)
    file = tmp_path / "training.riskdec"
    # Five batches an epoch: this is the middle of the second one.
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists() and (header := read_model(file).header)["epoch"] == 1 and header["batch"] in (2, 3):
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 0 < read_model(file).header["batch"] < 5
    rng = np.random.default_rng(0)
    images, y = rng.integers(0, 255, (100, 8, 8)).astype(np.uint8), np.arange(100) % 2
    resumed = CNNRiskModel(**OPTIONS, checkpoint_dir=tmp_path).fit(images, y)
    assert not file.exists()
    whole = CNNRiskModel(**OPTIONS).fit(images, y)
    states = [model.parts_.network.state_dict() for model in (resumed, whole)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[1])
    np.testing.assert_array_equal(resumed.predict_proba(images), whole.predict_proba(images))


@pytest.fixture
def stopped(tmp_path, marked_images, monkeypatch):
    """Leave a folder with the checkpoint of a fit that stopped in its first epoch."""
    import riskdec.nn.training.epoch as epoch

    step, calls = epoch.train_batch, []

    def stop(*arguments):
        if len(calls) == 4:
            raise KeyboardInterrupt
        calls.append(1)
        step(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(epoch, "train_batch", stop)
        with pytest.raises(KeyboardInterrupt):
            model(tmp_path).fit(*marked_images)
    assert read_model(tmp_path / "training.riskdec").header["batch"] == 4
    return tmp_path


def model(folder: Path, **options: object) -> CNNRiskModel:
    given = {"max_epochs": 2, "batch_size": 32, "precision": "float32", "random_state": 0, "checkpoint_seconds": 0}
    return CNNRiskModel(**(given | options), checkpoint_dir=folder)


def test_resumed_fit_equals_one_without_checkpoints(stopped, marked_images):
    resumed = model(stopped).fit(*marked_images).predict_proba(marked_images[0])
    whole = model(None).fit(*marked_images).predict_proba(marked_images[0])
    np.testing.assert_array_equal(resumed, whole)


def test_fit_without_a_seed_resumes_with_that_of_the_checkpoint(stopped, marked_images):
    seed = read_model(stopped / "training.riskdec").header["seed"]
    assert model(stopped, random_state=None).fit(*marked_images).history_.seed == seed


@pytest.mark.parametrize("options", [{"learning_rate": 1e-3}, {"max_epochs": 3}, {"architecture": "resnet"}])
def test_checkpoint_of_other_options_is_refused(stopped, marked_images, options):
    with pytest.raises(InputError, match="checkpoint_dir must hold a checkpoint of the same data and options"):
        model(stopped, **options).fit(*marked_images)


def test_checkpoint_of_other_data_is_refused(stopped, marked_images):
    images, y = marked_images
    other = images.copy()
    other[7, 3, 3] += 1
    with pytest.raises(InputError, match="same data and options"):
        model(stopped).fit(other, y)


def test_change_of_threads_is_warned_about(stopped, marked_images, monkeypatch):
    # Two real threads beside another busy process would wait for each other.
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    with pytest.warns(RiskdecWarning, match="RD611.*threads 1 then, 2 now"):
        model(stopped).fit(*marked_images)


def test_damaged_checkpoint_is_refused(stopped, marked_images):
    file = stopped / "training.riskdec"
    raw = bytearray(file.read_bytes())
    raw[-100] ^= 1
    file.write_bytes(raw)
    with pytest.raises(ModelFileError, match="damaged"):
        model(stopped).fit(*marked_images)


def test_another_file_under_the_name_is_refused(tmp_path, marked_images):
    write_model(tmp_path / "training.riskdec", kind="Other", header={}, arrays={})
    with pytest.raises(InputError, match="TrainingCheckpoint"):
        model(tmp_path).fit(*marked_images)
