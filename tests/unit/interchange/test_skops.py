"""What a model file never holds goes through skops, whose reader asks which types are trusted."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

import riskdec as rd
from riskdec.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

BOOSTED = HistGradientBoostingClassifier(max_iter=5, random_state=0)
ONE_MISS = {"false_positive": 1, "false_negative": 4}


@pytest.fixture
def data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(300, 2))
    return X, (rng.random(300) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)


@pytest.mark.parametrize(
    "model",
    [
        rd.LogisticRiskModel(),
        rd.TabularRiskModel(),
        rd.TabularRiskModel(learner=BOOSTED),
        rd.CalibratedRiskModel(BOOSTED, cv=3),
        rd.DecisionClassifier(rd.LogisticRiskModel(), ONE_MISS),
    ],
    ids=["logistic", "table", "table of boosting", "calibrated boosting", "deciding"],
)
def test_it_comes_back_when_its_types_are_trusted(
    model: Any, data: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    skops = pytest.importorskip("skops.io", reason="the extra skops brings it")
    X, y = data
    fitted = model.fit(X, y)
    types = rd.to_skops(fitted, tmp_path / "model.skops")
    assert any(name.startswith("riskdec.") for name in types)
    with pytest.raises(TypeError, match="[Uu]ntrusted"):
        skops.load(tmp_path / "model.skops")
    again = skops.load(tmp_path / "model.skops", trusted=list(types))
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


@pytest.mark.parametrize(
    ("model", "cure"),
    [(rd.TabularRiskModel(learner=BOOSTED), "riskdec.to_skops"), (rd.CalibratedRiskModel(BOOSTED, cv=3), "skops")],
)
def test_model_files_refuse_other_libraries_and_name_skops(
    model: Any, cure: str, data: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=f"HistGradientBoostingClassifier.*{cure}"):
        model.fit(*data).save(tmp_path / "model.riskdec")
    assert not list(tmp_path.iterdir())


def test_without_skops_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # As on a machine without the package.
    for name in [name for name in sys.modules if name.partition(".")[0] == "skops"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [finder for finder in sys.meta_path if finder is PathFinder])
    with pytest.raises(MissingExtraError, match=r"riskdec\[skops\]"):
        rd.to_skops(rd.LogisticRiskModel(), tmp_path / "model.skops")
    assert not list(tmp_path.iterdir())
