"""Where in the scene? A model of windows, slid over images in which objects are rare."""

from riskdec.detection.answer import Detections, SceneOverlay
from riskdec.detection.detector import SlidingWindowDetector
from riskdec.detection.evaluation.answer import SceneEvaluation
from riskdec.detection.evaluation.calibrator import calibrate_scans
from riskdec.detection.evaluation.certificates import AlarmCertificate, certify_alarms
from riskdec.detection.evaluation.evaluating import evaluate_scenes
from riskdec.detection.evaluation.scans import SceneScans, scan_scenes
from riskdec.detection.mining import HardNegatives, keep_rates_from_risk
from riskdec.detection.planning import ScenePlan, plan_scenes
from riskdec.detection.risk_map import RiskMap
from riskdec.detection.sampling import WindowSample, WindowSampler
from riskdec.detection.scanning import Evaluation
from riskdec.detection.windows import WindowGrid, window_prevalence

__all__ = [
    "AlarmCertificate",
    "Detections",
    "Evaluation",
    "HardNegatives",
    "RiskMap",
    "SceneEvaluation",
    "SceneOverlay",
    "ScenePlan",
    "SceneScans",
    "SlidingWindowDetector",
    "WindowGrid",
    "WindowSample",
    "WindowSampler",
    "calibrate_scans",
    "certify_alarms",
    "evaluate_scenes",
    "keep_rates_from_risk",
    "plan_scenes",
    "scan_scenes",
    "window_prevalence",
]
