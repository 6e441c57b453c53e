"""One row of a comparison: every figure of one scheme in one state, and its paired differences from the plain fit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.result import Estimate, jsonable
from riskdec.weighting.differences import difference
from riskdec.weighting.judging import reaches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import FloatArray
    from riskdec.weighting.judging import Figure, HeldOut, Judged

Repair = Literal["raw", "undone", "recentred", "recalibrated"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WeightingRow:
    """What one scheme gave on the held-out rows, in one state.

    Attributes
    ----------
    scheme : str
        Name of the scheme.
    repair : {"raw", "undone", "recentred", "recalibrated"}
        Risks as the fit gives them; after the exact map back; with calibration-in-the-large re-estimated; with
        intercept and slope re-estimated (Platt). The latter two on parts of the held-out rows that are not judged.
    weight_ratio : float
        Weight of an event over that of a non-event in the fit; with folds the mean.
    mean_risk, observed_rate : float
        Average predicted risk, and share of events.
    mean_error : Estimate
        The one minus the other.
    citl, intercept, slope : Estimate
        Calibration-in-the-large (log-odds), and intercept and slope of the logistic recalibration.
    ici, cutoff_error : float
        Integrated calibration index, and largest imbalance over an interval of risks; positive by chance alone.
    miscalibration, discrimination : float
        Parts of the Brier score (CORP): what recalibration would remove, and what the ranking explains.
    brier, log_score, auc : float
        Scores; the log score is inf where an event of risk 0, or a non-event of risk 1, happened.
    flagged_at_half, precision_at_half, recall_at_half, f_at_half : float
        Share of rows with a risk of at least 0.5, share of events among them, share of events that they hold, and
        the harmonic mean of the latter two. Without a flagged row there is no precision (nan).
    flagged_at_threshold, precision_at_threshold, recall_at_threshold, f_at_threshold : float or None
        The same at the risk from which the costs want to act, deferring left aside; None without such costs.
    agreement_with_mle_cut : float
        Share of the 0.5 decisions that equal those of the unweighted fit cut at ``1 / (1 + weight_ratio)``;
        for risks that were repaired, cut at 0.5.
    mean_expected_cost, mean_realised_cost : float or None
        Per row, of the decisions of least expected cost on these risks: what they promise, and what they turn out to
        cost; None without costs.
    citl_difference, slope_difference, brier_difference, log_score_difference : Estimate
        This row minus scheme "none" as fitted, on the same held-out rows, both fits taken as given; intervals from
        what each row contributes.
    expected_cost_difference, cost_difference : Estimate or None
        The same of the expected and the realised cost; None without costs.
    auc_difference, ici_difference, cutoff_error_difference, miscalibration_difference, discrimination_difference, \
precision_at_half_difference, recall_at_half_difference, f_at_half_difference : Estimate
        The same with intervals from the paired bootstrap.
    precision_at_threshold_difference, recall_at_threshold_difference, f_at_threshold_difference : Estimate or None
        The same; None without such costs.
    """

    scheme: str
    repair: Repair
    weight_ratio: float
    mean_risk: float
    observed_rate: float
    mean_error: Estimate
    citl: Estimate
    intercept: Estimate
    slope: Estimate
    ici: float
    cutoff_error: float
    miscalibration: float
    discrimination: float
    brier: float
    log_score: float
    auc: float
    flagged_at_half: float
    precision_at_half: float
    recall_at_half: float
    f_at_half: float
    flagged_at_threshold: float | None
    precision_at_threshold: float | None
    recall_at_threshold: float | None
    f_at_threshold: float | None
    agreement_with_mle_cut: float
    mean_expected_cost: float | None
    mean_realised_cost: float | None
    citl_difference: Estimate
    slope_difference: Estimate
    brier_difference: Estimate
    log_score_difference: Estimate
    expected_cost_difference: Estimate | None
    cost_difference: Estimate | None
    auc_difference: Estimate
    ici_difference: Estimate
    cutoff_error_difference: Estimate
    miscalibration_difference: Estimate
    discrimination_difference: Estimate
    precision_at_half_difference: Estimate
    recall_at_half_difference: Estimate
    f_at_half_difference: Estimate
    precision_at_threshold_difference: Estimate | None
    recall_at_threshold_difference: Estimate | None
    f_at_threshold_difference: Estimate | None

    @property
    def name(self) -> str:
        """Scheme, with the repair where there is one."""
        return self.scheme if self.repair == "raw" else f"{self.scheme}, {self.repair}"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text, ready for JSON."""
        plain: dict[str, Any] = jsonable({name: _plain(value) for name, value in items(self)})
        return plain


def make_row(
    scheme: str,
    repair: Repair,
    ratio: FloatArray,
    judged: Judged,
    none: Judged,
    resampled: Mapping[str, Estimate],
    held_out: HeldOut,
) -> WeightingRow:
    """Put the figures of one set of risks beside those of the unweighted fit.

    Parameters
    ----------
    scheme, repair : str
        Names of the row.
    ratio : ndarray of shape (n,)
        Weight ratio of the fit that gave each risk.
    judged, none : Judged
        These risks, and those of the unweighted fit.
    resampled : mapping of str to Estimate
        Differences with intervals from the paired bootstrap, by the names of the figures.
    held_out : HeldOut
        The rows.
    """
    hierarchy, at_threshold = judged.hierarchy, judged.at_threshold
    rate = held_out.weights.mean(held_out.is_event)
    carried = ratio if repair == "raw" else np.ones(1)
    same = judged.at_half.flagged == reaches(none.risk, 1 / (1 + carried))
    further = {
        f"{name}_difference": None if at_threshold is None and name.endswith("_at_threshold") else value
        for name, value in resampled.items()
    }
    fields_by_name: dict[str, Any] = further
    return WeightingRow(
        scheme=scheme,
        repair=repair,
        weight_ratio=held_out.weights.mean(ratio),
        mean_risk=judged.mean_risk,
        observed_rate=rate,
        mean_error=_difference(judged.mean_risk - rate, judged.risk - held_out.is_event, held_out),
        citl=hierarchy.citl,
        intercept=hierarchy.intercept,
        slope=hierarchy.slope,
        ici=judged.ici,
        cutoff_error=judged.cutoff_error,
        miscalibration=judged.miscalibration,
        discrimination=judged.discrimination,
        brier=judged.brier.value,
        log_score=judged.log_score.value,
        auc=judged.auc,
        flagged_at_half=judged.at_half.share,
        precision_at_half=judged.at_half.precision,
        recall_at_half=judged.at_half.recall,
        f_at_half=judged.at_half.f,
        flagged_at_threshold=None if at_threshold is None else at_threshold.share,
        precision_at_threshold=None if at_threshold is None else at_threshold.precision,
        recall_at_threshold=None if at_threshold is None else at_threshold.recall,
        f_at_threshold=None if at_threshold is None else at_threshold.f,
        agreement_with_mle_cut=held_out.weights.mean(same),
        mean_expected_cost=None if judged.expected_cost is None else judged.expected_cost.value,
        mean_realised_cost=None if judged.realised_cost is None else judged.realised_cost.value,
        citl_difference=subtract(judged.citl, none.citl, held_out),
        slope_difference=subtract(judged.slope, none.slope, held_out),
        brier_difference=subtract(judged.brier, none.brier, held_out),
        log_score_difference=subtract(judged.log_score, none.log_score, held_out),
        expected_cost_difference=_subtract_known(judged.expected_cost, none.expected_cost, held_out),
        cost_difference=_subtract_known(judged.realised_cost, none.realised_cost, held_out),
        **fields_by_name,
    )


def subtract(figure: Figure, other: Figure, held_out: HeldOut) -> Estimate:
    """Give the difference of two figures on the same rows, with its interval."""
    # Where both risks were certain and wrong, infinity minus infinity is rightly no number.
    with np.errstate(invalid="ignore"):
        parts, value = figure.parts - other.parts, figure.value - other.value
        return _difference(value, parts, held_out)


def _difference(value: float, parts: FloatArray, held_out: HeldOut) -> Estimate:
    return difference(value, parts, held_out.groups, held_out.confidence_level, held_out.weights)


def _subtract_known(figure: Figure | None, other: Figure | None, held_out: HeldOut) -> Estimate | None:
    return None if figure is None or other is None else subtract(figure, other, held_out)


def items(row: Any) -> list[tuple[str, Any]]:
    """Give names and values of the fields of a row."""
    return [(field.name, getattr(row, field.name)) for field in fields(row)]


def _plain(value: Any) -> Any:
    return value.to_dict() if isinstance(value, Estimate) else value
