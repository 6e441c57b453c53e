"""From encoded rows to a fitted model of one of three kinds: ridge, maximum likelihood, or any classifier."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.result import with_frame_kind
from riskdec.likelihood import fit_binomial, fit_firth
from riskdec.models.callbacks import subtask
from riskdec.models.regression.logistic_estimation import Problem
from riskdec.models.shrinking.ridge_estimation import estimate_ridge
from riskdec.models.shrinking.ridge_path import ALPHAS, AlphaChoice, choose_by_folds
from riskdec.models.shrinking.shrinkage import (
    column_findings,
    heuristic_shrinkage,
    optimism_finding,
    parameter_finding,
    strength_findings,
)
from riskdec.models.tables.tabular_learner import fit_learner, predict_left_out

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.typing import FloatArray, FrameKind, WeightKind
    from riskdec.calibration import Calibrator
    from riskdec.models.regression.logistic import LogisticRiskModel
    from riskdec.models.regression.logistic_fit import LogisticFit
    from riskdec.models.shrinking.folds import Folds
    from riskdec.models.shrinking.ridge_fit import RidgeFit
    from riskdec.models.shrinking.ridge_path import Fold
    from riskdec.models.tables.encoding import TableEncoding
    from riskdec.models.tables.tabular_rows import Recalibration, TableRows

_TOL, _MAX_ITER = 1e-8, 100


class Estimated(NamedTuple):
    """What was fitted, and how.

    Attributes
    ----------
    model : RidgeFit, LogisticRiskModel or classifier
        What gives the log-odds of encoded rows.
    choice : AlphaChoice or None
        Where cross-validation chose the strength.
    recalibration : Recalibration, Calibrator or None
        Where it was asked for: intercept and slope for "platt" and "auto", otherwise the calibrator.
    findings : tuple of Finding
        What a reader must know.
    """

    model: Any
    choice: AlphaChoice | None
    recalibration: Recalibration | Calibrator | None
    findings: tuple[Finding, ...]


def estimate_shrunken(
    rows: TableRows,
    encoding: TableEncoding,
    *,
    alpha: float | None,
    calibration: Any,
    rng: np.random.Generator,
    weight_kind: WeightKind,
    frame_kind: FrameKind,
) -> Estimated:
    """Fit ridge with the strength given, or with the one that predicts rows left out best (``alpha=None``)."""
    # Class weights shift the risks on purpose: recalibration would undo that, and is left to who asks for it.
    unweighted = rows.weights.by_class is None
    if isinstance(calibration, str) and calibration == "auto" and not (alpha is None and unweighted):
        calibration = None
    choice: AlphaChoice | None = None
    line: Recalibration | None = None
    recalibration: Recalibration | Calibrator | None = None
    if alpha is None or calibration is not None:
        folds = rows.deal(encoding, rng)
        tried = ALPHAS if alpha is None else np.array([alpha])
        found, log_odds = choose_by_folds(rows.split(folds), tried)
        # Where nobody asked, risks may be drawn in, but not driven apart by what may be chance.
        largest = 1.0 if isinstance(calibration, str) and calibration == "auto" else math.inf
        line = rows.recalibrate(folds, log_odds, largest_slope=largest)
        recalibration = _recalibrate(rows, folds, log_odds, calibration, line)
        choice = with_frame_kind(found, frame_kind) if alpha is None else None
    problem = Problem(
        X=encoding.fill(encoding.take(rows.table))[0],
        codes=rows.codes,
        weights=rows.weights,
        offset=None,
        groups=rows.groups,
        names=encoding.names,
        outcomes=tuple(str(label) for label in rows.classes.tolist()),
        intercept=True,
        penalty="ridge",
        on_separation="firth",
        weight_kind=weight_kind,
        tol=_TOL,
        max_iter=_MAX_ITER,
        frame_kind=frame_kind,
    )
    fit = estimate_ridge(problem, choice.alpha if choice is not None else float(alpha or 0))
    # Under class weights the left-out slope belongs to a shifted risk: it says nothing about optimism.
    slope = line.slope_left_out if line is not None and unweighted else None
    findings = (
        parameter_finding(fit.n_by_outcome, fit.effective_parameters),
        *_optimism(fit, fit.effective_parameters, slope),
        *(() if choice is None else strength_findings(choice)),
        *column_findings(encoding),
    )
    model = dataclasses.replace(fit, findings=findings)
    return Estimated(model, choice, recalibration, findings)


def estimate_likelihood(
    rows: TableRows,
    encoding: TableEncoding,
    model: LogisticRiskModel,
    design: Any,
    *,
    calibration: Any,
    rng: np.random.Generator,
) -> Estimated:
    """Fit by maximum likelihood, with the inference that belongs to it."""
    model.fit(design, rows.classes[rows.codes.astype(np.intp)], rows.sample_weight, groups=rows.groups)
    recalibration: Recalibration | Calibrator | None = None
    if calibration is not None:
        folds = rows.deal(encoding, rng)
        left_out = [_maximum_likelihood(fold) for fold in rows.split(folds)]
        recalibration = _recalibrate(rows, folds, left_out, calibration)
    fit = model.fit_result_
    df = len(fit.coef) - 1 - len(fit.aliases)
    findings = (*fit.findings, *_optimism(fit, df, None), *column_findings(encoding))
    model.fit_result_ = dataclasses.replace(fit, findings=findings)
    return Estimated(model, None, recalibration, findings)


def estimate_learner(
    rows: TableRows,
    encoding: TableEncoding,
    learner: Any,
    *,
    calibration: Any,
    rng: np.random.Generator,
) -> Estimated:
    """Fit any classifier on the encoded rows."""
    recalibration: Recalibration | Calibrator | None = None
    if calibration is not None:
        folds = rows.deal(encoding, rng)
        left_out = predict_left_out(learner, rows.split(folds, are_fits=True))
        recalibration = _recalibrate(rows, folds, left_out, calibration)
    design = encoding.fill(encoding.take(rows.table))[0]
    with subtask("fit on all rows"):
        model = fit_learner(learner, design, rows.codes, rows.weights.total)
    return Estimated(model, None, recalibration, column_findings(encoding))


def _recalibrate(
    rows: TableRows, folds: Folds, log_odds: list[FloatArray], calibration: Any, line: Recalibration | None = None
) -> Recalibration | Calibrator | None:
    """Fit what was asked for to the log-odds of rows left out; "auto" and "platt" are a line."""
    if calibration is None:
        return None
    if isinstance(calibration, str) and calibration in ("auto", "platt"):
        return rows.recalibrate(folds, log_odds, largest_slope=math.inf) if line is None else line
    return rows.calibrate(folds, log_odds, calibration)


def _optimism(fit: RidgeFit | LogisticFit, n_parameters: float, slope: float | None) -> tuple[Finding, ...]:
    """Tell the expected optimism where the likelihood is one of independent rows."""
    if fit.by_class is not None or fit.weight_kind == "importance" or n_parameters <= 0:
        return ()
    return (optimism_finding(heuristic_shrinkage(fit.log_likelihood, fit.null_log_likelihood, n_parameters), slope),)


def _maximum_likelihood(fold: Fold) -> FloatArray:
    fit = fit_binomial(fold.X, fold.y, weight=fold.weight)
    if not fit.converged:
        fit = fit_firth(fold.X, fold.y, weight=fold.weight)
    log_odds: FloatArray = fit.coef[0] + fold.X_left_out @ fit.coef[1:]
    return log_odds
