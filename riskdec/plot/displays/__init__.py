"""Displays as scikit-learn has them: made from an estimator or from predictions, drawn now or again later."""

from riskdec.plot.displays.cost_curve import CostCurveDisplay
from riskdec.plot.displays.decision_curve import DecisionCurveDisplay
from riskdec.plot.displays.reliability import ReliabilityDisplay
from riskdec.plot.displays.risk_coverage import RiskCoverageDisplay

__all__ = ["CostCurveDisplay", "DecisionCurveDisplay", "ReliabilityDisplay", "RiskCoverageDisplay"]
