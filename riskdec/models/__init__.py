"""Where do probabilities come from? Estimators with scikit-learn's contract and a statistician's inference."""

from riskdec.models.inference import DevelopmentSize, development_size
from riskdec.models.logistic import LogisticRiskModel
from riskdec.models.logistic_fit import LogisticFit
from riskdec.models.splines import RestrictedCubicSpline
from riskdec.models.tabular import TabularRiskModel

__all__ = [
    "DevelopmentSize",
    "LogisticFit",
    "LogisticRiskModel",
    "RestrictedCubicSpline",
    "TabularRiskModel",
    "development_size",
]
