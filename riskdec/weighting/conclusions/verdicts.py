"""What reweighting was good for: cost, ranking, the parts of the loss, and the verdict on each scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import number, percent
from riskdec.weighting.comparison.flexible import CHANCE
from riskdec.weighting.conclusions.phrases import excludes, shown, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.result import Estimate
    from riskdec._base.typing import Severity
    from riskdec.weighting.comparison.coefficients import ShapeTest
    from riskdec.weighting.comparison.flexible import FlexibleCheck
    from riskdec.weighting.comparison.loss_parts import LossParts
    from riskdec.weighting.comparison.rows import WeightingRow
    from riskdec.weighting.schemes import Scheme

# Differences below this are rounding.
_ROUNDING = 1e-9


def about_cost(
    scheme: Scheme,
    none: WeightingRow,
    raw: WeightingRow,
    mended: WeightingRow | None,
    shape_test: ShapeTest | None,
) -> Iterator[Finding]:
    """Say what decisions cost on the risks as fitted, and on those mapped back (or shifted back, without a map)."""
    for row, state in ((raw, "as fitted"), (mended, "" if mended is None else mended.repair)):
        change = None if row is None else row.cost_difference
        if row is None or change is None:
            continue
        costs = (
            f"{subject(scheme)}, {state}: decisions cost {number(row.mean_realised_cost)} per row against "
            f"{number(none.mean_realised_cost)} without weights, difference {shown(change)}"
        )
        if not excludes(change, 0):
            sentence = f"{costs}, not told from chance on these rows."
            yield Finding(code="RD407", severity="good", sentence=sentence)
        elif change.estimate < 0 and shape_test is not None and shape_test.p_value >= CHANCE:
            sentence = (
                f"{costs}, both fits taken as given; but no slope moved by more than chance explains, so this is the "
                "luck of the training rows rather than a help."
            )
            yield Finding(code="RD407", severity="good", sentence=sentence)
        elif change.estimate < 0:
            todo = "Try a more flexible model without weights. If the gain stays, keep the weights and say so."
            sentence = (
                f"{costs}. Weighting helped here, as it can where a model of the wrong form is bent to be right near "
                "the cut that matters."
            )
            yield Finding(code="RD407", severity="caution", sentence=sentence, todo=todo)
        else:
            twice = ": costs count twice, in the weights and in the decision" if row is raw else ""
            severity: Severity = "issue" if row is raw else "caution"
            sentence = f"{costs}. Weighting did harm{twice}."
            yield Finding(code="RD407", severity=severity, sentence=sentence, todo="Decide on risks without weights.")


def about_ranking(scheme: Scheme, none: WeightingRow, raw: WeightingRow) -> Finding:
    """Say whether events were ranked better than without."""
    change = raw.auc_difference
    seen = f"AUC {number(raw.auc)} against {number(none.auc)} without, difference {shown(change)}"
    if not _moved(change):
        return _finding("RD408", "good", f"{subject(scheme)} ranked no better and no worse: {seen}.")
    if change.estimate < 0:
        return _finding("RD408", "caution", f"{subject(scheme)} ranked worse: {seen}.")
    todo = "Weights change a ranking where the form of the model is not that of the data: try splines, interactions."
    return _finding("RD408", "caution", f"{subject(scheme)} ranked better: {seen}.", todo)


def about_loss(scheme: Scheme, parts: LossParts) -> Finding:
    """Say what of the loss is a shift, a slope, or lost for good."""
    total = parts.total.estimate
    if parts.total.low <= 0:
        sentence = (
            f"{subject(scheme)} cost no Brier score that is told from chance: as fitted, {shown(parts.total)} more "
            "than the unweighted fit recalibrated."
        )
        return _finding("RD409", "good", sentence)
    lost = _moved(parts.remaining) and parts.remaining.estimate > 0
    rest = "lost for good" if lost else "not told from nothing"
    if _moved(parts.remaining) and parts.remaining.estimate < 0:
        rest = "better than without, once both are recalibrated"
    sentence = (
        f"{subject(scheme)} cost {shown(parts.total)} of Brier score as fitted. "
        f"{percent(parts.shift.estimate / total)} of that is a shift, which one number mends, "
        f"{percent(parts.slope.estimate / total)} a slope, which a second "
        f"one mends. What stays after both is {shown(parts.remaining)}: {rest}."
    )
    todo = "Fit without weights: no repair of single risks gives back what the fit did not learn." if lost else ""
    return _finding("RD409", "caution" if lost else "good", sentence, todo)


def about_flexible(check: FlexibleCheck) -> Finding:
    """Say whether a more flexible model needs the weights that helped the given one."""
    seen = (
        f"{check.scheme!r} ({check.repair}) saved {number(-check.gain.estimate, 3)} per row. {check.model} without "
        f"weights costs {number(check.mean_realised_cost)}: {shown(check.against_weighted)} against the weighted fit; "
        f"the same weights change it by {shown(check.flexible_gain)}"
    )
    if check.verdict == "vanishes":
        return _finding(
            "RD410",
            "good",
            f"{seen}. The gain vanishes with a model that can bend: the weights bent one of the wrong form.",
            f"Use {check.model} without weights.",
        )
    if check.verdict == "stays":
        return _finding(
            "RD410",
            "caution",
            f"{seen}. The gain stays with a model that can bend, so there is a reason to weight, or a form that it "
            "lacks too.",
            "Keep the weights if you must act now, say so, and recalibrate the risks; look for what the model lacks.",
        )
    return _finding(
        "RD410",
        "caution",
        f"{seen}. The flexible model neither gains from weights nor reaches the weighted fit: the question stays open.",
        "Pass a better model without weights as flexible=.",
    )


def about_worth(
    scheme: Scheme, none: WeightingRow, raw: WeightingRow, cheaper: WeightingRow | None, check: FlexibleCheck | None
) -> Finding:
    """Give the verdict on a scheme: harm, no harm, or help; `cheaper` is the row of decisions that it made cheaper."""
    harms = list(_harms(none, raw))
    ranking = raw.auc_difference
    order = "and ranks no better" if not (_moved(ranking) and ranking.estimate > 0) else "though it ranks better"
    if cheaper is not None:
        reason = {
            None: "no more flexible model was tried",
            "vanishes": "a more flexible model needs no weights for it",
            "stays": "a more flexible model gains from them too",
            "open": "a more flexible model did not settle why",
        }[None if check is None else check.verdict]
        also = f" As fitted it {_listed(harms)}." if harms else ""
        state = "as fitted" if cheaper.repair == "raw" else cheaper.repair
        sentence = f"Verdict on {scheme.name!r}: it helped decisions ({state}); {reason}.{also}"
        return _finding("RD411", "caution", sentence)
    if harms:
        sentence = f"Verdict on {scheme.name!r}: harm. As fitted it {_listed(harms)}, {order}."
        return _finding("RD411", "issue", sentence, "Fit without weights, and put the costs into the decision.")
    sentence = (
        f"Verdict on {scheme.name!r}: no harm that these rows tell from chance, in average risk, Brier score, ranking "
        f"{'or cost ' if raw.cost_difference is not None else ''}as fitted, and no help either."
    )
    return _finding("RD411", "good", sentence)


def _harms(none: WeightingRow, raw: WeightingRow) -> Iterator[str]:
    if excludes(raw.mean_error, 0) and abs(raw.mean_error.estimate) > abs(none.mean_error.estimate):
        yield f"puts the average risk at {percent(raw.mean_risk)} instead of {percent(raw.observed_rate)}"
    if _moved(raw.brier_difference) and raw.brier_difference.estimate > 0:
        yield f"raises the Brier score by {number(raw.brier_difference.estimate, 3)}"
    if raw.cost_difference is not None and _moved(raw.cost_difference) and raw.cost_difference.estimate > 0:
        yield f"makes decisions dearer by {number(raw.cost_difference.estimate, 3)} per row"
    if _moved(raw.auc_difference) and raw.auc_difference.estimate < 0:
        yield f"lowers the AUC by {number(-raw.auc_difference.estimate, 3)}"


def _listed(phrases: list[str]) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"


def _moved(estimate: Estimate) -> bool:
    return excludes(estimate, 0) and abs(estimate.estimate) > _ROUNDING


def _finding(code: str, severity: Severity, sentence: str, todo: str = "") -> Finding:
    return Finding(code=code, severity=severity, sentence=sentence, todo=todo)
