"""How can classes get their share of recall? Offsets and worths of decisions that leave the probabilities alone."""

from riskdec.decisions.offsets.answer import DecisionOffsets
from riskdec.decisions.offsets.floors import recall_floors
from riskdec.decisions.offsets.floors_answer import RecallFloors
from riskdec.decisions.offsets.recall import recall_offsets

__all__ = ["DecisionOffsets", "RecallFloors", "recall_floors", "recall_offsets"]
