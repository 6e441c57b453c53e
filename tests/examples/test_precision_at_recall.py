"""The comparison of special losses runs from a file of images to its table, on few rows and epochs."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.datasets import load_digits

torch = pytest.importorskip("torch")

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    specification = importlib.util.spec_from_file_location("precision", ROOT / "examples" / "precision_at_recall.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    held_out = {"N_HELD_EVENTS": 40, "N_HELD_OTHERS": 200}
    small = {
        "PREVALENCE": 0.1,
        "N_TRAIN": 400,
        **held_out,
        "BATCH": 32,
        "EPOCHS": 4,
        "WARM": 2,
        "WAYS": [module.WAYS[0], *module.WAYS[3:5]],
    }
    for name, value in small.items():
        monkeypatch.setattr(module, name, value)
    return module


def test_comparison_runs_from_a_file_to_its_tables(example, tmp_path, capsys) -> None:
    digits = load_digits()
    pixels = np.kron(digits.images * 15.9, np.ones((1, 3, 3)))
    images = np.pad(pixels, ((0, 0), (2, 2), (2, 2))).astype(np.uint8)
    file = tmp_path / "digits.npz"
    np.savez(
        file, X_train=images[:1500], y_train=digits.target[:1500], X_test=images[1500:], y_test=digits.target[1500:]
    )
    found, logs = example.compare(str(file), 2)
    example.report(found)
    printed = capsys.readouterr().out
    assert list(found) == [way[0] for way in example.WAYS]
    assert all(f"  {name}" in printed for name in found)
    assert all(len(log.rows) == example.EPOCHS - example.WARM for log in logs)
    assert len(logs) == 2
    # Above the share of events: the networks learned, and the thresholds keep the recall.
    precisions = [run["precision"] for runs in found.values() for run in runs]
    assert np.mean(precisions) > 2 * example.PREVALENCE
    recalls = [run["its recall"] for runs in found.values() for run in runs]
    assert np.mean(recalls) == pytest.approx(example.RECALL, abs=0.15)


def test_threshold_keeps_the_wanted_share_of_events(example) -> None:
    events = np.arange(100.0)
    cut = example.cut_for_recall(events)
    assert (events >= cut).mean() == example.RECALL
    recall, precision = example.judge(events, np.array([0.0, 95.0]), cut)
    assert recall == 0.9
    assert precision == pytest.approx(0.1 * 0.9 / (0.1 * 0.9 + 0.9 * 0.5))


def test_threshold_keeps_the_wanted_precision_and_no_smaller_one_does(example) -> None:
    rng = np.random.default_rng(0)
    events, others = np.sort(rng.normal(2, 1, 300)), np.sort(rng.normal(0, 1, 3000))
    cut = example.cut_for_precision(events, others)
    assert example.judge(events, others, cut)[1] >= example.PRECISION
    assert all(example.judge(events, others, smaller)[1] < example.PRECISION for smaller in events[events < cut])
    assert example.judge(events, others, np.inf) == (0.0, 1.0)
    # Nothing reaches the precision where the events score lowest.
    assert example.cut_for_precision(events - 100, others) == np.inf
