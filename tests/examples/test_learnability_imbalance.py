"""The study of recall-driven weights: its figures on made runs with known answers, and its way to the pictures."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

torch = pytest.importorskip("torch")

if TYPE_CHECKING:
    from types import ModuleType

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WEIGHT = np.array([0.5, 0.8, 1.0, 2.0])


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module


@pytest.fixture
def analysis(load) -> ModuleType:
    return load("learnability_analysis")


def made_run(seed: int, weighted_shift: float) -> dict[str, np.ndarray]:
    """Make overconfident logits of four classes, one of them hard; the weighted ones have a part of the log weights."""
    rng = np.random.default_rng(seed)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        y = np.arange(n) % 4
        return y, 3 * (rng.normal(size=(2, n, 4)) + np.array([2.2, 2.0, 1.6, 0.6]) * (np.arange(4) == y[:, None]))

    (y_held, held), (y_test, test) = draw(2000), draw(4000)
    return {
        "epochs": np.array([1, 2]),
        "weight": WEIGHT,
        "y_held": y_held,
        "y_test": y_test,
        "plain_held_out": held,
        "plain_test": test,
        "weighted_test": test + weighted_shift * np.log(WEIGHT),
        "plain_train_accuracy": np.array([0.5, 1.0]),
        "weighted_train_accuracy": np.array([0.4, 1.0]),
        "plain_best_held_out": held[0],
        "plain_best_test": test[0],
        "plain_best_epoch": np.array(1),
    }


def test_slope_is_found_whatever_the_scale_of_the_weights(analysis) -> None:
    change = 0.1 + 0.2 * np.log(WEIGHT)
    assert analysis.change_per_log_weight(change, WEIGHT) == pytest.approx(0.2)
    assert analysis.change_per_log_weight(change, 7 * WEIGHT) == pytest.approx(0.2)


def test_weights_that_act_as_a_shift_have_its_effect(analysis) -> None:
    found = analysis.effects(made_run(0, 1.0))
    np.testing.assert_array_equal(found["slope"], found["shift"])
    assert found["slope"].min() > 0.02
    # Overconfident logits are three times too large, so that a shift of calibrated ones does more.
    assert (found["calibrated shift"] > 2 * found["shift"]).all()


def test_equivalence_holds_without_an_effect_and_fails_with_one(analysis) -> None:
    nothing = [made_run(seed, 0.0) for seed in range(3)]
    assert [one.holds for one in analysis.equivalence(nothing)] == [True, True]
    something = [made_run(seed, 1.0) for seed in range(3)]
    assert not all(one.holds for one in analysis.equivalence(something))


def test_interval_over_seeds_is_the_t_interval(analysis) -> None:
    mean = analysis.mean_over_seeds([1.0, 2.0, 3.0])
    # t quantile 4.3027 at 2 degrees of freedom; standard error 1 / sqrt(3).
    assert mean == pytest.approx((2.0, 2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-3)


def test_offsets_make_made_recalls_equal_up_to_sampling(analysis) -> None:
    found = analysis.balance_figures([made_run(seed, 0.0) for seed in range(2)], n_fit=3000, n_splits=3)
    assert found.n_splits == 6
    assert found.plain_range > 0.3
    assert found.ratio < 0.2
    assert found.offset_range < 2 * found.from_sampling
    assert found.offset_spread < 0.1 * found.plain_spread
    assert 0 < found.price.estimate < 0.1


def test_sampling_range_is_that_of_equal_recalls(analysis) -> None:
    rng = np.random.default_rng(0)
    n_test, n_fit = np.full(10, 400), np.full(10, 300)
    one = analysis.Balance(np.full(10, 0.6), np.full(10, 0.6), n_test, n_fit, 0.6, 0.6)
    # Recalls that are off by what fitting leaves, then counted.
    true = 0.6 + rng.normal(0, np.sqrt(0.24 / 300), (4000, 10))
    ranges = np.ptp(rng.binomial(400, true) / 400, axis=1)
    assert analysis.sampling_range(one) == pytest.approx(ranges.mean(), rel=0.02)


def test_temperature_betters_the_log_score_of_overconfident_logits(analysis) -> None:
    found = analysis.log_scores([made_run(seed, 0.0) for seed in range(3)])
    for one in found.values():
        assert one.gain.low > 0.1
        assert one.gain.estimate == pytest.approx(one.before.estimate - one.after.estimate)
    assert found["kept by refinement"].epochs == (1, 1, 1)
    assert found["last"].epochs == (2, 2, 2)


def test_study_runs_from_a_file_to_its_figures(load, tmp_path, monkeypatch, capsys) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(500) % 4
    # Brightness tells the classes apart, but not for every image.
    bright = 60 + 30 * y + rng.normal(0, 20, 500)
    images = (bright[:, None, None, None] + rng.normal(0, 10, (500, 10, 10, 3))).clip(0, 255).astype(np.uint8)
    file = tmp_path / "images.npz"
    parts = {"X_train": images[:300], "y_train": y[:300], "X_test": images[300:], "y_test": y[300:]}
    np.savez(file, **parts, class_names=np.array(list("abcd")))
    study, runs = load("learnability_imbalance"), load("learnability_runs")
    small = {"epochs": (1, 2, 6), "batch_size": 16}
    monkeypatch.setattr(study, "Settings", lambda *args, **more: runs.Settings(*args, **more, **small))
    monkeypatch.setattr(study, "N_FIT", 150)
    monkeypatch.setattr(study, "N_SPLITS", 2)
    command = ["study", str(file), "--seeds", "2", "--workers", "1", "--power", "1", "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", command)
    study.main()
    printed = capsys.readouterr().out
    assert "regularised arm, 2 seeds" in printed
    assert "Equivalent to zero at interpolation?" in printed
    made = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert made[:2] == ["learnability_by_epoch.svg", "learnability_recalls.svg"]
    # The second time nothing is trained.
    monkeypatch.setattr(runs, "make_run", lambda *job: pytest.fail("trained again"))
    study.main()
    assert capsys.readouterr().out == printed
