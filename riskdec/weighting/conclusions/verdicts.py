"""What reweighting was good for: cost, ranking, the parts of the loss, and the verdict on each scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import number, percent
from riskdec.weighting.conclusions.clauses import Clause
from riskdec.weighting.conclusions.phrases import excludes, part, shown

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
) -> Iterator[Clause]:
    """Say what decisions cost on the risks as fitted, and on those mapped back (or shifted back, without a map)."""
    lucky = shape_test is not None and not shape_test.moved
    for row in (raw,) if mended is None else (raw, mended):
        change = row.cost_difference
        if change is None:
            continue
        state = "As fitted" if row is raw else row.repair.capitalize()
        severity, compared, tail, todo = _judge_cost(change, lucky=lucky, twice=row is raw)
        lead = f"{state}, decisions cost {compared} without weights ({number(none.mean_realised_cost)} per row)"
        about = f"{scheme.name!r} {number(row.mean_realised_cost)}, difference {shown(change)}"
        yield Clause("RD407", severity, lead, about, tail, todo)


def _judge_cost(change: Estimate, *, lucky: bool, twice: bool) -> tuple[Severity, str, str, str]:
    """Give severity, comparison, what it means and what to do for a difference of costs."""
    if not excludes(change, 0):
        return "good", "neither more nor less than", "None of that is told from chance on these rows.", ""
    if change.estimate > 0:
        twofold = ": costs count twice, in the weights and in the decision" if twice else ""
        tail = f"Weighting did harm{twofold}."
        return "issue" if twice else "caution", "more than", tail, "Decide on risks without weights."
    if lucky:
        tail = "But no slope moved by more than chance explains: the luck of the training rows rather than a help."
        return "good", "less than", tail, ""
    tail = (
        "Weighting helped here, as it can where a model of the wrong form is bent to be right near the cut that "
        "matters."
    )
    todo = "Try a more flexible model without weights. If the gain stays, keep the weights and say so."
    return "caution", "less than", tail, todo


def about_ranking(scheme: Scheme, none: WeightingRow, raw: WeightingRow) -> Clause:
    """Say whether events were ranked better than without."""
    change = raw.auc_difference
    ranked, todo = "worse", ""
    severity: Severity = "caution"
    if not _moved(change):
        ranked, severity = "no better and no worse", "good"
    elif change.estimate > 0:
        ranked = "better"
        todo = "Weights change a ranking where the form of the model is not that of the data: try splines."
    lead = f"Weights ranked {ranked} than none (AUC {number(none.auc)})"
    return Clause("RD408", severity, lead, f"{scheme.name!r} {number(raw.auc)}, difference {shown(change)}", todo=todo)


def about_loss(scheme: Scheme, parts: LossParts) -> Clause:
    """Say what of the loss is a shift, a slope, or lost for good."""
    total = parts.total.estimate
    if parts.total.low <= 0:
        lead = "Brier score as fitted beyond that without weights, not told from nothing"
        return Clause("RD409", "good", lead, f"{scheme.name!r} {shown(parts.total)}")
    lost = _moved(parts.remaining) and parts.remaining.estimate > 0
    rest = "lost for good" if lost else "not told from nothing"
    if _moved(parts.remaining) and parts.remaining.estimate < 0:
        rest = "a gain, once both are recalibrated"
    return Clause(
        code="RD409",
        severity="caution" if lost else "good",
        lead="Brier score lost as fitted",
        about=f"{scheme.name!r} {shown(parts.total)}, of which a shift {part(parts.shift.estimate / total)}, a "
        f"slope {part(parts.slope.estimate / total)}, and {shown(parts.remaining)} stays after both",
        tail=f"One number mends a shift, a second one a slope; what stays is {rest}.",
        todo="Fit without weights: no repair of single risks gives back what the fit did not learn." if lost else "",
    )


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
        f"{seen}. Whether the gain vanishes with a model that can bend is not told from these rows: the question stays "
        "open.",
        "Take more rows, or pass a better model as flexible=.",
    )


def about_worth(
    scheme: Scheme, none: WeightingRow, raw: WeightingRow, cheaper: WeightingRow | None, check: FlexibleCheck | None
) -> Finding:
    """Give the verdict on a scheme: harm, no harm, or help; `cheaper` is the row of decisions that it made cheaper."""
    harms = list(_harms(none, raw))
    ranking = raw.auc_difference
    order = ", and ranks no better"
    if _moved(ranking):
        # That it ranks worse is among the harms.
        order = ", though it ranks better" if ranking.estimate > 0 else ""
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
        costs = "; decisions cost the same, as far as these rows tell" if _is_untold(raw.cost_difference) else ""
        sentence = f"Verdict on {scheme.name!r}: harm. As fitted it {_listed(harms)}{order}{costs}."
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


def _is_untold(change: Estimate | None) -> bool:
    return change is not None and not _moved(change)


def _finding(code: str, severity: Severity, sentence: str, todo: str = "") -> Finding:
    return Finding(code=code, severity=severity, sentence=sentence, todo=todo)
