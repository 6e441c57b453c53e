"""Model files of earlier versions are read for ever: one file of every kind and schema, with what it answered then."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import riskdec as rd
from riskdec._base.modelfile import SCHEMA, read_model
from riskdec.persistence import _KINDS

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "kept_files"
# These hold networks.
NEED_TORCH = {"CNNRiskModel", "SlidingWindowDetector"}
WITHOUT_SUMMARY = {"DecisionClassifier", "SlidingWindowDetector"}
WITHOUT_TORCH = importlib.util.find_spec("torch") is None
FILES = sorted(FOLDER.glob("schema_*/*.riskdec"))
HERE = [path for path in FILES if not (WITHOUT_TORCH and path.stem in NEED_TORCH)]


@pytest.fixture(scope="module")
def samples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("model_file_samples", ROOT / "tools" / "model_file_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_kind_of_this_schema_is_kept() -> None:
    assert {path.stem for path in (FOLDER / f"schema_{SCHEMA}").glob("*.riskdec")} == set(_KINDS)


def test_every_class_that_saves_is_kept() -> None:
    saving = {name for name in rd.__all__ if "save" in dir(getattr(rd, name))}
    # A card is a text that people read.
    assert saving - {"ModelCard"} == set(_KINDS)


@pytest.mark.parametrize("path", HERE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_kept_file_answers_as_it_did(path: Path, samples: ModuleType) -> None:
    asked = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    rows: Any = pd.DataFrame(asked["rows"]) if isinstance(asked["rows"], dict) else np.array(asked["rows"])
    again = rd.load(path)
    assert type(again).__name__ == path.stem == read_model(path).kind
    answer = samples.ask(again, rows)
    if isinstance(answer[0], str):
        assert answer == asked["answer"]
    else:
        # Sums may run in another order on another machine; networks compute in float32.
        rtol = 1e-5 if path.stem in NEED_TORCH else 1e-12
        np.testing.assert_allclose(answer, asked["answer"], rtol=rtol, atol=1e-15)
    assert str(again if path.stem in WITHOUT_SUMMARY else again.summary())


@pytest.mark.parametrize("path", HERE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_kept_file_can_be_saved_by_this_version(path: Path, tmp_path: Path, samples: ModuleType) -> None:
    asked = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    rows: Any = pd.DataFrame(asked["rows"]) if isinstance(asked["rows"], dict) else np.array(asked["rows"])
    again = rd.load(path)
    assert samples.ask(rd.load(again.save(tmp_path / "again.riskdec")), rows) == samples.ask(again, rows)
