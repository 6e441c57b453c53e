"""Networks from images to decisions and files, and to balanced recalls, run as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

torch = pytest.importorskip("torch")

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = """
import numpy as np, riskdec as rd
z = np.load("mnist_10k.npz")
is_nine = lambda a: (a == 9).astype(int)
model = rd.CNNRiskModel(max_epochs=3, random_state=0).fit(z["X_train"], is_nine(z["y_train"]))
print(model.diagnose(z["X_test"], is_nine(z["y_test"])).summary())
print(model.decide(z["X_test"], costs={"false_positive": 1, "false_negative": 20, "defer": 0.4}).summary())
model.save("nines.riskdec"); same = rd.load("nines.riskdec")
"""
BALANCE = """
import numpy as np, riskdec as rd
cifar = np.load("cifar10_a.npz")
balance = rd.balance_recall(rd.CNNRiskModel(max_epochs=4, random_state=0), cifar["X_train"][:4000], cifar["y_train"][:4000],
                            X_test=cifar["X_test"], y_test=cifar["y_test"], ways=("weights", "offsets"))
balance.plot().figure.savefig("recalls.png")
"""  # noqa: E501 -- as written


def execute(story: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(folder)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    namespace: dict[str, Any] = {}
    try:
        exec(compile(story, "story", "exec"), namespace)
    finally:
        torch.set_num_threads(before)
    return namespace


def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    namespace = execute(IMAGES, folder, monkeypatch)
    images = namespace["z"]["X_test"]
    np.testing.assert_array_equal(namespace["same"].predict_proba(images), namespace["model"].predict_proba(images))
    return namespace


def test_story_of_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    images, y = load_digits(return_X_y=True)
    images = (images.reshape(-1, 8, 8) * 15).astype(np.uint8)
    np.savez(tmp_path / "mnist_10k.npz", X_train=images[:1400], y_train=y[:1400], X_test=images[1400:], y_test=y[1400:])
    run(tmp_path, monkeypatch)
    printed = capsys.readouterr().out
    assert "rows                     397" in printed
    assert "Decisions for 397 rows" in printed


def test_story_of_images_on_the_real_data(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mnist_10k.npz").symlink_to(shared_data / "mnist_10k.npz")
    names = run(tmp_path, monkeypatch)
    assert "Decisions for 2,000 rows" in capsys.readouterr().out
    z, model = names["z"], names["model"]
    assert (model.predict(z["X_test"]) == (z["y_test"] == 9)).mean() > 0.97
    # Always the base rate would score 0.347.
    report = model.diagnose(z["X_test"], (z["y_test"] == 9).astype(int), n_resamples=20, rng=0)
    assert report.log_score < 0.06


def test_story_of_balanced_recalls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, y = load_digits(return_X_y=True)
    noise = np.random.default_rng(0).normal(0, 60, images.shape)
    images = (images * 15 + noise).clip(0, 255).reshape(-1, 8, 8).astype(np.uint8)
    np.savez(tmp_path / "cifar10_a.npz", X_train=images[:1200], y_train=y[:1200], X_test=images[1200:], y_test=y[1200:])
    balance = execute(BALANCE, tmp_path, monkeypatch)["balance"]
    assert [arm.way for arm in balance.arms] == ["plain", "weights", "offsets"]
    assert (tmp_path / "recalls.png").stat().st_size > 10_000


def test_story_of_balanced_recalls_on_the_real_data(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cifar10_a.npz").symlink_to(shared_data / "cifar10_a.npz")
    plain, _, offsets = execute(BALANCE, tmp_path, monkeypatch)["balance"].arms
    # After four epochs some of the ten classes are hardly found; offsets bring their recalls together.
    assert plain.range > 0.3
    assert offsets.deviation < 0.6 * plain.deviation
