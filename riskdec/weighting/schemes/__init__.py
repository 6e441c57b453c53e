"""Ways to reweight the outcomes: weights by class, by the costs they imply, and by resampling of the rows."""

from riskdec.weighting.schemes.class_weights import (
    balanced_weights,
    effective_number_weights,
    natural_weights,
    recall_driven_weights,
)
from riskdec.weighting.schemes.implied import implied_costs
from riskdec.weighting.schemes.resolving import check_schemes, needs_weights, resolve_schemes
from riskdec.weighting.schemes.scheme import Scheme

__all__ = [
    "Scheme",
    "balanced_weights",
    "check_schemes",
    "effective_number_weights",
    "implied_costs",
    "natural_weights",
    "needs_weights",
    "recall_driven_weights",
    "resolve_schemes",
]
