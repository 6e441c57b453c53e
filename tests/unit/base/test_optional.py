"""Optional packages: imported when asked for, or a sentence with the command that installs them."""

from __future__ import annotations

import json
import sys
import types
from typing import TYPE_CHECKING

import pytest

from riskdec._base.optional import require
from riskdec.errors import MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path


def test_installed_module_is_given() -> None:
    assert require("json", extra="none", caller="a test") is json
    assert require("xml.etree.ElementTree", extra="none", caller="a test").__name__ == "xml.etree.ElementTree"


def test_missing_package_says_which_command_installs_it() -> None:
    with pytest.raises(MissingExtraError) as caught:
        require("no_such_package.part", extra="parquet", caller="reading Parquet")
    assert isinstance(caught.value, ImportError)
    text = str(caught.value)
    assert text.startswith("reading Parquet needs the package 'no_such_package', which is not installed.")
    assert "pip install 'riskdec[parquet]'" in text
    assert "in a checkout: .venv/bin/pip install -e '.[parquet]'" in text


def test_package_of_no_extra_is_installed_by_its_name() -> None:
    with pytest.raises(MissingExtraError, match="Install it with: pip install no_such_package$"):
        require("no_such_package", extra=None, caller="a test")


def test_package_that_was_taken_away_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match="pyarrow"):
        require("pyarrow", extra="parquet", caller="reading Parquet")


def test_error_inside_an_installed_package_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_package.py").write_text("import a_dependency_that_is_not_there\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_dependency_that_is_not_there") as caught:
        require("broken_package", extra="x", caller="a test")
    assert not isinstance(caught.value, MissingExtraError)


def test_missing_part_of_an_installed_package_is_not_called_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    present = types.ModuleType("present_package")
    present.__path__ = []
    monkeypatch.setitem(sys.modules, "present_package", present)
    with pytest.raises(ModuleNotFoundError) as caught:
        require("present_package.absent", extra="x", caller="a test")
    assert "'present_package', which is not installed" not in str(caught.value)
