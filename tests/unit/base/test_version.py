"""The version is told in one way, wherever it is told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import riskdec
from riskdec._base.version import VERSION


def test_the_version_is_that_of_the_package() -> None:
    project = Path(__file__).parents[3] / "pyproject.toml"
    told = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
    assert told == VERSION == riskdec.__version__
