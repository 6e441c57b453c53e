"""What should be done? Costs with names, decisions, and what they cost in the end; numpy and scipy only."""

from riskdec.decisions.answer import Decisions
from riskdec.decisions.cost_input import as_cost_matrix
from riskdec.decisions.cost_matrix import CostMatrix
from riskdec.decisions.evaluation import evaluate_decisions
from riskdec.decisions.evaluation_report import Baseline, DecisionEvaluation
from riskdec.decisions.policy import decide
from riskdec.decisions.regions import Region, Regions

__all__ = [
    "Baseline",
    "CostMatrix",
    "DecisionEvaluation",
    "Decisions",
    "Region",
    "Regions",
    "as_cost_matrix",
    "decide",
    "evaluate_decisions",
]
