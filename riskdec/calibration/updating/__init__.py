"""An old model on new data: how much of it has to change?"""

from riskdec.calibration.updating.answer import UpdatingLadder, UpdatingRung
from riskdec.calibration.updating.ladder import choose_update

__all__ = ["UpdatingLadder", "UpdatingRung", "choose_update"]
