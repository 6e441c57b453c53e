"""From the probabilities of a classifier to decisions: its classes meet the outcomes of the costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import choose_event, refuse
from riskdec.models.doors.incomplete import defer_lacking, require_deferral
from riskdec.models.outcome_codes import known_outcomes

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray
    from riskdec.decisions import Decisions
    from riskdec.decisions.costs.named_costs import NamedCosts


class Classified(NamedTuple):
    """Rows, the probabilities of their classes, and the classes.

    Attributes
    ----------
    rows : data frame or array
        What the classifier was given: costs may depend on it.
    proba : ndarray of shape (n, K)
        One column for each class; NaN in rows without a prediction.
    classes : ndarray of shape (K,)
        Labels of the columns.
    """

    rows: object
    proba: FloatArray
    classes: AnyArray


def decide_rows(classified: Classified, costs: object, *, event: object, options: Mapping[str, Any]) -> Decisions:
    """Decide on classified rows.

    Parameters
    ----------
    classified : Classified
        Rows with probabilities.
    costs : CostMatrix, CaseCosts, CostRanges or dict
        For two outcomes, the second of them the event; or for as many outcomes as classes.
    event : label or None
        The class that is the event; with costs for two outcomes only.
    options : mapping
        `capacity`, `tie_break`, `risk_interval`, `rule`, `keep_cost` of `riskdec.decide`.

    Raises
    ------
    InputError
        If classes and outcomes do not fit, and for rows without a prediction that cannot be deferred.
    """
    from riskdec.decisions import as_costs, decide
    from riskdec.decisions.costs.cost_matrix import CostMatrix

    named = as_costs(costs)
    columns = outcome_columns(named, classified.classes, event=event)
    # Of two outcomes the risk of the second one is enough; a row without a prediction lacks all of its probabilities.
    binary = len(named.outcomes) == 2
    proba = np.ascontiguousarray(classified.proba[:, columns[1]]) if binary else classified.proba[:, columns]
    lacking = np.isnan(proba if binary else proba[:, 0])
    if not lacking.any():
        return decide(proba, named, rows=classified.rows, **options)
    plain = isinstance(named, CostMatrix)
    special = [name for name in ("capacity", "tie_break", "risk_interval") if options.get(name) is not None]
    if not plain or special or options.get("rule", "expected") != "expected":
        got = f"{int(lacking.sum())} of {len(lacking)} rows that lack a value and have no risk"
        cure = "Complete them, or decide on the others and defer these."
        raise refuse("X", "be complete with limits, intervals, other rules and costs by row", got, cure)
    assert isinstance(named, CostMatrix)
    require_deferral(named, lacking)
    return defer_lacking(decide(proba[~lacking], named, **options), named, proba, lacking)


def takes_event(costs: object) -> bool:
    """Tell whether costs are for two outcomes, so that one class has to be the event."""
    from riskdec.decisions import as_costs

    # The keywords of `CostMatrix.binary` make costs for two outcomes, and are looked at where they are made.
    return isinstance(costs, Mapping) or len(as_costs(costs).outcomes) == 2


def outcome_columns(costs: NamedCosts, classes: AnyArray, *, event: object) -> list[int]:
    """Give the column of each outcome of the costs among the classes.

    Two outcomes: the other class (or all others, where there are more) and the event. As many as classes: outcomes
    that bear the labels as names are found by name, others stand in the order of the classes.
    """
    labels = [str(label) for label in classes.tolist()]
    if len(costs.outcomes) == 2:
        place = classes.tolist().index(choose_event(classes, event, name="y"))
        # With more than two classes only the risk of the event is looked at.
        return [1 - place if len(labels) == 2 else place, place]
    shown = ", ".join(map(repr, labels[:5]))
    if event is not None:
        raise refuse("event", f"be left out with costs for {len(costs.outcomes)} outcomes", repr(event))
    if len(costs.outcomes) != len(labels):
        rule = f"have one outcome for each of the {len(labels)} classes ({shown}), or two, the second of them the event"
        raise refuse("costs", rule, f"{len(costs.outcomes)} outcomes")
    if set(costs.outcomes) == set(labels):
        return [labels.index(outcome) for outcome in costs.outcomes]
    mixed = set(costs.outcomes) & set(labels)
    if mixed:
        cure = f"Use all of the labels, or other names in the order of classes_ ({shown})."
        raise refuse("the outcomes of costs", "be the labels of y or none of them", repr(sorted(mixed)[0]), cure)
    return list(range(len(labels)))


def name_outcomes(y: ArrayLike, costs: NamedCosts, classes: AnyArray, *, event: object) -> AnyArray:
    """Give the outcome of each row, by the names that the costs use, from labels of classes."""
    codes = known_outcomes(y, classes)
    columns = outcome_columns(costs, classes, event=event)
    # With two outcomes all classes but the event are the other one.
    outcome_of = np.zeros(len(classes), dtype=np.intp)
    if len(costs.outcomes) == 2:
        outcome_of[columns[1]] = 1
    else:
        outcome_of[columns] = np.arange(len(columns))
    named: AnyArray = np.array(costs.outcomes, dtype=object)[outcome_of[codes]]
    return named
