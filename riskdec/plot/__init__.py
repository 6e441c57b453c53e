"""The only room that knows matplotlib: one drawing per answer, made from the numbers that the answer holds."""

from riskdec.plot.calibration import draw_calibration
from riskdec.plot.certificate import draw_certificate
from riskdec.plot.decision_curve import draw_cost_curve, draw_decision_curve
from riskdec.plot.decisions import draw_decisions
from riskdec.plot.detections import draw_detections, draw_overlay
from riskdec.plot.dispatch import draw
from riskdec.plot.displays import CostCurveDisplay, DecisionCurveDisplay, ReliabilityDisplay, RiskCoverageDisplay
from riskdec.plot.distortion import draw_distortion
from riskdec.plot.evaluation import draw_evaluation
from riskdec.plot.export import to_svg
from riskdec.plot.multiclass import draw_multiclass
from riskdec.plot.policies import draw_policy_check, draw_zones
from riskdec.plot.recall_balance import draw_recall_balance
from riskdec.plot.regions import draw_regions
from riskdec.plot.reliability import draw_reliability
from riskdec.plot.risk_coverage import draw_risk_coverage
from riskdec.plot.risk_map import draw_risk_map
from riskdec.plot.scene_evaluation import draw_before_after, draw_scene_evaluation
from riskdec.plot.simplex import draw_simplex
from riskdec.plot.stability import draw_stability
from riskdec.plot.style import visible
from riskdec.plot.subgroups import draw_heterogeneity, draw_subgroups
from riskdec.plot.sweep import draw_sweep
from riskdec.plot.training import draw_training
from riskdec.plot.validation import draw_validation
from riskdec.plot.weighting import draw_weighting

__all__ = [
    "CostCurveDisplay",
    "DecisionCurveDisplay",
    "ReliabilityDisplay",
    "RiskCoverageDisplay",
    "draw",
    "draw_before_after",
    "draw_calibration",
    "draw_certificate",
    "draw_cost_curve",
    "draw_decision_curve",
    "draw_decisions",
    "draw_detections",
    "draw_distortion",
    "draw_evaluation",
    "draw_heterogeneity",
    "draw_multiclass",
    "draw_overlay",
    "draw_policy_check",
    "draw_recall_balance",
    "draw_regions",
    "draw_reliability",
    "draw_risk_coverage",
    "draw_risk_map",
    "draw_scene_evaluation",
    "draw_simplex",
    "draw_stability",
    "draw_subgroups",
    "draw_sweep",
    "draw_training",
    "draw_validation",
    "draw_weighting",
    "draw_zones",
    "to_svg",
    "visible",
]
