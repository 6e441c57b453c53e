"""From single refits to the answer: averages over refits, what they correct, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec.resampling.conclusions import conclude
from riskdec.resampling.performance import INDICES, largest_logistic_error
from riskdec.resampling.smoothing import distances
from riskdec.resampling.validation_answer import LABELS, BootstrapValidation, ValidatedIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray
    from riskdec.resampling.performance import Performance
    from riskdec.resampling.procedure import Procedure
    from riskdec.resampling.smoothing import Curve

# Refits on which an index must exist for its mean to be given.
_OFTEN = 0.9
# Places of the calibration curve.
_PLACES = 50
# Of the indices these are distances, whose chance part a difference of means does not remove.
_DISTANCES = [INDICES.index(name) for name in ("ici", "e50", "e90", "emax")]


class Refit(NamedTuple):
    """How one refit does on the rows it was fitted on and on those it is judged on.

    Attributes
    ----------
    training, test : ndarray
        Indices, in the order of `INDICES`.
    unseen : ndarray or None
        Indices on the rows that a resample does not hold; None where the refit is certain not to have learned single
        rows by heart, or all rows judged are unseen.
    lift : ndarray of shape (m,)
        Smoothed event rate on its own rows minus that on the rows it is judged on, at the places of the curve.
    n_certain : int
        Rows with a risk of exactly 0 or 1.
    fell_back : bool
        Whether Firth's likelihood answered separated rows.
    """

    training: FloatArray
    test: FloatArray
    unseen: FloatArray | None
    lift: FloatArray
    n_certain: int
    fell_back: bool


def curve_places(curve: Curve) -> FloatArray:
    """Choose the risks at which the calibration curve is given, evenly over those that occur."""
    return np.linspace(curve.risk[0], curve.risk[-1], _PLACES)


def rate_at(curve: Curve, places: FloatArray) -> FloatArray:
    """Give the smoothed event rate at some risks; beyond its ends a curve goes on as it ends."""
    return np.interp(places, curve.risk, curve.rate)


def answer(
    procedure: Procedure,
    apparent: Performance,
    n_certain: int,
    places: FloatArray,
    done: Sequence[Refit | None],
    *,
    method: Any,
    kind: Any,
    n_folds: int | None = None,
) -> BootstrapValidation:
    """Average the refits, correct what was apparent, and say what it means."""
    refits = [refit for refit in done if refit is not None]
    if not refits:
        cure = "Fit it once by hand on a resample to see why."
        raise refuse("estimator", "be fitted on at least one resample", f"{len(done)} that failed", cure)
    training, test, n_without_slope = _means(refits)
    lift = np.mean([refit.lift for refit in refits], axis=0)
    # Rows left out in turn are new rows as they are; only what was judged on its own rows has optimism to take off.
    plain = test if method == "folds" else apparent.indices - (training - test)
    corrected = _corrected(apparent, plain, np.interp(apparent.curve.risk, places, lift))
    unseen = [refit.unseen for refit in refits if refit.unseen is not None]
    indices = _indices(
        apparent.indices,
        training if method == "bootstrap" else np.full_like(training, np.nan),
        test,
        np.mean(unseen, axis=0) if unseen else np.full_like(test, np.nan),
        corrected,
    )
    curve = rate_at(apparent.curve, places)
    weight = procedure.weight
    n_failed, n_firth = len(done) - len(refits), sum(refit.fell_back for refit in refits)
    return BootstrapValidation(
        indices=indices,
        curve_risk=places,
        curve_apparent=curve,
        curve_corrected=np.clip(curve - lift, 0, 1),
        method=method,
        n_resamples=len(done),
        n_folds=n_folds,
        n_failed=n_failed,
        n_firth=n_firth,
        n=float(weight.sum()),
        n_events=float(weight @ procedure.is_event),
        n_groups=None if procedure.groups is None else int(procedure.groups.max()) + 1,
        estimator=type(procedure.estimator).__name__,
        event=str(procedure.event),
        findings=conclude(
            {index.name: index for index in indices},
            n_refits=len(done),
            n_failed=n_failed,
            n_firth=n_firth,
            n_certain=n_certain,
            n_without_slope=n_without_slope,
            method=method,
            about_rows=procedure.findings,
        ),
        frame_kind=kind,
    )


def _means(refits: Sequence[Refit]) -> tuple[FloatArray, FloatArray, int]:
    """Average each index over the refits on which it exists, NaN where it often does not; count those without slope."""
    training = np.stack([refit.training for refit in refits])
    test = np.stack([refit.test for refit in refits])
    exists = np.isfinite(training) & np.isfinite(test)
    share = exists.mean(axis=0)
    # Both means are over the same refits, or their difference would be that of the refits.
    means = [np.where(exists, part, 0.0).mean(axis=0) / np.maximum(share, 1e-12) for part in (training, test)]
    often = share >= _OFTEN
    n_without_slope = int((~exists[:, INDICES.index("slope")]).sum())
    return np.where(often, means[0], np.nan), np.where(often, means[1], np.nan), n_without_slope


def _corrected(apparent: Performance, plain: FloatArray, lift: FloatArray) -> FloatArray:
    """Replace the corrected distances from calibration by those of the corrected curve."""
    corrected = plain.copy()
    corrected[_DISTANCES] = distances(apparent.curve._replace(rate=apparent.curve.rate - lift))
    return corrected


def _indices(
    apparent: FloatArray, training: FloatArray, test: FloatArray, unseen: FloatArray, corrected: FloatArray
) -> tuple[ValidatedIndex, ...]:
    columns = (apparent, training, test, unseen, apparent - corrected, corrected)
    numbers = {
        name: tuple(float(column[i]) for column in columns)
        for i, name in enumerate(INDICES)
        # Without costs there is no cost.
        if name != "realised_cost" or np.isfinite(apparent[i])
    }
    line = (INDICES.index("intercept"), INDICES.index("slope"))
    largest = [largest_logistic_error(*(float(column[i]) for i in line)) for column in (apparent, corrected)]
    nothing = float("nan")
    numbers["emax_logistic"] = (largest[0], nothing, nothing, nothing, largest[0] - largest[1], largest[1])
    keys = ("apparent", "training", "test", "unseen", "optimism", "corrected")
    return tuple(
        ValidatedIndex(name=name, **dict(zip(keys, numbers[name], strict=True))) for name in LABELS if name in numbers
    )
