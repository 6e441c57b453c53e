"""Does a more flexible model need the weights? The test of whether a gain came from a model of the wrong form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from scipy.sparse import issparse
from sklearn.base import clone

from riskdec._base.result import Estimate, jsonable
from riskdec.models import LogisticRiskModel, TabularRiskModel
from riskdec.weighting.comparison.fits import fit_all
from riskdec.weighting.comparison.rows import items, subtract
from riskdec.weighting.door import Given
from riskdec.weighting.fitting import check_estimator
from riskdec.weighting.judging import judge_risks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec.weighting.comparison.coefficients import ShapeTest
    from riskdec.weighting.comparison.plan import Plan
    from riskdec.weighting.comparison.rows import WeightingRow
    from riskdec.weighting.judging import Figure, HeldOut, Judged

Verdict = Literal["vanishes", "stays", "open"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FlexibleCheck:
    """What a more flexible model without weights costs, where weights made decisions of the given model cheaper.

    Attributes
    ----------
    scheme, repair : str
        The row that was cheaper than the unweighted fit.
    model : str
        The more flexible model, as it prints.
    gain : Estimate
        Realised cost per row of that row minus that of the unweighted fit; below 0.
    mean_realised_cost : float
        Of the flexible model without weights.
    against_weighted : Estimate
        Flexible without weights minus the row that was cheaper.
    flexible_gain : Estimate
        Flexible with the same weights, in the same state, minus flexible without: what weights still gain.
    verdict : {"vanishes", "stays", "open"}
        "stays" if weights make the flexible model cheaper too, beyond noise; "vanishes" if they do not and the
        flexible model without weights keeps some of the gain at least, beyond noise; "open" otherwise.
    """

    scheme: str
    repair: str
    model: str
    gain: Estimate
    mean_realised_cost: float
    against_weighted: Estimate
    flexible_gain: Estimate
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text, ready for JSON."""
        plain = {name: value.to_dict() if isinstance(value, Estimate) else value for name, value in items(self)}
        return dict(jsonable(plain))


def choose_flexible(estimator: Any, flexible: Any, X: Any, event: object, given: Given | None = None) -> Any:
    """Give the model to try: the caller's, or the same with splines, ridge and levels; None where there is none.

    A logistic model with a formula has chosen its columns itself, and sparse rows have no splines. What was given about
    the rows says what weights mean.
    """
    given = Given() if given is None else given
    if flexible is not None:
        check_estimator(flexible, sample_weight=given.sample_weight, weight_kind=given.weight_kind)
        return flexible
    if issparse(X):
        return None
    if isinstance(estimator, LogisticRiskModel):
        return None if estimator.formula is not None else TabularRiskModel(event=event, weight_kind=given.weight_kind)
    if isinstance(estimator, TabularRiskModel) and (estimator.shape, estimator.penalty) != ("splines", "ridge"):
        if estimator.learner != "logistic":
            return None
        return clone(estimator).set_params(shape="splines", penalty="ridge", alpha="cv")
    return None


def find_helped(rows: Sequence[WeightingRow], shape_tests: Sequence[ShapeTest]) -> list[WeightingRow]:
    """Give one row for each scheme that made decisions cheaper beyond noise: as fitted, or mapped or shifted back.

    The interval of a difference takes both fits as given. Where a test says that no slope moved by more than chance,
    the two fits differ by the luck of the training rows, and nothing is said to have helped.
    """
    lucky = {test.scheme for test in shape_tests if not test.moved}
    undone = {row.scheme for row in rows if row.repair == "undone"}
    helped = [
        row
        for row in rows
        if row.scheme not in lucky | {"none"} and row.cost_difference is not None and row.cost_difference.high < 0
        # What is re-estimated on held-out rows is not a gain of the weights.
        if row.repair in ("raw", "undone") or (row.repair == "recentred" and row.scheme not in undone)
    ]
    best: dict[str, WeightingRow] = {}
    for row in sorted(helped, key=lambda row: row.mean_realised_cost or 0.0):
        best.setdefault(row.scheme, row)
    return list(best.values())


def try_flexible(
    model: Any,
    helped: Sequence[WeightingRow],
    judged: Mapping[tuple[str, str], Judged],
    wanted: Mapping[str, object],
    plan: Plan,
    held_out: HeldOut,
    repair_all: Any,
    seed: int,
) -> tuple[FlexibleCheck, ...]:
    """Fit the flexible model without weights and under each scheme that helped, and compare what decisions cost.

    Parameters
    ----------
    model : classifier
        The flexible one.
    helped : sequence of WeightingRow
        Rows that were cheaper than the unweighted fit.
    judged : mapping of (scheme, repair) to Judged
        Risks of the given model.
    wanted : mapping of str to scheme
        Schemes by name, as the caller wrote them.
    plan, held_out
        The rows.
    repair_all : callable
        Gives the risks of one fit in each state.
    seed : int
        Of the draws of rows.
    """
    fits = fit_all(model, plan, [wanted[row.scheme] for row in helped], seed)
    plain = judge_risks(dict(repair_all(fits.predicted[0]))["raw"], held_out)
    checks = []
    for row, predicted in zip(helped, fits.predicted[1:], strict=True):
        weighted = judge_risks(dict(repair_all(predicted))[row.repair], held_out)
        given = judged[row.scheme, row.repair]
        checks.append(_check(model, row, _cost(plain), _cost(weighted), _cost(given), held_out))
    return tuple(checks)


def _check(
    model: Any, row: WeightingRow, plain: Figure, weighted: Figure, given: Figure, held_out: HeldOut
) -> FlexibleCheck:
    against, gain = subtract(plain, given, held_out), subtract(weighted, plain, held_out)
    assert row.cost_difference is not None
    keeps_some = against.high < -row.cost_difference.estimate
    verdict: Verdict = "stays" if gain.high < 0 else "vanishes" if keeps_some else "open"
    return FlexibleCheck(
        scheme=row.scheme,
        repair=row.repair,
        model=type(model).__name__,
        gain=row.cost_difference,
        mean_realised_cost=plain.value,
        against_weighted=against,
        flexible_gain=gain,
        verdict=verdict,
    )


def _cost(judged: Judged) -> Figure:
    assert judged.realised_cost is not None
    return judged.realised_cost
