"""The only room that knows matplotlib: one drawing per answer, made from the numbers that the answer holds."""

from riskdec.plot.calibration import draw_calibration
from riskdec.plot.decisions import draw_decisions
from riskdec.plot.dispatch import draw
from riskdec.plot.evaluation import draw_evaluation
from riskdec.plot.export import to_svg
from riskdec.plot.regions import draw_regions
from riskdec.plot.reliability import draw_reliability
from riskdec.plot.style import visible
from riskdec.plot.weighting import draw_weighting

__all__ = [
    "draw",
    "draw_calibration",
    "draw_decisions",
    "draw_evaluation",
    "draw_regions",
    "draw_reliability",
    "draw_weighting",
    "to_svg",
    "visible",
]
