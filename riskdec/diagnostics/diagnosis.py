"""`diagnose`: the door to all of calibration, of one event or of many outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_integer, check_level, check_rng, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.result import with_frame_kind
from riskdec.diagnostics.hypothesis_tests import N_DRAWS
from riskdec.diagnostics.one_event import Settings, diagnose_forecasts
from riskdec.diagnostics.outcomes.many_outcomes import check_many_forecasts, has_many_columns
from riskdec.diagnostics.outcomes.multiclass import diagnose_outcomes
from riskdec.scores.forecasts import check_forecasts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.typing import ArrayLike, RngLike, WeightKind
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.report import CalibrationReport

# Draws where no test depends on them.
_N_RESAMPLES = 200


def diagnose(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    costs: CostMatrix | Mapping[str, object] | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    outcomes: Sequence[object] | None = None,
    confidence_level: float = 0.95,
    n_resamples: int | None = None,
    rng: RngLike = None,
) -> CalibrationReport | Any:  # with many columns another class: their number is no part of the type of an array
    """Say how honest predicted risks are: on average, in spread, along the whole curve, and in the user's costs.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes: two labels at most, or one for each column of `y_proba`.
    y_proba : array-like of shape (n,), (n, 2) or (n, K)
        Risk of the event, or the probability of each outcome, in the order of the sorted labels; columns of a frame
        that bear the names of the labels are found by name. Not fitted on these rows.
    costs : CostMatrix or dict, optional
        What each action costs under each outcome, or the keywords of `CostMatrix.binary`: adds the calibration at the
        thresholds they imply and a bound on what miscalibration can cost.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights; rows of weight 0 are as if absent. Do not reuse training weights here: they hide what
        they did.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other, such as the visits of one person.
    event : object, optional
        The label whose probability is the risk; 1 or True by default. With K > 2 columns: diagnose this outcome alone,
        against all others together.
    outcomes : sequence of K labels, optional
        The label of each of K > 2 columns, needed where not every label occurs in `y_true`.
    confidence_level : float
        Level of intervals and band.
    n_resamples : int, optional
        Number of draws under calibration, shared by all statistics: 999 by default where fewer than 100 events or
        non-events are expected, so that the p-values of tests come from them too, and 200 elsewhere.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationReport or MulticlassCalibrationReport
        The latter for K > 2 columns. Its findings say in words what is wrong, how sure that is, and what to do.

    Raises
    ------
    InputError
        For invalid outcomes, risks, weights or costs; the message names the argument, the rule and the culprit.

    Notes
    -----
    Everything follows from sums per distinct forecast, so neither the order of the rows nor writing repeated rows as
    frequency weights changes a bit of it (with importance weights or groups: nothing beyond rounding). Draws give each
    forecast a binomial number of events.

    Examples
    --------
    >>> report = diagnose([0, 1, 0, 1, 1] * 40, [0.2, 0.3, 0.5, 0.6, 0.8] * 40, rng=0)
    >>> report
    <CalibrationReport: n=200, mean risk 48.0 %, observed 60.0 %, slope 1.35, ICI 0.131>
    """
    settings = check_settings(confidence_level, n_resamples, rng)
    kind = frame_kind(y_true, y_proba)
    if has_many_columns(y_proba):
        many = check_many_forecasts(
            y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, outcomes=outcomes
        )
        if event is None:
            return with_frame_kind(diagnose_outcomes(many, costs, settings), kind)
        return with_frame_kind(diagnose_forecasts(many.against_rest(event), costs, settings), kind)
    if outcomes is not None:
        cure = "Say with event= which label the risk belongs to."
        raise refuse("outcomes", "be left out with fewer than three columns of y_proba", repr(outcomes), cure)
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    return with_frame_kind(diagnose_forecasts(given, costs, settings), kind)


def check_settings(confidence_level: object, n_resamples: object, rng: RngLike) -> Settings:
    """Check how to diagnose; without a number of draws there are more of them where few events are expected."""
    level, generator = check_level(confidence_level), check_rng(rng)
    if n_resamples is None:
        return Settings(level, _N_RESAMPLES, generator, few_resamples=N_DRAWS)
    return Settings(level, check_integer(n_resamples, name="n_resamples", low=1), generator)
