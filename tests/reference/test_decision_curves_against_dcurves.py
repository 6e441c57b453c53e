"""Net benefit on the example data of dcurves, against its published figures and, where installed, the package."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from riskdec import decision_curve

if TYPE_CHECKING:
    from pathlib import Path


def test_published_figures_of_the_example_data(shared_data: Path) -> None:
    # ddsjoberg/dcurves, its own tests: threshold 0.25, cancer ~ cancerpredmarker.
    data = pd.read_csv(shared_data / "dca_cancer.csv.gz")
    curve = decision_curve(data.cancer, {"marker": data.cancerpredmarker}, thresholds=[0.25])
    assert curve.net_benefit[0, 0] == pytest.approx(0.064, abs=1e-12)
    assert curve.treat_all[0] == pytest.approx(-0.1466667, abs=5e-8)
    assert curve.treat_none[0] == 0


@pytest.mark.skipif(importlib.util.find_spec("dcurves") is None, reason="dcurves is not installed")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("prevalence", [None, 0.05])
def test_every_threshold_agrees_with_dcurves(shared_data: Path, prevalence: float | None) -> None:
    from dcurves import dca

    data = pd.read_csv(shared_data / "dca_cancer.csv.gz")
    grid = np.arange(1, 100) / 100
    peer = dca(data=data, outcome="cancer", modelnames=["cancerpredmarker"], thresholds=grid, prevalence=prevalence)
    theirs = peer[peer.model == "cancerpredmarker"].net_benefit.to_numpy()
    ours = decision_curve(data.cancer, {"m": data.cancerpredmarker}, thresholds=grid, prevalence=prevalence)
    assert ours.net_benefit[0] == pytest.approx(theirs, abs=1e-12)
    assert ours.treat_all == pytest.approx(peer[peer.model == "all"].net_benefit.to_numpy(), abs=1e-12)


@pytest.mark.skipif(importlib.util.find_spec("dcurves") is None, reason="dcurves is not installed")
@pytest.mark.filterwarnings("ignore")
def test_harm_and_interventions_avoided_agree_with_dcurves(shared_data: Path) -> None:
    from dcurves import dca

    data = pd.read_csv(shared_data / "dca_cancer.csv.gz")
    grid, name = np.arange(1, 100) / 100, "cancerpredmarker"
    # dca(..., harm={name: 0.0333}): what the test harms, per case tested, in true positives.
    peer = dca(data=data, outcome="cancer", modelnames=[name], thresholds=grid, harm={name: 0.0333})
    ours = decision_curve(data.cancer, {name: data.cancerpredmarker}, thresholds=grid, harm={name: 0.0333})
    assert ours.net_benefit[0] == pytest.approx(peer[peer.model == name].net_benefit.to_numpy(), abs=1e-12)
    theirs = peer[peer.model == name].net_intervention_avoided.to_numpy()
    assert ours.interventions_avoided[0] == pytest.approx(theirs, abs=1e-10)
