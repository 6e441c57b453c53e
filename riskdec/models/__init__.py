"""Where do probabilities come from? Estimators with scikit-learn's contract and a statistician's inference."""

from riskdec.models.logistic import LogisticRiskModel
from riskdec.models.logistic_fit import LogisticFit
from riskdec.models.tabular import TabularRiskModel

__all__ = ["LogisticFit", "LogisticRiskModel", "TabularRiskModel"]
