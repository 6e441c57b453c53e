"""What an estimated prevalence rests on, and what speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import count, interval, number, p_value, percent
from riskdec.calibration.prevalence.rows import class_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.result import Estimate
    from riskdec._base.typing import FloatArray
    from riskdec.calibration.prevalence.answer import LabelShiftTest
    from riskdec.calibration.prevalence.density_ratio import Recalibration
    from riskdec.calibration.prevalence.rows import Rows

_SIGNIFICANT = 0.05
_FEW = 10


def describe_estimate(
    target: Rows,
    labelled: Rows | None,
    shares: Sequence[Estimate],
    *,
    test: LabelShiftTest | None,
    fitted: Recalibration | None,
    as_given: FloatArray | None,
) -> tuple[Finding, ...]:
    """Collect everything that is to be said."""
    findings = [*_ends(shares), *_few(target, labelled, shares), *_beyond(shares)]
    if labelled is None:
        sentence = (
            "The estimate takes for granted that the probabilities are calibrated at the training prevalence and that "
            "within each outcome the cases look as they did there (label shift). Neither can be seen without labels: "
            "probabilities that are off by a constant factor, or another mix of cases, give a confident wrong answer."
        )
        todo = "Pass labelled rows of the training population with y_true_calibration= and y_proba_calibration=."
        findings.append(Finding(code="RD527", severity="caution", sentence=sentence, todo=todo))
    elif test is None:
        sentence = "There are too few rows, with labels or without, to test label shift."
        findings.append(Finding(code="RD527", severity="not applicable", sentence=sentence))
    else:
        findings += _label_shift(test)
    if fitted is not None:
        findings += _recalibrated(fitted, shares, as_given)
    return sort_findings(findings)


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"= {p_value(value)}"


def _label_shift(test: LabelShiftTest) -> list[Finding]:
    if test.p_value >= _SIGNIFICANT:
        return []
    sentence = (
        f"No prevalence makes the scores of these rows a mixture of those of the labelled outcomes (p "
        f"{_p(test.p_value)}, chi-square {number(test.statistic, 3)} on {test.df} degrees of freedom): the "
        "cases themselves differ, not only how many of them have which outcome."
    )
    todo = "Do not use the estimate; label some of these rows and update the model on them (choose_update)."
    return [Finding(code="RD522", severity="issue", sentence=sentence, todo=todo)]


def _recalibrated(fitted: Recalibration, shares: Sequence[Estimate], as_given: FloatArray | None) -> list[Finding]:
    from scipy.special import chdtrc

    p = float(chdtrc(len(shares), fitted.wald))
    if p >= _SIGNIFICANT:
        return []
    sentence = (
        f"The probabilities are not calibrated on the labelled rows (slope {number(fitted.slope, 3)}; p "
        f"{_p(p)}) and were recalibrated there before the prevalence was estimated."
    )
    if as_given is not None:
        estimates = np.array([share.estimate for share in shares])
        place = 1 if len(shares) == 2 else int(np.abs(as_given - estimates).argmax())
        name = "of the event" if len(shares) == 2 else f"of column {place}"
        sentence += (
            f" As given they would make the prevalence {name} {percent(as_given[place], 2)} "
            f"instead of {percent(estimates[place], 2)}."
        )
    return [Finding(code="RD523", severity="caution", sentence=sentence)]


def _ends(shares: Sequence[Estimate]) -> list[Finding]:
    at_zero = [k for k, share in enumerate(shares) if share.estimate == 0]
    if not at_zero:
        return []
    findings = []
    for k in at_zero:
        share = shares[k]
        name = ("non-event" if k == 0 else "event") if len(shares) == 2 else f"outcome of column {k}"
        sentence = (
            f"The estimated prevalence of the {name} is 0, the end of its range; the rows are compatible with "
            f"{interval(100 * share.low, 100 * share.high, 3)} %."
        )
        todo = "Adjusted probabilities of that outcome are 0: decide with the upper limit as well."
        findings.append(Finding(code="RD524", severity="caution", sentence=sentence, todo=todo))
    return findings


def _beyond(shares: Sequence[Estimate]) -> list[Finding]:
    if shares[-1].low < shares[-1].high:
        return []
    sentence = (
        "The mean probability lies beyond that of the labelled rows of either outcome, further than chance explains: "
        "no prevalence is compatible with it, and the interval is empty but for the nearest one."
    )
    todo = "Do not use the estimate; label some of these rows and update the model on them (choose_update)."
    return [Finding(code="RD522", severity="issue", sentence=sentence, todo=todo)]


def _few(target: Rows, labelled: Rows | None, shares: Sequence[Estimate]) -> list[Finding]:
    findings = []
    blind = [k for k, share in enumerate(shares) if share.low == 0 and share.high == 1]
    if blind:
        sentence = "The scores do not tell the outcomes apart well enough for any prevalence to be excluded."
        findings.append(Finding(code="RD525", severity="issue", sentence=sentence))
    rarest = min(share.estimate for share in shares) * (target.total if target.weight_kind == "frequency" else target.n)
    if 0 < rarest < _FEW:
        sentence = f"About {count(round(rarest, 1))} rows of the rarest outcome are expected: the interval is rough."
        findings.append(Finding(code="RD526", severity="caution", sentence=sentence))
    if labelled is not None:
        total = labelled.total if labelled.weight_kind == "frequency" else labelled.n
        least = float(class_shares(labelled).min()) * total
        if least < _FEW:
            sentence = f"The rarest outcome has {count(round(least, 1))} labelled rows: the interval is too short."
            findings.append(Finding(code="RD526", severity="caution", sentence=sentence))
    return findings
