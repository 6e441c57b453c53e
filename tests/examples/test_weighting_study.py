"""The study of weights runs from a folder of files to its story, passes over files that are not there, and adds up."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def example() -> ModuleType:
    specification = importlib.util.spec_from_file_location("study", ROOT / "examples" / "weighting_study.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def made_like_mammography(n=4000) -> pd.DataFrame:
    """A logistic model of the right form with 12 % events."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(n, 3)), columns=["area", "gray", "gradient"])
    risk = 1 / (1 + np.exp(2.4 - table["area"] - 0.5 * table["gray"]))
    return table.assign(calcification=(rng.random(n) < risk).astype(int))


def numbers(pattern: str, text: str) -> list[float]:
    return [float(found) for found in re.search(pattern, text).groups()]


def test_story_of_made_data_is_that_of_a_right_form(example, tmp_path, capsys) -> None:
    made_like_mammography().to_csv(tmp_path / "mammography.csv.gz", index=False)
    example.main([str(tmp_path), "mammography", "bank_marketing"])
    story = capsys.readouterr().out
    assert "bank_marketing: bank_marketing.csv.gz is not in the folder" in story
    predicted, observed = numbers(r"shift of all log-odds by ([\d.]+); ([\d.]+) \(", story)
    assert observed == pytest.approx(predicted, abs=0.25)
    (lost,) = numbers(r"on (\d+) % fewer rows", story)
    assert 3 <= lost <= 15
    costs = dict(re.findall(r"decide, (none|natural)\s+([\d.]+)\n", story))
    # Costs in the weights and again in the decision.
    assert float(costs["natural"]) > 1.1 * float(costs["none"])


def test_without_a_folder_the_data_of_the_dependencies_are_told(example, capsys, monkeypatch) -> None:
    loaded = example.load_health_insurance()
    kept = np.isin(loaded.person, np.unique(loaded.person)[:1500])
    small = type(loaded)(X=loaded.X[kept], y=loaded.y[kept], person=loaded.person[kept])
    monkeypatch.setattr(example, "load_health_insurance", lambda: small)
    example.main([])
    story = capsys.readouterr().out
    assert story.startswith("\nhealth_insurance: ")
    assert "realised cost per row" in story


def test_german_credit_as_published_prices_five_to_one(example, tmp_path, shared_data, capsys) -> None:
    shutil.copy(shared_data / "german_credit.csv.gz", tmp_path)
    example.main([str(tmp_path)])
    story = capsys.readouterr().out
    assert "600 rows to fit on, 400 to judge on, 30.0 % events" in story
    assert "as if a miss\n  cost 2.33 false alarms. Here it costs 5, so the cut belongs at 16.7 %." in story
    predicted, observed = numbers(r"shift of all log-odds by ([\d.]+); ([\d.]+) \(", story)
    assert predicted == pytest.approx(np.log(7 / 3), abs=0.005)
    assert observed == pytest.approx(predicted, abs=0.35)
    assert story.count("is not in the folder") == 3
