"""The register of codes: every warning and every finding has one, and each is listed here."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from riskdec.errors import RiskdecWarning

TITLES = {
    # 1xx: the estimate
    "RD101": "separated data",
    "RD102": "collinear columns",
    "RD103": "not converged",
    "RD104": "weights that are not counts",
    "RD105": "few events per parameter",
    "RD106": "values not seen in training",
    "RD107": "fewer knots than asked for",
    "RD108": "strength of the penalty at the end of its grid",
    "RD109": "optimism of the fit",
    "RD110": "rare levels and few missing values",
    "RD111": "rows that lack values",
    "RD112": "resamples without a maximum likelihood estimate",
    "RD113": "resamples that could not be fitted",
    "RD114": "stability of single risks",
    "RD115": "few imputations",
    "RD116": "a time to an event",
    # 2xx: calibration
    "RD201": "average risk is off",
    "RD202": "risks are too extreme or too flat",
    "RD203": "curve leaves the diagonal",
    "RD204": "few events",
    "RD205": "no risk above one half",
    "RD206": "risks of exactly 0 or 1",
    "RD207": "not assessable",
    "RD208": "weak calibration is compatible with the data",
    "RD209": "what cannot be assessed from these data",
    "RD210": "clustered rows",
    "RD211": "rows the model was fitted on",
    "RD212": "no rising curve fits into the band",
    "RD213": "calibrated within the margin",
    "RD214": "event rate at a cut",
    "RD215": "what recalibration would have saved",
    "RD221": "outcomes whose probabilities are off",
    "RD222": "confidence in the likeliest outcome",
    "RD223": "probabilities of all outcomes together",
    "RD224": "costs that the probabilities promise",
    "RD225": "subgroups whose risks are off",
    "RD226": "subgroups too small to assess",
    "RD227": "calibration that differs between groups",
    # 3xx: the decision
    "RD301": "action never worth taking",
    "RD302": "cost matrix may be transposed or of the wrong sign",
    "RD303": "no gray zone at these costs",
    "RD304": "one action for everyone",
    "RD305": "no rows to decide on",
    "RD306": "regions of risk need two outcomes",
    "RD307": "figures that do not exist",
    "RD308": "a simpler rule would have cost less",
    "RD309": "costs counted twice",
    "RD310": "nothing certified",
    "RD311": "tied scores in a certificate",
    "RD312": "one case per group",
    "RD313": "stability of actions",
    "RD314": "probabilities that promise other recalls than were counted",
    "RD315": "ties that keep recalls apart",
    "RD316": "floors of recall out of reach",
    "RD320": "limits bind",
    "RD321": "ties at a limit",
    "RD322": "risk intervals with more than one best action",
    "RD323": "best action depends on the costs",
    "RD324": "promise of a policy",
    "RD325": "promise of a certificate",
    "RD326": "costs that nobody gave",
    # 4xx: reweighting
    "RD401": "weights shift every risk",
    "RD402": "standard errors of a weighted fit",
    "RD403": "a threshold does the work of the weights",
    "RD404": "what the weights did to the shape",
    "RD405": "what undoing the weights restores",
    "RD406": "fits that fell back to penalised likelihood",
    "RD407": "what the weights did to the realised cost",
    "RD408": "what the weights did to the ranking",
    "RD409": "what of the loss a shift mends, and what nothing mends",
    "RD410": "whether a more flexible model needs the weights",
    "RD411": "verdict on a scheme",
    "RD412": "resampled training rows",
    "RD413": "too few events to recalibrate",
    "RD420": "precision and recall along the weights",
    "RD421": "a moving threshold beside the weights",
    "RD422": "risks along the weights",
    "RD423": "costs along the weights",
    "RD424": "fits made one by one",
    "RD425": "recalls that cannot be compared",
    "RD430": "the shift that weights predict and the one observed",
    "RD431": "slope of weighted risks",
    "RD432": "what shift and slope leave",
    "RD433": "what is left after undoing",
    "RD435": "efficiency of weights",
    "RD436": "efficiency that cannot be compared",
    "RD437": "naive and robust standard errors",
    "RD438": "likelihood-ratio tests under weights",
    "RD440": "how differently classes are found",
    "RD441": "what recall-driven weights did",
    "RD442": "weights that fade, and weights that act as a shift",
    "RD443": "what offsets of decisions did",
    "RD444": "offsets belong after calibration",
    "RD445": "classes that were never found",
    "RD446": "price of equal recalls",
    "RD447": "weights that overshoot",
    "RD448": "weights that a model divides out",
    "RD449": "few held-out rows of a class",
    # 5xx: recalibration
    "RD501": "recalibration not converged",
    "RD502": "scores without signal",
    "RD503": "scores that separate the outcomes",
    "RD504": "calibrated risks of exactly 0 or 1",
    "RD505": "a calibration curve that falls",
    "RD506": "fewer knots of a calibration curve",
    "RD508": "scores of exactly 0 or 1",
    "RD509": "risks brought to a sum of one",
    "RD510": "rows that the classifier was fitted on",
    "RD511": "groups on both sides of a split",
    "RD512": "rows left out several times or never",
    "RD513": "rows that a classifier may have been fitted on",
    "RD514": "choice of a calibrator",
    "RD515": "calibrators without a finite score",
    "RD516": "no calibrator",
    "RD520": "a shift that was made before",
    "RD521": "outputs that label smoothing cannot give",
    "RD522": "label shift is doubtful",
    "RD523": "scores that were not calibrated",
    "RD524": "prevalence at the end of its range",
    "RD525": "prevalences that cannot be told apart",
    "RD526": "few rows for a prevalence",
    "RD527": "what a prevalence without labels rests on",
    "RD530": "the update that was chosen",
    "RD531": "rows the old model was fitted on",
    "RD532": "few events for an update",
    "RD533": "an update that has no estimate",
    "RD534": "earlier shifts that an update replaces",
    # 6xx: networks
    "RD600": "constraint of a loss not met",
    "RD601": "bound of a constraint not met",
    "RD602": "multiplier at its cap",
    "RD610": "images that cannot be read",
    "RD611": "training resumed under other conditions",
    "RD612": "training interrupted",
    "RD613": "batch statistics of several processes",
    "RD614": "few held-out images",
    "RD615": "offset in the fit of a network",
    # 7xx: detection
    "RD700": "pixels in another unit",
    "RD701": "windows one by one",
    "RD702": "risks that add up to many objects",
    "RD710": "level of window risks",
    "RD711": "slope of window risks",
    "RD712": "precision that a balanced test set promised",
    "RD713": "objects without a window",
    "RD714": "scenes that share originals",
    "RD715": "scenes that could not be scanned",
    "RD800": "a heavy page",
}

_OUR_FOLDER = str(Path(__file__).resolve().parent.parent) + os.sep
_FOREIGN = ("sklearn", "joblib")


def warn(code: str, message: str, category: type[RiskdecWarning]) -> None:
    """Warn at the line of the user's own code that led here.

    Frames of riskdec and of scikit-learn are passed over, so that the warning points at the call
    that the reader can change, through however many facades it went.
    """
    level = 2
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 -- the documented way to walk the stack cheaply
    while frame is not None and _is_internal(frame):
        frame = frame.f_back
        level += 1
    warnings.warn(f"{code} {TITLES[code]}: {message}", category, stacklevel=level)


@contextmanager
def each_once() -> Iterator[None]:
    """Hold the warnings of a block back until it ends, and then give each once, however often it was repeated.

    A comparison fits one model several times: what is wrong with its columns need not be told as often.
    """
    with warnings.catch_warnings(record=True) as held:
        yield
    different = {(one.category, str(one.message), one.filename, one.lineno): one for one in held}
    for one in different.values():
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _is_internal(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return frame.f_code.co_filename.startswith(_OUR_FOLDER) or module.partition(".")[0] in _FOREIGN
