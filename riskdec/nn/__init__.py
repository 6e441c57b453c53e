"""Where do probabilities come from, if the rows are images? Networks with a calibration layer, in torch."""

from riskdec.nn.risk_model import CNNRiskModel
from riskdec.nn.training.history import EpochRow, TrainingHistory

__all__ = ["CNNRiskModel", "EpochRow", "TrainingHistory"]
