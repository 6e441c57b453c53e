"""What a detector asks of a model: the log odds of the event in windows, whatever the model is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from scipy.special import logit

from riskdec._base.checks import check_risks, choose_event, refuse
from riskdec._base.optional import require

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.nn.dense import WindowNetwork


class Scorer(Protocol):
    """Gives the log odds of the event in windows."""

    def crop_log_odds(self, crops: AnyArray) -> FloatArray:
        """Give the log odds of windows (n, h, w, c): shape (n,)."""


@runtime_checkable
class GivesRisk(Protocol):
    """A model with a risk for each window."""

    def predict_risk(self, X: AnyArray) -> FloatArray:
        """Give the risks of windows: shape (n,)."""


@runtime_checkable
class GivesProbabilities(Protocol):
    """A model with a probability for each class, as scikit-learn's classifiers."""

    classes_: AnyArray

    def predict_proba(self, X: AnyArray) -> FloatArray:
        """Give the probabilities of windows: shape (n, 2)."""


class AnyModel:
    """A model of windows that is no network: its risks, on the logit scale.

    Parameters
    ----------
    model : GivesRisk or GivesProbabilities
        For windows of shape (n, h, w), or (n, h, w, c) where there are several channels.
    """

    def __init__(self, model: GivesRisk | GivesProbabilities) -> None:
        self._model = model

    def crop_log_odds(self, crops: AnyArray) -> FloatArray:
        """Give the log odds of windows (n, h, w, c): shape (n,)."""
        windows = crops[..., 0] if crops.shape[3] == 1 else crops
        if isinstance(self._model, GivesRisk):
            risk = check_risks(self._model.predict_risk(windows), n=len(crops), name="the risks of windows")
        else:
            labels = np.asarray(self._model.classes_)
            column = labels.tolist().index(choose_event(labels, None, name="the model"))
            proba = self._model.predict_proba(windows)
            risk = check_risks(proba, n=len(crops), event_column=column, name="the probabilities of windows")
        return np.asarray(logit(risk), dtype=np.float64)


def open_model(model: object) -> tuple[Scorer, WindowNetwork | None]:
    """Give what scores windows, and the same again as a network if it is one.

    Raises
    ------
    InputError
        For what gives no risks.
    """
    # Without torch in memory nothing can be a network, and nothing has to load it to find that out.
    if "torch" in sys.modules:
        from riskdec.nn.dense import open_network

        network = open_network(model)
        if network is not None:
            return network, network
    if type(model).__name__ == "CNNRiskModel":
        require("torch", extra="nn", caller="SlidingWindowDetector with a CNNRiskModel")
    if isinstance(model, type) or not isinstance(model, (GivesRisk, GivesProbabilities)):
        cure = "Pass a fitted CNNRiskModel, a torch module, or anything with predict_risk for windows (n, h, w)."
        raise refuse("model", "give risks of windows", f"a {type(model).__name__}", cure)
    return AnyModel(model), None
