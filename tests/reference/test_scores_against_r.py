"""CORP decomposition, isotonic fits and AUC against R on the four published forecasts of rain at Niamey."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from riskdec import brier_score, decompose_score, log_score, reliability_curve
from riskdec.scores.ranking import area_under_curve

if TYPE_CHECKING:
    from pathlib import Path

FORECASTS = ("logistic", "emos", "ens", "epc")


@pytest.mark.parametrize("name", FORECASTS)
def test_decomposition_equals_r(name: str, shared_data: Path, shared_reference: Path) -> None:
    rows = pd.read_csv(shared_data / "precip_niamey_2016.csv.gz")
    there = json.loads((shared_reference / "precip_niamey_2016.json").read_text())["forecasts"][name]
    parts = decompose_score(rows["obs"], rows[name])
    assert parts.score == pytest.approx(there["brier"], rel=1e-12)
    assert parts.miscalibration == pytest.approx(there["miscalibration"], rel=1e-10)
    assert parts.discrimination == pytest.approx(there["discrimination"], rel=1e-10)
    assert parts.uncertainty == pytest.approx(there["uncertainty"], rel=1e-12)
    assert brier_score(rows["obs"], rows[name]) == pytest.approx(there["brier"], rel=1e-12)
    assert log_score(rows["obs"], rows[name]) == pytest.approx(float(there["log_loss"]), rel=1e-12)


@pytest.mark.parametrize("name", FORECASTS)
def test_isotonic_curve_equals_r(name: str, shared_data: Path, shared_reference: Path) -> None:
    rows = pd.read_csv(shared_data / "precip_niamey_2016.csv.gz")
    there = json.loads((shared_reference / "precip_niamey_2016.json").read_text())["forecasts"][name]["isotonic"]
    curve = reliability_curve(rows["obs"], rows[name], band=None)
    order = np.array(there["order_zero_based"])
    at = np.searchsorted(curve.risk, rows[name].to_numpy()[order])
    assert curve.event_rate[at] == pytest.approx(np.array(there["fitted"]), abs=1e-12)


@pytest.mark.parametrize("name", FORECASTS)
def test_area_under_curve_equals_r(name: str, shared_data: Path, shared_reference: Path) -> None:
    rows = pd.read_csv(shared_data / "precip_niamey_2016.csv.gz")
    there = json.loads((shared_reference / "precip_niamey_2016.json").read_text())["forecasts"][name]["roc"]
    ours = area_under_curve(rows["obs"].to_numpy() == 1, rows[name].to_numpy())
    assert ours == pytest.approx(there["auc"], rel=1e-12)
