"""Data with known truth, and real data that the dependencies ship."""

from riskdec.datasets.digit_scenes import DigitScenes, SceneList
from riskdec.datasets.health_insurance import HealthInsurance, load_health_insurance
from riskdec.datasets.scene import Scene, make_scene
from riskdec.datasets.simulate import SimulatedRisks, simulate_risks

__all__ = [
    "DigitScenes",
    "HealthInsurance",
    "Scene",
    "SceneList",
    "SimulatedRisks",
    "load_health_insurance",
    "make_scene",
    "simulate_risks",
]
