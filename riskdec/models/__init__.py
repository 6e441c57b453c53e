"""Where do probabilities come from? Estimators with scikit-learn's contract and a statistician's inference."""

from riskdec.models.calibrated import CalibratedRiskModel, CalibratorChoice, FittedRiskModel, as_risk_model
from riskdec.models.cost_scorer import ExpectedCostScorer, expected_cost_scorer
from riskdec.models.decision_classifier import DecisionClassifier
from riskdec.models.imputations.imputation import pool_imputations
from riskdec.models.imputations.pooled_fit import PooledFit
from riskdec.models.imputations.pooled_model import PooledRiskModel
from riskdec.models.inference import DevelopmentSize, development_size
from riskdec.models.regression.logistic import LogisticRiskModel
from riskdec.models.regression.logistic_fit import LogisticFit
from riskdec.models.tables.splines import RestrictedCubicSpline
from riskdec.models.tables.tabular import TabularRiskModel

__all__ = [
    "CalibratedRiskModel",
    "CalibratorChoice",
    "DecisionClassifier",
    "DevelopmentSize",
    "ExpectedCostScorer",
    "FittedRiskModel",
    "LogisticFit",
    "LogisticRiskModel",
    "PooledFit",
    "PooledRiskModel",
    "RestrictedCubicSpline",
    "TabularRiskModel",
    "as_risk_model",
    "development_size",
    "expected_cost_scorer",
    "pool_imputations",
]
