"""What all tests share: random numbers, the data beside the checkout, a browser, and quiet figures."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]

# Before anything imports matplotlib, and for the processes that tests start.
os.environ["MPLBACKEND"] = "Agg"

# Every run tries the same examples, and a busy machine is no reason to fail.
settings.register_profile("riskdec", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("riskdec")


def _torch_version() -> str | None:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return None


def pytest_configure(config: pytest.Config) -> None:
    """Leave out what cannot even be imported without torch."""
    if _torch_version() is None:
        ignored = config.option.ignore or []
        config.option.ignore = [*ignored, str(ROOT / "riskdec" / "nn"), *map(str, ROOT.glob("tests/*/nn"))]


def pytest_report_header() -> str:
    """Say whether the tests of networks run."""
    version = _torch_version()
    if version is None:
        return "torch: not installed, so riskdec/nn and its tests are skipped (the extra nn brings it)"
    return f"torch: {version}"


@pytest.fixture
def rng() -> np.random.Generator:
    """A stream of random numbers that is the same in every run."""
    return np.random.default_rng(20261120)


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def _shared(folder: str) -> Path:
    path = Path(os.environ.get("RISKDEC_SHARED", ROOT.parent / "shared")) / folder
    if not path.is_dir():
        pytest.skip(f"no {folder} folder beside the checkout (RISKDEC_SHARED names another place)")
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real data sets that are too large for the repository."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder with numbers that other programs computed."""
    return _shared("reference")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium browser."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("RISKDEC_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("no Chromium on the path (RISKDEC_CHROMIUM names one)")
    return path
