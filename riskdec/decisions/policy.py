"""From probabilities and costs to actions: the one with the least expected cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_numbers, check_option, refuse
from riskdec._base.findings import Finding, sort_findings
from riskdec._base.frames import column_names, frame_kind, is_frame
from riskdec._base.table import count, number
from riskdec.decisions.answer import Decisions
from riskdec.decisions.bayes_rule import choose_by_product, choose_by_risk
from riskdec.decisions.cost_input import as_cost_matrix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, IntArray
    from riskdec.decisions.cost_matrix import CostMatrix

# Above this many rows the cost of each one is not kept unless asked for.
KEEP_BELOW = 1_000_000


def decide(y_proba: ArrayLike, costs: CostMatrix | Mapping[str, object], *, keep_cost: bool | None = None) -> Decisions:
    """Choose the action of least expected cost for each row.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Probabilities in [0, 1]. With two outcomes the risk of the second one, or both columns; otherwise one
        column per outcome, rows summing to one within 1e-6. Columns stand in the order of `costs.outcomes`;
        those of a frame that bear the names of the outcomes are found by name. Costs give the right
        thresholds for calibrated probabilities only: see `riskdec.diagnose`.
    costs : CostMatrix or dict
        Costs with named outcomes and actions, or the keywords of `CostMatrix.binary` as a dict. A bare array
        is refused, because nothing tells its orientation.
    keep_cost : bool, optional
        Whether to keep the expected cost and the risk of each row, which `explain` needs; by default below a
        million rows.

    Returns
    -------
    Decisions
        Actions, never class labels.

    Raises
    ------
    InputError
        For values that are not probabilities, columns that do not fit the outcomes, and costs without names.

    Notes
    -----
    The expected cost of action a is `sum_k p_k C_ka`. With two outcomes the risk is compared with the cut
    points of `costs.regions()`; at exact indifference the action that costs more without the event is taken
    (`>=` goes to the higher region). With more outcomes the first of equally cheap actions is taken. At
    exact indifference every choice costs the same.

    Examples
    --------
    >>> decisions = decide([0.02, 0.2, 0.7], {"false_positive": 1, "false_negative": 15, "defer": 0.6})
    >>> decisions.action.tolist()
    ['negative', 'defer', 'positive']
    >>> decisions
    <Decisions: 3 rows: 1 negative, 1 positive, 1 defer; mean expected cost 0.4>
    """
    matrix = as_cost_matrix(costs)
    proba = _as_probabilities(y_proba, matrix)
    n = proba.shape[0]
    check_option(keep_cost, (None, True, False), name="keep_cost")
    keep = n < KEEP_BELOW if keep_cost is None else keep_cost
    binary = len(matrix.outcomes) == 2
    choose = choose_by_risk if binary else choose_by_product
    choice = choose(proba, matrix.costs, np.array(matrix.deciding), keep=keep)
    regions = matrix.regions() if binary else None
    counts = choice.counts
    deferred = 0 if matrix.defer_index is None else int(counts[matrix.defer_index])
    return Decisions(
        action_index=choice.action,
        costs=matrix,
        n=n,
        counts=counts,
        deferral_rate=deferred / n if n else np.nan,
        mean_expected_cost=choice.total_cost / n if n else np.nan,
        expected_cost=choice.expected_cost,
        y_proba=_kept(proba, binary=binary) if keep else None,
        regions=regions,
        forced_index=choice.forced,
        majority_index=choice.majority,
        findings=_findings(matrix, counts),
        frame_kind=frame_kind(y_proba),
    )


def _as_probabilities(y_proba: ArrayLike, costs: CostMatrix) -> AnyArray:
    """Give floats of shape (n,) or (n, K); that they are probabilities is checked in the pass over them."""
    array = np.asarray(y_proba)
    names = column_names(y_proba) if is_frame(y_proba) else ()
    if set(names) == set(costs.outcomes):
        array = array[:, [names.index(outcome) for outcome in costs.outcomes]]
    binary = len(costs.outcomes) == 2
    if binary and array.shape[1:] == (1,):
        array = array[:, 0]
    if array.shape[1:] != (len(costs.outcomes),) and not (binary and array.ndim == 1):
        shown = ", ".join(map(repr, costs.outcomes))
        rule = f"have one column per outcome ({shown})"
        rule += f", or hold the risk of {costs.outcomes[1]!r} alone" if binary else ""
        raise refuse("y_proba", rule, f"shape {array.shape}")
    return array if array.dtype.kind == "f" else check_numbers(array, name="y_proba", ndim=array.ndim)


def _kept(proba: AnyArray, *, binary: bool) -> FloatArray:
    risks = proba[:, 1] if binary and proba.ndim == 2 else proba
    return np.array(risks, dtype=np.float64)


def _findings(costs: CostMatrix, counts: IntArray) -> tuple[Finding, ...]:
    n = int(counts.sum())
    findings = []
    if n == 0:
        sentence = "There are no rows, so rates and mean costs do not exist."
        findings.append(Finding(code="RD305", severity="not applicable", sentence=sentence))
    if len(costs.outcomes) == 2:
        findings += _zone_findings(costs)
    else:
        sentence = f"Regions of risk need two outcomes; these costs have {len(costs.outcomes)}."
        findings.append(Finding(code="RD306", severity="not applicable", sentence=sentence))
    if n > 1 and counts.max() == n:
        findings.append(_one_action(costs, int(counts.argmax()), n))
    return sort_findings(findings)


def _zone_findings(costs: CostMatrix) -> list[Finding]:
    if costs.defer is None or costs.regions().gray_zone is not None:
        return []
    price = number(costs.break_even_price())
    sentence = f"At these costs {costs.defer!r} is the cheapest action at no risk, so nobody is deferred."
    todo = f"It would pay at some risks with a fee per case below {price}."
    return [Finding(code="RD303", severity="caution", sentence=sentence, todo=todo)]


def _one_action(costs: CostMatrix, action: int, n: int) -> Finding:
    name = costs.actions[action]
    spans = [f" (risk {r})" for r in costs.regions() if r.action == name] if len(costs.outcomes) == 2 else []
    sentence = f"All {count(n)} rows get the action {name!r}{''.join(spans)}."
    todo = "If that is not meant, read costs.sentences() and look at the range of the probabilities."
    if name == costs.defer:
        price = number(costs.break_even_price())
        todo = f"Deferring is cheap here; with a fee per case of {price} or more it would never pay. {todo}"
    return Finding(code="RD304", severity="caution", sentence=sentence, todo=todo)
