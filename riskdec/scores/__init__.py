"""How good is a probability? Proper scores, their decomposition, ranking; numpy and scipy only."""

from riskdec.scores.brier import brier_score
from riskdec.scores.decomposition import ScoreDecomposition, decompose_score
from riskdec.scores.logarithmic import log_score

__all__ = ["ScoreDecomposition", "brier_score", "decompose_score", "log_score"]
