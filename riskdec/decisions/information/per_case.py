"""What knowing more would be worth, case by case: for certain, through a test, and through what can be bought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number, check_numbers, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.choosing.probabilities import distributions
from riskdec.decisions.costs.cost_input import as_cost_matrix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.decisions.costs.cost_matrix import CostMatrix


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ValueOfInformation(Framed):
    """What information about single cases would save, in the unit of the costs.

    `frame` gives one line per case: value of knowing the outcome, and of the test where there is one.

    Attributes
    ----------
    perfect : ndarray of shape (n,)
        What knowing the outcome beforehand would save in each case, against the best action that decides.
    imperfect : ndarray of shape (n,) or None
        What the result of the test would save, its price not subtracted.
    price : float
        Price of the test per case.
    worth_asking : float or None
        Share of cases in which the test saves more than its price.
    net : float or None
        Mean saving per case if the test is bought exactly where it pays.
    actions : tuple of str
        Actions of the costs that do not decide: deferring, tests that can be bought.
    action_saving, action_share : ndarray of shape (B,)
        Mean saving per case from having the action at all, its price subtracted, if it is taken where it beats every
        action that decides; and the share of cases in which it does.
    n : int
        Cases.
    """

    perfect: FloatArray
    imperfect: FloatArray | None
    price: float
    worth_asking: float | None
    net: float | None
    actions: tuple[str, ...]
    action_saving: FloatArray
    action_share: FloatArray
    n: int

    def summary(self) -> Table:
        """Give the value per case and in total: of knowing the outcome, of the test, of what can be bought."""
        rows = [_line("knowing the outcome", self.perfect)]
        notes = ["No source of information is worth more than knowing the outcome."]
        if self.imperfect is not None and self.worth_asking is not None:
            rows.append(_line("the result of the test, before its price", self.imperfect))
            total = number(self.n * (self.net or 0.0))
            share = percent(self.worth_asking)
            rows.append((f"the test at {number(self.price)}, where it pays", number(self.net), total, "", share))
        for name, saving, share in zip(self.actions, self.action_saving.tolist(), self.action_share, strict=True):
            rows.append((f"having {name!r}", number(saving), number(self.n * saving), "", percent(share)))
        header = ("", "mean per case", "in total", "largest", "cases")
        return Table(
            title=f"Value of information for {count(self.n)} cases", header=header, rows=tuple(rows), notes=tuple(notes)
        )

    def _columns(self) -> dict[str, Any]:
        columns = {"perfect": self.perfect}
        return columns if self.imperfect is None else {**columns, "imperfect": self.imperfect}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        return self._plain_fields()

    def _headline(self) -> str:
        mean = number(self.perfect.mean() if self.n else 0.0)
        return f"{count(self.n)} cases, knowing the outcome is worth {mean} per case"


def value_of_information(
    y_proba: ArrayLike,
    costs: CostMatrix | Mapping[str, object],
    *,
    sensitivity: float | None = None,
    specificity: float | None = None,
    likelihood: ArrayLike | None = None,
    price: float = 0.0,
) -> ValueOfInformation:
    """Give what information about each case would save.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Calibrated probabilities, as for `decide`.
    costs : CostMatrix or dict
        Costs with named outcomes and actions.
    sensitivity, specificity : float, optional
        Of a test, for two outcomes: probability of a positive result with the event, and of a negative one without.
    likelihood : array-like of shape (K, S), optional
        The same for K outcomes and S results: probability of each result under each outcome.
    price : float
        Price of the test per case.

    Returns
    -------
    ValueOfInformation
        Per case, on average and in total.

    Raises
    ------
    InputError
        For half a test, rates outside [0, 1], and rows of `likelihood` that do not sum to one.

    Notes
    -----
    With expected costs `EC_a = sum_k p_k C_ka` of the actions that decide, knowing the outcome saves
    `min_a EC_a - sum_k p_k min_a C_ka`, and a test with results s saves
    `min_a EC_a - sum_s min_a sum_k p_k P(s|k) C_ka`: never less than nothing, nothing where no result changes the
    action, and never more than knowing the outcome. An interval around a risk is no reason to defer by itself:
    expected cost is linear in the risk. What a test could change is.

    References
    ----------
    R. A. Howard, Information value theory, IEEE Trans. Systems Science and Cybernetics 2, 1966.

    Examples
    --------
    >>> costs = {"false_positive": 1, "false_negative": 9}
    >>> value = value_of_information([0.02, 0.1, 0.5], costs, sensitivity=0.9, specificity=0.9, price=0.1)
    >>> value.perfect.round(2).tolist(), value.imperfect.round(2).tolist(), round(value.worth_asking, 2)
    ([0.18, 0.9, 0.5], [0.06, 0.72, 0.0], 0.33)
    """
    matrix = as_cost_matrix(costs)
    proba = distributions(y_proba, matrix)
    table = matrix.costs[:, matrix.deciding]
    best = (proba @ table).min(axis=1)
    perfect = best - proba @ table.min(axis=1)
    fee = check_number(price, name="price")
    results = _check_likelihood(sensitivity, specificity, likelihood, len(matrix.outcomes))
    imperfect, asked, net = None, None, None
    if results is not None:
        after = np.sum([((proba * results[:, s]) @ table).min(axis=1) for s in range(results.shape[1])], axis=0)
        imperfect = np.maximum(best - after, 0.0)
        pays = imperfect > fee
        asked, net = float(pays.mean()), float(np.maximum(imperfect - fee, 0.0).mean())
    savings = best[:, None] - proba @ matrix.costs[:, matrix.not_deciding]
    return ValueOfInformation(
        perfect=np.maximum(perfect, 0.0),
        imperfect=imperfect,
        price=fee,
        worth_asking=asked,
        net=net,
        actions=tuple(matrix.actions[a] for a in matrix.not_deciding),
        action_saving=np.maximum(savings, 0.0).mean(axis=0),
        action_share=(savings > 0).mean(axis=0),
        n=proba.shape[0],
        frame_kind=frame_kind(y_proba),
    )


def _check_likelihood(
    sensitivity: object, specificity: object, likelihood: object, n_outcomes: int
) -> FloatArray | None:
    if sensitivity is None and specificity is None and likelihood is None:
        return None
    if likelihood is not None:
        if sensitivity is not None or specificity is not None:
            raise refuse("likelihood", "come without sensitivity and specificity", "both", "It says the same.")
        results = check_numbers(likelihood, name="likelihood", ndim=2)
        fits = results.shape[0] == n_outcomes and (results >= 0).all() and np.allclose(results.sum(axis=1), 1.0)
        if not fits:
            rule = f"have one row of probabilities that sum to 1 per outcome ({n_outcomes})"
            raise refuse("likelihood", rule, f"shape {results.shape}, row sums {results.sum(axis=1).tolist()}")
        return results
    if n_outcomes != 2:
        cure = "Use likelihood=, one row per outcome."
        raise refuse("sensitivity and specificity", "be used with two outcomes", f"{n_outcomes} outcomes", cure)
    if sensitivity is None or specificity is None:
        raise refuse("sensitivity and specificity", "both be given", "one of them")
    hit = check_number(sensitivity, name="sensitivity", low=0, high=1)
    clear = check_number(specificity, name="specificity", low=0, high=1)
    return np.array([[clear, 1 - clear], [1 - hit, hit]])


def _line(name: str, values: FloatArray) -> tuple[str, str, str, str, str]:
    if not values.size:
        return (name, "", "", "", "")
    share = percent(float((values > 0).mean()))
    return (name, number(values.mean()), number(values.sum()), number(values.max()), share)
