"""What a validation by resampling means, in sentences."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import number, percent
from riskdec.models.inference.bootstrap_refits import about_refits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskdec._base.typing import FloatArray
    from riskdec.resampling.stability_answer import ActionStability
    from riskdec.resampling.validation_answer import ValidatedIndex

# Shrinkage below this is what sample size criteria for prediction models guard against (Riley et al. 2019).
_LEAST_SLOPE = 0.9
# A corrected AUC this much above that on unseen rows shows that rows were learned by heart.
_BY_HEART = 0.05
# More rows than this whose action often changes are worth a caution.
_MANY_UNDECIDED = 0.1


def conclude(
    indices: Mapping[str, ValidatedIndex],
    *,
    n_refits: int,
    n_failed: int,
    n_firth: int,
    n_certain: int,
    n_without_slope: int,
    method: str,
    about_rows: tuple[Finding, ...],
) -> tuple[Finding, ...]:
    """Say what the corrected figures mean and what limits them, the most serious first."""
    auc = indices["auc"]
    if auc.corrected - auc.unseen > _BY_HEART:
        what_it_means = [_by_heart(auc)]
    else:
        what_it_means = [*_about_slope(indices["slope"], method), *_about_ranking(auc)]
    findings = [
        *what_it_means,
        *_about_certain(n_certain),
        *_about_perfect(n_without_slope, n_refits - n_failed, indices["slope"]),
        *about_refits(n_refits, n_failed, n_firth),
        *about_rows,
    ]
    return sort_findings(findings)


def _by_heart(auc: ValidatedIndex) -> Finding:
    sentence = (
        f"The procedure learns single rows by heart: on rows that a refit has not seen its AUC is "
        f"{number(auc.unseen, 3)}, while the correction for optimism leaves {number(auc.corrected, 3)}. No corrected "
        "figure here can be relied on."
    )
    return Finding(code="RD207", severity="issue", sentence=sentence, todo="Use riskdec.validate_by_folds.")


def _about_slope(slope: ValidatedIndex, method: str) -> Iterator[Finding]:
    value = slope.corrected
    if not isfinite(value):
        sentence = (
            "The calibration slope cannot be corrected: on its own rows the procedure tells events from the others "
            "without error, so that no finite slope fits them."
        )
        todo = "Use riskdec.validate_by_folds." if method == "bootstrap" else "Judge it on rows of its own."
        yield Finding(code="RD207", severity="not applicable", sentence=sentence, todo=todo)
    elif value < _LEAST_SLOPE:
        sentence = f"On new rows the calibration slope will be about {number(value, 3)}: risks are too extreme."
        todo = "Shrink the model (TabularRiskModel does), drop columns, or collect more events."
        yield Finding(code="RD202", severity="caution", sentence=sentence, todo=todo)
    else:
        sentence = f"On new rows of the same kind the calibration slope will be about {number(value, 3)}."
        yield Finding(code="RD202", severity="good", sentence=sentence)


def _about_ranking(auc: ValidatedIndex) -> Iterator[Finding]:
    sentence = (
        f"The AUC on the rows fitted on, {number(auc.apparent, 3)}, becomes {number(auc.corrected, 3)} on new rows "
        "of the same kind."
    )
    yield Finding(code="RD109", severity="good", sentence=sentence)


def _about_perfect(n_without_slope: int, n_refits: int, slope: ValidatedIndex) -> Iterator[Finding]:
    if n_without_slope and isfinite(slope.corrected):
        sentence = (
            f"{n_without_slope} of {n_refits} refits tell the events of their own rows from the others without error, "
            "so that no finite slope fits them; they are left out of the indices that need one, which look too good."
        )
        todo = "With so few events shrink the model, or use riskdec.validate_by_folds."
        yield Finding(code="RD207", severity="caution", sentence=sentence, todo=todo)


def _about_certain(n_certain: int) -> Iterator[Finding]:
    if n_certain:
        sentence = (
            f"{n_certain} rows have a risk of exactly 0 or 1, which has no log-odds; indices on that scale, the log "
            "score among them, take one in a million instead."
        )
        todo = "Calibrate the procedure inside, for example with riskdec.TabularRiskModel(learner=...)."
        yield Finding(code="RD206", severity="caution", sentence=sentence, todo=todo)


def conclude_stability(
    low: FloatArray,
    high: FloatArray,
    mape: FloatArray,
    actions: ActionStability | None,
    *,
    n_refits: int,
    n_failed: int,
    n_firth: int,
    about_rows: tuple[Finding, ...],
) -> tuple[Finding, ...]:
    """Say how far risks and actions move over refits, the most serious first."""
    width = float(np.median(high - low))
    sentence = (
        f"With other training rows of the same kind the risk of a row would have been another by "
        f"{number(float(mape.mean()), 3)} on average; half of the rows have a 95 % range wider than "
        f"{number(width, 3)}."
    )
    findings = [Finding(code="RD114", severity="good", sentence=sentence)]
    if actions is not None:
        findings += _about_actions(actions)
    return sort_findings([*findings, *about_refits(n_refits, n_failed, n_firth), *about_rows])


def _about_actions(actions: ActionStability) -> Iterator[Finding]:
    dearer = float(actions.refit_expected_cost.mean()) - actions.expected_cost
    sentence = (
        f"{percent(actions.mean_share_changed)} of the actions would have been others, and "
        f"{percent(actions.share_often_changed)} of the rows change theirs in more than a tenth of the refits; if the "
        f"risks of the fit are right, that costs {number(dearer, 3)} per row."
    )
    often = actions.share_often_changed > _MANY_UNDECIDED
    todo = "Defer on these rows (see .frame()), shrink the model, or collect more rows." if often else ""
    yield Finding(code="RD313", severity="caution" if often else "good", sentence=sentence, todo=todo)
