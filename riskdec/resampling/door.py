"""The door of the resampling functions: estimator, rows, costs and random numbers, checked together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.base import clone

from riskdec._base.checks import (
    check_counts,
    check_groups,
    check_labels,
    check_length,
    check_outcome,
    check_rng,
    refuse,
)
from riskdec._base.findings import Finding
from riskdec._base.frames import column_names, get_column, is_frame, open_frame
from riskdec.decisions import as_cost_matrix
from riskdec.models import LogisticRiskModel
from riskdec.models.faces import RiskFaces
from riskdec.models.formula import expand, find_complete_rows, parse_formula
from riskdec.resampling.procedure import Procedure, is_sparse, take_rows

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, IntArray, RngLike
    from riskdec.decisions import CostMatrix


class _Table(NamedTuple):
    """What a function was given, cut to the rows that a formula can use."""

    X: Any
    y: Any
    groups: Any
    sample_weight: Any
    finds_outcome: bool = False
    findings: tuple[Finding, ...] = ()


def open_procedure(
    estimator: Any,
    X: Any,
    y: object = None,
    *,
    groups: object = None,
    sample_weight: object = None,
    event: object = None,
) -> Procedure:
    """Check what a resampling function was given; rows of weight zero are as if absent.

    With a formula the outcomes may be a column of X, and rows that lack a value are left out if the model says so.

    Raises
    ------
    InputError
        For something that scikit-learn cannot clone, a classifier without `predict_proba`, anything but two
        outcomes, weights that are not whole, and a single group.
    """
    _check_estimator(estimator)
    table = _complete_rows(estimator, X, y, groups, sample_weight)
    X, y, groups, sample_weight = table.X, table.y, table.groups, table.sample_weight
    n = _count_rows(X)
    labels = check_labels(y, name="y", n=n)
    if event is None and isinstance(estimator, RiskFaces):
        event = estimator.event
    outcome = check_outcome(labels, event=event, name="y")
    is_event, counts, numbers = outcome.is_event, check_counts(sample_weight, n), check_groups(groups, n)
    if counts is not None and not counts.all():
        kept = np.flatnonzero(counts)
        X, labels, is_event, counts = take_rows(X, kept), labels[kept], is_event[kept], counts[kept]
        numbers = None if numbers is None else np.unique(numbers[kept], return_inverse=True)[1]
    if is_event.all() or not is_event.any():
        got = f"{int(is_event.sum())} events in {len(is_event)} rows"
        raise refuse("y", "hold events and non-events", got, "Look at how the rows were selected.")
    if numbers is not None and int(numbers.max()) == 0:
        raise refuse("groups", "hold at least two groups", "one", "Leave it out for independent rows.")
    return Procedure(
        estimator=estimator,
        X=X,
        labels=labels,
        is_event=is_event,
        event=outcome.event,
        groups=numbers,
        counts=counts,
        finds_outcome=table.finds_outcome,
        findings=table.findings,
    )


def check_costs(costs: object) -> CostMatrix | None:
    """Give costs of two outcomes, the second of them the event."""
    matrix = None if costs is None else as_cost_matrix(costs)
    if matrix is not None and len(matrix.outcomes) != 2:
        raise refuse("costs", "have two outcomes, the second of them the event", f"{len(matrix.outcomes)} outcomes")
    return matrix


def check_stream(rng: RngLike, random_state: RngLike) -> np.random.Generator:
    """Give the random numbers by either of their names: ours of functions, and scikit-learn's."""
    if rng is not None and random_state is not None:
        raise refuse(
            "rng and random_state", "not both be given", f"{rng!r} and {random_state!r}", "They are one thing."
        )
    return check_rng(random_state, name="random_state") if rng is None else check_rng(rng)


def _check_estimator(estimator: Any) -> None:
    try:
        clone(estimator)
    except TypeError as err:
        shown = f"the class {estimator.__name__}" if isinstance(estimator, type) else repr(estimator)
        cure = "Pass an object that need not be fitted, such as LogisticRiskModel()."
        raise refuse("estimator", "be a scikit-learn-style classifier", shown, cure) from err
    try:
        estimator.predict_proba  # noqa: B018 -- scikit-learn hides the method by raising
    except AttributeError:
        cure = "Give it probabilities first, for example with sklearn.calibration.CalibratedClassifierCV."
        raise refuse("estimator", "have predict_proba", type(estimator).__name__, cure) from None


def _count_rows(X: Any) -> int:
    try:
        return int(X.shape[0]) if is_sparse(X) else len(X)
    except TypeError:
        raise refuse("X", "hold rows", f"a {type(X).__name__}", "Pass a frame or an array.") from None


def _complete_rows(estimator: Any, X: Any, y: Any, groups: Any, sample_weight: Any) -> _Table:
    """Find the outcomes that a formula names, and leave out the rows that it cannot use."""
    table = _Table(X, y, groups, sample_weight)
    if not isinstance(estimator, LogisticRiskModel) or estimator.formula is None or not is_frame(X):
        if y is None:
            raise refuse(
                "y", "be given", "None", "Only a model with a two-sided formula finds the outcomes in the frame."
            )
        return table
    named = expand(parse_formula(estimator.formula), column_names(X))
    if y is None and named.outcome is None:
        raise refuse("formula", "name the outcome when y is None", repr(estimator.formula), "Or pass y.")
    if y is not None and named.outcome not in (None, getattr(y, "name", None)):
        raise refuse(
            "formula", "name the outcome only where y is not given", f"{named.outcome!r} and y", "Leave y out."
        )
    in_table = [] if named.outcome is None else [named.outcome]
    # Each refit looks at every column of its frame, so that those which play no part are left out once.
    needed = list(dict.fromkeys([*in_table, *named.variables]))
    X = open_frame(X).select(needed).to_native()
    complete = find_complete_rows(X, needed, missing=estimator.missing)
    table = table._replace(X=X)
    if named.outcome is not None:
        table = table._replace(y=get_column(X, named.outcome), finds_outcome=True)
    if not complete.n_missing:
        return table
    kept = np.flatnonzero(complete.keep)
    n = len(complete.keep)
    labels, people, weight = (
        part if np.ndim(part) == 0 else _rows_of(part, kept, n) for part in (table.y, groups, sample_weight)
    )
    sentence = f"{complete.sentence} and are left out; every figure is about complete rows."
    finding = Finding(code="RD111", severity="caution", sentence=sentence, todo="Look at who the others are.")
    return _Table(take_rows(X, kept), labels, people, weight, table.finds_outcome, (finding,))


def _rows_of(values: Any, kept: IntArray, n: int) -> AnyArray:
    array = np.asarray(values)
    check_length(array, n, name="y, groups and sample_weight")
    taken: AnyArray = array[kept]
    return taken
