"""How can every class get its share of recall? Offsets of decisions that leave the probabilities alone."""

from riskdec.decisions.offsets.answer import DecisionOffsets
from riskdec.decisions.offsets.recall import recall_offsets

__all__ = ["DecisionOffsets", "recall_offsets"]
