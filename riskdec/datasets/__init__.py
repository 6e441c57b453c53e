"""Data with known truth, and real data that the dependencies ship."""

from riskdec.datasets.health_insurance import HealthInsurance, load_health_insurance
from riskdec.datasets.simulate import SimulatedRisks, simulate_risks

__all__ = ["HealthInsurance", "SimulatedRisks", "load_health_insurance", "simulate_risks"]
