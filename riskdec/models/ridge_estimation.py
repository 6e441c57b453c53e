"""From encoded rows to a `RidgeFit`: the penalised maximum, its covariances, its effective parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.codes import warn
from riskdec.errors import ConvergenceWarning
from riskdec.likelihood import risks, sandwich_covariance
from riskdec.likelihood.ridge import fit_ridge
from riskdec.models.fit_weights import count_classes
from riskdec.models.ridge_fit import RidgeFit

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, FrameKind, IntArray, WeightKind
    from riskdec.likelihood import LogitFit
    from riskdec.models.fit_weights import FitWeights
    from riskdec.models.ridge_fit import CovarianceKind


def estimate_ridge(
    design: FloatArray,
    codes: BoolArray,
    *,
    alpha: float,
    weights: FitWeights,
    groups: IntArray | None,
    names: tuple[str, ...],
    outcomes: AnyArray,
    weight_kind: WeightKind,
    frame_kind: FrameKind,
) -> RidgeFit:
    """Fit ridge at one strength and gather what is known about the estimate.

    Parameters
    ----------
    design : ndarray of shape (n, p)
        Finite numbers.
    codes : ndarray of bool, shape (n,)
        Rows of the second outcome.
    alpha : float
        Strength, positive.
    weights, groups, names, outcomes, weight_kind, frame_kind
        As in `riskdec.models.logistic_estimation.Problem`.
    """
    fit = fit_ridge(design, codes, alpha=alpha, weight=weights.total)
    if not fit.converged:
        message = f"the largest score is {fit.gradient:.2g} per row after {fit.n_iter} steps. Look at the columns."
        warn("RD103", message, ConvergenceWarning)
    residual = codes - risks(fit.linear_predictor)
    if weights.single is not None:
        residual = residual * weights.single
    cluster = None
    if groups is not None:
        cluster = sandwich_covariance(fit, residual, multiplicity=weights.multiplicity, groups=groups)
    kind: CovarianceKind = "cluster" if cluster is not None else "posterior" if weights.are_counts else "robust"
    sizes = count_classes(codes, weights.multiplicity, 2)
    fitted = count_classes(codes, weights.total, 2)
    return RidgeFit(
        terms=("Intercept", *names),
        coef=fit.coef,
        deviation=_deviations(fit),
        posterior_covariance=fit.covariance,
        robust_covariance=sandwich_covariance(fit, residual, multiplicity=weights.multiplicity),
        cluster_covariance=cluster,
        covariance_kind=kind,
        alpha=alpha,
        effective_parameters=_effective_parameters(fit, alpha),
        log_likelihood=fit.log_likelihood,
        null_log_likelihood=float(fitted @ np.log(fitted / fitted.sum())),
        outcomes=tuple(str(label) for label in outcomes.tolist()),
        n=float(sizes.sum()),
        n_by_outcome=tuple(sizes.tolist()),
        n_groups=None if groups is None else int(groups.max()) + 1,
        weight_kind=weight_kind,
        by_class=weights.by_class,
        n_iter=fit.n_iter,
        gradient=fit.gradient,
        condition=fit.condition,
        converged=fit.converged,
        findings=(),
        frame_kind=frame_kind,
    )


def _deviations(fit: LogitFit) -> FloatArray:
    deviation = np.zeros(len(fit.coef))
    deviation[1 + fit.design.kept] = fit.design.scale
    return deviation


def _effective_parameters(fit: LogitFit, alpha: float) -> float:
    """Give ``tr[I (I + alpha D)^-1] - 1``, D the identity on slopes: the hat matrix without the intercept."""
    slopes = np.diag(fit.inverse)[1:]
    return float(np.sum(1 - alpha * slopes))
