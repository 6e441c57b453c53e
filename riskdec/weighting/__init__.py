"""What did reweighting do? Schemes, and the comparison of a model with itself under them."""

from riskdec.weighting.answer import CoefficientShift, WeightingComparison, WeightingRow
from riskdec.weighting.comparison import compare_weighting
from riskdec.weighting.schemes import Scheme, balanced_weights, implied_costs, natural_weights

__all__ = [
    "CoefficientShift",
    "Scheme",
    "WeightingComparison",
    "WeightingRow",
    "balanced_weights",
    "compare_weighting",
    "implied_costs",
    "natural_weights",
]
