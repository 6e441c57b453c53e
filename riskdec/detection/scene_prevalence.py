"""How rare objects are in scenes that nobody labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from riskdec._base.checks import check_option, refuse
from riskdec.calibration import estimate_prevalence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.calibration import PrevalenceEstimate
    from riskdec.detection.detector import SlidingWindowDetector
    from riskdec.detection.risk_map import RiskMap

# Samples with more objects than this were made so for training: scenes do not look like them.
_ENRICHED = 0.05
# Windows whose log odds differ by less than this are counted as one row: a likelihood does not see it.
_BIN = 0.02
# Beyond these log odds windows are counted as if they lay here: far below what many of them could add up to, and as
# near to certainty as a likelihood can be told.
_FLOOR, _CEILING = -40.0, 30.0


def prevalence_of_scenes(
    detector: SlidingWindowDetector, images: Iterable[ArrayLike], *, calibrated: bool, confidence_level: float
) -> PrevalenceEstimate:
    """Estimate the share of positive windows by maximum likelihood; see `SlidingWindowDetector.estimate_prevalence`."""
    check_option(calibrated, (False, True), name="calibrated")
    train = detector.train_prevalence
    if train is None:
        cure = "It is the share of positive windows at which the model's risks are right."
        raise refuse("train_prevalence", "be given to the detector", "None", cure)
    if train > _ENRICHED and not calibrated:
        message = (
            "Networks trained on samples full of objects give scenes 7 to 23 times too many. Calibrate the risks on "
            "labelled scenes, and confirm it with calibrated=True."
        )
        raise refuse(
            "the risks", "be calibrated on scenes to estimate a prevalence", f"train_prevalence={train:g}", message
        )
    rows = []
    for scene, image in enumerate(images):
        scores = np.concatenate([_log_odds(one, train) for one in detector.risk_map(image)])
        steps, counts = np.unique(np.round(np.clip(scores, _FLOOR, _CEILING) / _BIN), return_counts=True)
        rows.append((steps * _BIN, counts, np.full(len(steps), scene)))
    if len(rows) < 2:
        raise refuse("images", "be at least two scenes", f"{len(rows)}", "The interval takes scenes as units.")
    log_odds, weight, groups = (np.concatenate(column) for column in zip(*rows, strict=True))
    return estimate_prevalence(
        expit(log_odds), train=train, sample_weight=weight, groups=groups, confidence_level=confidence_level
    )


def _log_odds(one: RiskMap, train: float) -> FloatArray:
    """Give the log odds of the windows of a map at the prevalence of training, in one row."""
    shift = 0.0 if one.deploy_prevalence is None else float(logit(one.deploy_prevalence) - logit(train))
    return np.asarray(logit(one.risk.ravel()) - shift)
