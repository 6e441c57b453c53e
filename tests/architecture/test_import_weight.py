"""What importing the package and the rooms of its numeric core loads, seen from a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAVY = {"torch", "matplotlib", "statsmodels", "pandas", "sklearn"}


def loaded_by(module: str) -> set[str]:
    """Name the modules that importing `module` adds to a fresh interpreter."""
    code = f"import sys; before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    command = [sys.executable, "-c", code]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_import_of_root_loads_no_other_package() -> None:
    loaded = loaded_by("riskdec")
    assert "riskdec" in loaded
    assert sorted(loaded & (HEAVY | {"scipy", "numpy"})) == []


@pytest.mark.parametrize("room", ["scores", "likelihood", "decisions", "diagnostics"])
def test_import_of_numeric_core_loads_nothing_heavy(room: str) -> None:
    loaded = loaded_by(f"riskdec.{room}")
    assert f"riskdec.{room}" in loaded
    assert sorted(loaded & HEAVY) == []


@pytest.mark.parametrize("room", ["scores", "decisions"])
def test_import_of_light_rooms_leaves_scipy_stats_and_optimize_for_later(room: str) -> None:
    assert sorted(loaded_by(f"riskdec.{room}") & {"scipy.stats", "scipy.optimize"}) == []
