"""Files of older schemas are brought up step by step; what is not what it says is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from riskdec._base import modelfile, upgrades
from riskdec._base.modelfile import SCHEMA, read_model, write_model
from riskdec.errors import ModelFileError

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.upgrades import Contents


def to_second(kind: str, header: dict[str, Any], arrays: dict[str, Any]) -> Contents:
    """Rename an entry."""
    return kind, {"strength": header["alpha"]}, arrays


def to_third(kind: str, header: dict[str, Any], arrays: dict[str, Any]) -> Contents:
    """Split an array, and rename the kind."""
    return f"{kind}Model", header, {"intercept": arrays["coef"][:1], "slopes": arrays["coef"][1:]}


@pytest.fixture
def third_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this version one that writes schema 3."""
    monkeypatch.setattr(modelfile, "SCHEMA", 3)
    monkeypatch.setattr(upgrades, "STEPS", {1: to_second, 2: to_third})


def test_there_is_a_step_from_every_older_schema() -> None:
    assert set(upgrades.STEPS) == set(range(1, SCHEMA))


@pytest.mark.usefixtures("third_schema")
def test_older_files_are_brought_up_through_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for schema, header in ((1, {"alpha": 0.5}), (2, {"strength": 0.5})):
        monkeypatch.setattr(modelfile, "SCHEMA", schema)
        path = write_model(tmp_path / f"{schema}", kind="Risk", header=header, arrays={"coef": np.arange(3.0)})
        monkeypatch.setattr(modelfile, "SCHEMA", 3)
        found = read_model(path)
        assert (found.kind, found.header) == ("RiskModel", {"strength": 0.5})
        np.testing.assert_array_equal(found.arrays["slopes"], [1.0, 2.0])


@pytest.mark.usefixtures("third_schema")
def test_files_of_this_schema_stay_as_they_are(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m", kind="RiskModel", header={"strength": 1}, arrays={"slopes": np.ones(2)})
    assert read_model(path).header == {"strength": 1}


@pytest.mark.usefixtures("third_schema")
def test_an_older_file_that_is_not_what_it_says_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modelfile, "SCHEMA", 1)
    path = write_model(tmp_path / "m", kind="Risk", header={}, arrays={"coef": np.ones(2)})
    monkeypatch.setattr(modelfile, "SCHEMA", 3)
    with pytest.raises(ModelFileError, match="a model file of schema 1 must hold what it says; got something else"):
        read_model(path)


def test_files_of_a_later_schema_ask_for_an_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modelfile, "SCHEMA", SCHEMA + 1)
    path = write_model(tmp_path / "m", kind="Risk", header={}, arrays={})
    monkeypatch.setattr(modelfile, "SCHEMA", SCHEMA)
    with pytest.raises(
        ModelFileError, match=f"must follow a schema of at most {SCHEMA}; .* Upgrade riskdec to read it"
    ):
        read_model(path)
