"""What did reweighting do? Schemes, a model beside itself under them, sweeps, distortion, efficiency, recalls."""

from riskdec.weighting.balance.answer import RecallBalance
from riskdec.weighting.balance.arms import RecallArm
from riskdec.weighting.balance.balancing import balance_recall
from riskdec.weighting.balance.effect import WeightEffect
from riskdec.weighting.balance.repeats import RecallRepeat
from riskdec.weighting.comparison.answer import WeightingComparison
from riskdec.weighting.comparison.coefficients import CoefficientShift
from riskdec.weighting.comparison.rows import WeightingRow
from riskdec.weighting.comparison.study import compare_weighting
from riskdec.weighting.distortion.answer import Distortion
from riskdec.weighting.distortion.measuring import weighting_distortion
from riskdec.weighting.efficiency.answer import WeightingEfficiency
from riskdec.weighting.efficiency.measuring import weighting_efficiency
from riskdec.weighting.implied_ratio import implied_ratio
from riskdec.weighting.schemes import (
    Scheme,
    balanced_weights,
    effective_number_weights,
    implied_costs,
    natural_weights,
    recall_driven_weights,
)
from riskdec.weighting.sweep.answer import WeightSweep
from riskdec.weighting.sweep.sweeping import sweep_weights

__all__ = [
    "CoefficientShift",
    "Distortion",
    "RecallArm",
    "RecallBalance",
    "RecallRepeat",
    "Scheme",
    "WeightEffect",
    "WeightSweep",
    "WeightingComparison",
    "WeightingEfficiency",
    "WeightingRow",
    "balance_recall",
    "balanced_weights",
    "compare_weighting",
    "effective_number_weights",
    "implied_costs",
    "implied_ratio",
    "natural_weights",
    "recall_driven_weights",
    "sweep_weights",
    "weighting_distortion",
    "weighting_efficiency",
]
