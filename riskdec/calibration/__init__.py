"""Can it be repaired? Maps from distorted probabilities to honest ones."""

from riskdec.calibration.undoing import undo_class_weight

__all__ = ["undo_class_weight"]
