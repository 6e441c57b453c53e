"""Any scikit-learn classifier as a risk model: calibrated on rows that it has not seen, or taken as it is."""

from riskdec.models.calibrated.calibrated_model import CalibratedRiskModel
from riskdec.models.calibrated.choice import CalibratorChoice
from riskdec.models.calibrated.fitted_model import FittedRiskModel, as_risk_model

__all__ = ["CalibratedRiskModel", "CalibratorChoice", "FittedRiskModel", "as_risk_model"]
