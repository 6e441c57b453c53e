"""Probabilities of all classes calibrated on the held-out rows: how sure they were, and the map to be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.calibration import TemperatureCalibrator, VectorScalingCalibrator
from riskdec.errors import SeparationError
from riskdec.weighting.units import UNWEIGHTED

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.weighting.units import RowWeights


class Calibration(NamedTuple):
    """A map learned on held-out rows.

    Attributes
    ----------
    method : {"vector", "temperature"}
        The one that was used.
    temperature : float
        What log probabilities have to be divided by: above 1 they were too sure.
    calibrator : Calibrator
        The map.
    """

    method: str
    temperature: float
    calibrator: TemperatureCalibrator | VectorScalingCalibrator

    def apply(self, proba: FloatArray) -> FloatArray:
        """Give calibrated probabilities, shape (n, K)."""
        return self.calibrator.predict_proba(proba)


def calibrate(proba: FloatArray, labels: AnyArray, method: str, weights: RowWeights = UNWEIGHTED) -> Calibration:
    """Learn the map; where the classes are separated and vector scaling has no estimate, it is temperature scaling.

    Parameters
    ----------
    proba : ndarray of shape (n, K)
        Probabilities of held-out rows.
    labels : ndarray of shape (n,)
        Their classes.
    method : {"vector", "temperature"}
        The map wanted.
    weights : RowWeights
        What each row counts for.
    """
    # With two columns a calibrator wants to know the event; which one is called so changes nothing.
    event = np.unique(labels)[-1] if proba.shape[1] == 2 else None
    kind, values = weights.kind, weights.values
    temperature = TemperatureCalibrator(event=event, weight_kind=kind).fit(proba, labels, values)
    if method == "vector":
        try:
            vector = VectorScalingCalibrator(event=event, weight_kind=kind).fit(proba, labels, values)
        except SeparationError:
            return Calibration("temperature", temperature.temperature_, temperature)
        return Calibration("vector", temperature.temperature_, vector)
    return Calibration("temperature", temperature.temperature_, temperature)
