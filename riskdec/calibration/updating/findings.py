"""What an update of an old model says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import count, number, p_value
from riskdec.calibration.updating.rungs import NONE, REFIT, each_weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.calibration.updating.closed_tests import AgainstHighest
    from riskdec.calibration.updating.rungs import RungFit
    from riskdec.scores.forecasts import Forecasts

# Maximum likelihood puts shift and slope at 0 and 1 on the rows it was fitted on, so closely.
_BY_CONSTRUCTION = 1e-6
_EVENTS_PER_PARAMETER = 10


def describe_update(
    given: Forecasts, fits: Sequence[RungFit], kept: Sequence[RungFit], tests: Sequence[AgainstHighest], chosen: RungFit
) -> tuple[Finding, ...]:
    """Say what was chosen and what limits the choice."""
    # What rows say that the model was made on is no evidence, so nothing is said about the choice there.
    same_rows = _same_rows(fits)
    findings = [*(same_rows or [_choice(kept, tests, chosen)]), *_few_events(given, kept[-1])]
    for fit in fits:
        if fit.obstacle:
            sentence = f"The update {fit.name!r} is left out: {fit.obstacle}."
            findings.append(Finding(code="RD533", severity="caution", sentence=sentence))
    if chosen.name != NONE:
        sentence = (
            "The update re-estimates the level of the risks from these rows, so that any shift of the log-odds made "
            "before (weights undone, a prevalence adjusted) makes no difference to the updated risks."
        )
        findings.append(Finding(code="RD534", severity="not applicable", sentence=sentence))
    return sort_findings(findings)


def _choice(kept: Sequence[RungFit], tests: Sequence[AgainstHighest], chosen: RungFit) -> Finding:
    place = [fit.name for fit in kept].index(chosen.name)
    highest = kept[-1]
    if chosen.name == NONE and len(kept) == 1:
        sentence = "No update has an estimate on these rows, so the old model stays as it is."
        return Finding(code="RD530", severity="caution", sentence=sentence)
    if chosen is highest:
        p = _p(max(test.p_value for test in tests[:-1]))
        sentence = f"Every lower rung fits significantly worse than {highest.name!r} (largest p {p})."
        return Finding(code="RD530", severity="issue", sentence=sentence, todo="Use .apply on risks of the old model.")
    p = _p(tests[place].p_value)
    if chosen.name == NONE:
        sentence = (
            f"These rows do not call for an update: {highest.name!r} does not improve on the old risks significantly "
            f"(p {p})."
        )
        return Finding(code="RD530", severity="good", sentence=sentence)
    sentence = f"{chosen.name!r} is enough: {highest.name!r} does not improve on it significantly (p {p})."
    return Finding(code="RD530", severity="issue", sentence=sentence, todo="Use .apply on risks of the old model.")


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"= {p_value(value)}"


def _few_events(given: Forecasts, highest: RungFit) -> list[Finding]:
    weight = each_weight(given) if given.weight_kind == "frequency" else np.ones(len(given.risk))
    events = float(weight @ given.is_event)
    rarer = min(events, float(weight.sum()) - events)
    if rarer >= _EVENTS_PER_PARAMETER * highest.n_parameters:
        return []
    sentence = (
        f"{count(rarer)} rows of the rarer outcome for {highest.n_parameters} coefficients of {highest.name!r}: the "
        "tests are rough, and with few events they rarely call for an update even where one is due."
    )
    todo = "Keep to a shift unless more rows come in."
    if highest.name == REFIT:
        todo = "Leave X out, or collect more rows; a penalised model is the better refit."
    return [Finding(code="RD532", severity="caution", sentence=sentence, todo=todo)]


def _same_rows(fits: Sequence[RungFit]) -> list[Finding]:
    by_name = {fit.name: fit for fit in fits}
    shift, line = by_name["citl"], by_name["citl and slope"]
    if shift.obstacle or line.obstacle:
        return []
    largest = max(abs(float(shift.coef[0])), abs(float(line.coef[1]) - 1))
    if largest > _BY_CONSTRUCTION:
        return []
    sentence = (
        f"Shift and slope are 0 and 1 within {number(_BY_CONSTRUCTION)}: the old model was fitted, or already "
        "updated, on these very rows, which cannot show whether it needs an update."
    )
    return [Finding(code="RD531", severity="issue", sentence=sentence, todo="Use rows that it has not seen.")]
