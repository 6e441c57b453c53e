"""Damaged model files of every kind are refused with `ModelFileError`, and nothing else happens."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
# Every way of damage so often for every kind.
TIMES = 3


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    path = list(sys.path)
    spec = importlib.util.spec_from_file_location("fuzz_model_files", ROOT / "tools" / "fuzz_model_files.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


def test_damaged_files_of_every_kind_are_refused_or_answer(fuzz: ModuleType, tmp_path: Path) -> None:
    rng = np.random.default_rng(20261121)
    counts: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind, sample in fuzz.make_samples().items():
            raw = sample.value.save(tmp_path / kind).read_bytes()
            assert fuzz.load_one(tmp_path / kind, sample) == "loaded, answers"
            for way in fuzz.WAYS * TIMES:
                way(raw, tmp_path / "trial", rng)
                counts[fuzz.load_one(tmp_path / "trial", sample)] += 1
    # Most are refused; what was sealed again on purpose may still be a state that fits.
    assert counts["refused"] > 0.6 * counts.total()


def test_the_fuzzer_notices_an_answer_that_is_none(fuzz: ModuleType) -> None:
    class Broken:
        classes_ = np.array([0, 1])

        def predict_proba(self, rows: np.ndarray) -> np.ndarray:
            return np.full((len(rows), 2), np.nan)

    broken = Broken()
    with pytest.raises(AssertionError, match="it answers nan"):
        fuzz.answer(broken, fuzz.Sample(broken, np.zeros(3)))
