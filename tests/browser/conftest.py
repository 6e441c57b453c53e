"""A browser for all tests of pages, and one answer of every class that has a page, with names that would break it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import riskdec as rd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from riskdec._base.result import Report

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOSTILE = (
    "<script>document.title = 'broken'</script>",
    "</script><script>document.title = 'broken'</script>",
    '"><img src=x onerror="document.title=\'broken\'">',
    "{{ 7 * 7 }}",
    "${document.title = 'broken'}",
    "'; document.title = 'broken'; '",
    "\u202egnp.exe",
    "<!-- <script>",
    "javascript:alert(1)",
    "=HYPERLINK(0)",
    "\x1b[31mred",
    "| a | b |",
)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium without a window."""
    driver = pytest.importorskip("playwright.sync_api", reason="the extra dev brings playwright")
    with driver.sync_playwright() as opened:
        found = opened.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    """Names that would break a page, a spreadsheet or a terminal if they were more than text."""
    return HOSTILE


def _first(rng: np.random.Generator) -> dict[str, Report]:
    risk = rng.beta(1, 9, 3000)
    y = rng.random(3000) < risk
    costs = rd.CostMatrix.binary(
        false_positive=1, false_negative=15, defer=0.6, outcomes=(HOSTILE[3], HOSTILE[0]), actions=HOSTILE[4:7]
    )
    decisions = rd.decide(risk, costs)
    return {
        "CalibrationReport": rd.diagnose(y, risk, costs=costs, n_resamples=50, rng=0),
        "Decisions": decisions,
        "DecisionEvaluation": rd.evaluate_decisions(y, decisions),
        "DecisionCurve": rd.decision_curve(y, dict.fromkeys(HOSTILE[:3], risk), thresholds=np.linspace(0.02, 0.4, 30)),
        "DeferralCertificate": rd.certify_deferral(y, risk, max_error=0.08, costs=costs),
        "PolicyCheck": decisions.policy().check(risk, y),
        "SubgroupReport": rd.diagnose_subgroups(y, risk, by={HOSTILE[2]: rng.choice(HOSTILE, 3000)}, n_resamples=10),
        "CalibrationHeterogeneity": rd.calibration_heterogeneity(y, risk, groups=rng.choice(HOSTILE, 3000)),
    }


def _second(rng: np.random.Generator) -> dict[str, Report]:
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame(rng.normal(size=(2000, 2)), columns=[HOSTILE[0], HOSTILE[2]])
    y = rng.random(2000) < 1 / (1 + np.exp(2.5 - X.to_numpy() @ [1.0, 0.5]))
    model, costs = rd.LogisticRiskModel(), {"false_positive": 1, "false_negative": 12, "defer": 0.5}
    proba = rng.dirichlet([4, 2, 2], 600)
    labels = np.array(HOSTILE[:3])[(rng.random(600)[:, None] > proba.cumsum(axis=1)[:, :-1]).sum(axis=1)]
    return {
        "WeightingComparison": rd.compare_weighting(model, X, y, costs=costs, rng=0),
        "WeightSweep": rd.sweep_weights(model, X, y, ratios=[1, 3, 9, 27], rng=0),
        "MulticlassCalibrationReport": rd.diagnose(labels, proba, outcomes=list(HOSTILE[:3]), n_resamples=10, rng=0),
    }


def _scenes(rng: np.random.Generator) -> dict[str, Report]:
    from riskdec.datasets.scene import make_scene
    from riskdec.detection.deciding import detect_on_maps

    costs = rd.CostMatrix.binary(
        false_positive=1, false_negative=15, defer=0.4, outcomes=("none", HOSTILE[0]), actions=HOSTILE[4:7]
    )
    maps, scenes = [], []
    for _ in range(12):
        z = rng.normal(-6, 2, (24, 24))
        one = rd.RiskMap(
            risk=1 / (1 + np.exp(-z)),
            row_centres=8.0 + 4 * np.arange(24),
            column_centres=8.0 + 4 * np.arange(24),
            window=(16, 16),
            stride=4,
            scale=1.0,
            image_shape=(108, 108),
            evaluation="dense",
            train_prevalence=None,
            deploy_prevalence=None,
        )
        cells = np.argwhere(rng.random(z.shape) < one.risk)
        maps.append((one,))
        scenes.append(make_scene(np.zeros((108, 108), dtype=np.uint8), 8.0 + 4 * cells))
    return {
        "Detections": detect_on_maps(list(maps[0]), costs, min_risk=None, separation=0.5),
        "SceneEvaluation": rd.evaluate_scenes(maps, scenes, costs=costs, n_resamples=50, rng=0),
    }


@pytest.fixture(scope="session")
def answers() -> dict[str, Report]:
    """Answers by the name of their class."""
    rng = np.random.default_rng(20261121)
    return {**_first(rng), **_second(rng), **_scenes(rng)}
