"""The story of rare digits runs from training to certificates, on small scenes and few of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from riskdec.datasets import DigitScenes

torch = pytest.importorskip("torch")

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    specification = importlib.util.spec_from_file_location("rare_digits", ROOT / "examples" / "rare_digits.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    for name, value in {"SIDE": 256, "N_TRAIN": 40}.items():
        monkeypatch.setattr(module, name, value)
    return module


def test_story_runs_and_mining_finds_what_the_balanced_training_lost(example, tmp_path, capsys) -> None:
    torch.set_num_threads(1)
    story = example.Story(DigitScenes(side=256, seed=0), 24, 0)
    network, share = story.balanced()
    story.prior_corrected(network, share)
    detector, tested = story.calibrated(story.mined(network, share))
    story.decided(detector, tested)
    example.write_figures(story, detector, tmp_path)
    printed = capsys.readouterr().out
    for words in ("promised precision", "prior corrected", "hard negatives", "Platt on", "Certified alarms"):
        assert words in printed
    before, after = (story.evaluations[name] for name in ("1:1, prior corrected", "mined, Platt on held-out scenes"))
    assert after.recall_at(1) > before.recall_at(1) + 0.3
    assert story.evaluations["1:1 as trained"].calibration.citl.estimate < -4
    assert abs(after.calibration.citl.estimate) < 1
    assert story.evaluations["1:1 as trained"].promise.promised_precision > 0.9
    assert len(list(tmp_path.glob("*.svg"))) == 2


def test_middle_of_mnist_is_read(example, tmp_path) -> None:
    assert example.read_digits(None) == {}
    file = tmp_path / "digits.npz"
    np.savez(file, X_train=np.full((3, 28, 28), 7, np.uint8), y_train=np.arange(3))
    assert example.read_digits(str(file))["images"].shape == (3, 20, 20)
