"""How good is a policy over a range of costs? Decision curves, cost curves, and the best threshold for one price."""

from riskdec.decisions.curves.answer import DecisionCurve
from riskdec.decisions.curves.best_threshold import BestThreshold, best_threshold
from riskdec.decisions.curves.cost_curve import CostCurve, cost_curve
from riskdec.decisions.curves.net_benefit import decision_curve

__all__ = ["BestThreshold", "CostCurve", "DecisionCurve", "best_threshold", "cost_curve", "decision_curve"]
