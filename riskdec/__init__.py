"""riskdec: estimate the risk honestly, show how honest it is, and only then decide."""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

# Where each public name lives. The root is lazy in full: a room opens on the first use of one of its names.
_ROOMS = {
    "CalibrationReport": "riskdec.diagnostics",
    "CostMatrix": "riskdec.decisions",
    "DecisionEvaluation": "riskdec.decisions",
    "Decisions": "riskdec.decisions",
    "LogisticRiskModel": "riskdec.models",
    "ReliabilityCurve": "riskdec.diagnostics",
    "TabularRiskModel": "riskdec.models",
    "WeightingComparison": "riskdec.weighting",
    "balanced_weights": "riskdec.weighting",
    "brier_score": "riskdec.scores",
    "calibration_slope": "riskdec.diagnostics",
    "compare_weighting": "riskdec.weighting",
    "cutoff_calibration_error": "riskdec.diagnostics",
    "decide": "riskdec.decisions",
    "decompose_score": "riskdec.scores",
    "diagnose": "riskdec.diagnostics",
    "evaluate_decisions": "riskdec.decisions",
    "implied_costs": "riskdec.weighting",
    "load": "riskdec.persistence",
    "log_score": "riskdec.scores",
    "natural_weights": "riskdec.weighting",
    "reliability_curve": "riskdec.diagnostics",
    "smooth_calibration_error": "riskdec.diagnostics",
    "spiegelhalter_test": "riskdec.diagnostics",
    "undo_class_weight": "riskdec.calibration",
}

__all__ = [
    "CalibrationReport",
    "CostMatrix",
    "DecisionEvaluation",
    "Decisions",
    "LogisticRiskModel",
    "ReliabilityCurve",
    "TabularRiskModel",
    "WeightingComparison",
    "balanced_weights",
    "brier_score",
    "calibration_slope",
    "compare_weighting",
    "cutoff_calibration_error",
    "decide",
    "decompose_score",
    "diagnose",
    "evaluate_decisions",
    "implied_costs",
    "load",
    "log_score",
    "natural_weights",
    "reliability_curve",
    "smooth_calibration_error",
    "spiegelhalter_test",
    "undo_class_weight",
]

if TYPE_CHECKING:
    from riskdec.calibration import undo_class_weight
    from riskdec.decisions import CostMatrix, DecisionEvaluation, Decisions, decide, evaluate_decisions
    from riskdec.diagnostics import (
        CalibrationReport,
        ReliabilityCurve,
        calibration_slope,
        cutoff_calibration_error,
        diagnose,
        reliability_curve,
        smooth_calibration_error,
        spiegelhalter_test,
    )
    from riskdec.models import LogisticRiskModel, TabularRiskModel
    from riskdec.persistence import load
    from riskdec.scores import brier_score, decompose_score, log_score
    from riskdec.weighting import (
        WeightingComparison,
        balanced_weights,
        compare_weighting,
        implied_costs,
        natural_weights,
    )
else:

    def __getattr__(name: str) -> object:
        if name not in _ROOMS:
            message = f"module 'riskdec' has no attribute {name!r}"
            raise AttributeError(message)
        from importlib import import_module

        value = getattr(import_module(_ROOMS[name]), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*__all__, "__version__"]
