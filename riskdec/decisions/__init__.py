"""What should be done? Costs with names, decisions, and what they cost in the end; numpy and scipy only."""

from riskdec.decisions.certificates import (
    CertificateCheck,
    CostCertificate,
    DeferralCertificate,
    FlaggedBatch,
    Promise,
    PromiseCheck,
    certify_cost,
    certify_deferral,
    certify_rates,
    flag_batch,
)
from riskdec.decisions.choosing.answer import Decisions
from riskdec.decisions.choosing.capacity import Capacity, Limit
from riskdec.decisions.choosing.policy import decide
from riskdec.decisions.costs.case_costs import CaseCosts
from riskdec.decisions.costs.cost_input import as_cost_matrix, as_costs
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.costs.cost_ranges import CostRanges
from riskdec.decisions.curves import (
    BestThreshold,
    CostCurve,
    DecisionCurve,
    best_threshold,
    cost_curve,
    decision_curve,
)
from riskdec.decisions.information import (
    ValidationValue,
    ValueOfInformation,
    value_of_information,
    value_of_validation,
)
from riskdec.decisions.judging.evaluation import evaluate_decisions
from riskdec.decisions.judging.evaluation_report import Baseline, DecisionEvaluation
from riskdec.decisions.judging.limited_benefit import RealisedNetBenefit, realised_net_benefit
from riskdec.decisions.judging.policy_check import PolicyCheck
from riskdec.decisions.judging.policy_record import Policy
from riskdec.decisions.judging.risk_coverage import RiskCoverage, risk_coverage
from riskdec.decisions.offsets import DecisionOffsets, RecallFloors, recall_floors, recall_offsets
from riskdec.decisions.zones.regions import Region, Regions
from riskdec.decisions.zones.simplex import SimplexRegion, SimplexRegions
from riskdec.decisions.zones.zones import CostZones

__all__ = [
    "Baseline",
    "BestThreshold",
    "Capacity",
    "CaseCosts",
    "CertificateCheck",
    "CostCertificate",
    "CostCurve",
    "CostMatrix",
    "CostRanges",
    "CostZones",
    "DecisionCurve",
    "DecisionEvaluation",
    "DecisionOffsets",
    "Decisions",
    "DeferralCertificate",
    "FlaggedBatch",
    "Limit",
    "Policy",
    "PolicyCheck",
    "Promise",
    "PromiseCheck",
    "RealisedNetBenefit",
    "RecallFloors",
    "Region",
    "Regions",
    "RiskCoverage",
    "SimplexRegion",
    "SimplexRegions",
    "ValidationValue",
    "ValueOfInformation",
    "as_cost_matrix",
    "as_costs",
    "best_threshold",
    "certify_cost",
    "certify_deferral",
    "certify_rates",
    "cost_curve",
    "decide",
    "decision_curve",
    "evaluate_decisions",
    "flag_batch",
    "realised_net_benefit",
    "recall_floors",
    "recall_offsets",
    "risk_coverage",
    "value_of_information",
    "value_of_validation",
]
