"""What every model that is fitted has: callbacks follow its fit, and notebooks show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.notebook import NotebookFace
from riskdec.models.callbacks import CallbackSupport

if TYPE_CHECKING:
    from riskdec._base.notebook import Glance


class FitFaces(CallbackSupport, NotebookFace):
    """Callbacks of scikit-learn, and a glance in notebooks that `riskdec.models.at_a_glance` makes for the class."""

    def _glance(self) -> Glance | None:
        from riskdec.models.at_a_glance import glance_at

        return glance_at(self)
