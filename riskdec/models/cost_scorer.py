"""A scorer for scikit-learn's model selection: minus the mean realised cost of the decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.metadata_routing import UNCHANGED, MetadataRequest

from riskdec._base.checks import refuse
from riskdec.models.deciding import Classified, decide_rows, name_outcomes, takes_event
from riskdec.models.decision_classifier import DecisionClassifier

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike


class ExpectedCostScorer:
    """Minus the mean realised cost per row of decisions under given costs: greater is better.

    Made by `expected_cost_scorer`; called by scikit-learn as ``scorer(estimator, X, y)``.
    """

    def __init__(self, costs: Any, event: object) -> None:
        self.costs = costs
        self.event = event
        self._request = MetadataRequest(owner="ExpectedCostScorer")

    def __call__(
        self,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        case_costs: ArrayLike | None = None,
    ) -> float:
        """Decide on the rows, and count what the decisions cost.

        Parameters
        ----------
        estimator : fitted classifier
            With ``predict_proba``; a `DecisionClassifier` decides by its own costs, others by the scorer's.
        X, y : array-like
            Rows and their classes.
        sample_weight : array-like of shape (n,), optional
            Row weights.
        case_costs : ndarray of shape (n, K, A), optional
            Costs of each row, with the names of the scorer's costs; as metadata of the scorer.

        Returns
        -------
        float
            Minus the mean realised cost.
        """
        from riskdec.decisions import CaseCosts, as_costs, evaluate_decisions

        costs = as_costs(self.costs)
        if case_costs is not None:
            tables = np.asarray(case_costs)
            costs = CaseCosts(tables, outcomes=costs.outcomes, actions=costs.actions, defer=costs.deferring)
        event = self.event if takes_event(costs) else None
        classified = Classified(X, np.asarray(estimator.predict_proba(X), dtype=np.float64), estimator.classes_)
        decisions = decide_rows(classified, costs, event=event, options={})
        if isinstance(estimator, DecisionClassifier) and case_costs is None:
            own = estimator.decide(X)
            if own.actions != decisions.actions:
                shown = ", ".join(own.actions)
                raise refuse("costs", "name the actions of the DecisionClassifier", shown, "Score it by its own costs.")
            # Its own actions, at the prices of the scorer.
            decisions = replace(decisions, action_index=own.action_index)
        outcome = name_outcomes(y, decisions.costs, estimator.classes_, event=event)
        evaluation = evaluate_decisions(outcome, decisions, sample_weight=sample_weight, weight_kind="importance")
        return -evaluation.mean_realised_cost

    def set_score_request(
        self, *, sample_weight: bool | str | None = UNCHANGED, case_costs: bool | str | None = UNCHANGED
    ) -> ExpectedCostScorer:
        """Ask for metadata, where scikit-learn's metadata routing is enabled.

        Parameters
        ----------
        sample_weight, case_costs : bool or str
            Whether to get it, or the name under which it is passed.

        Returns
        -------
        ExpectedCostScorer
            Itself.
        """
        for name, alias in (("sample_weight", sample_weight), ("case_costs", case_costs)):
            if alias is not UNCHANGED:
                self._request.score.add_request(param=name, alias=alias)
        return self

    def get_metadata_routing(self) -> MetadataRequest:
        """Give what metadata the scorer asks for."""
        return self._request

    def __repr__(self) -> str:
        return f"expected_cost_scorer({self.costs!r})"


def expected_cost_scorer(costs: Any, *, event: object = None) -> ExpectedCostScorer:
    """Make a scorer for ``cross_validate``, ``GridSearchCV`` and their like.

    Parameters
    ----------
    costs : CostMatrix, CaseCosts, CostRanges or dict
        As in `riskdec.decide`. Costs that are columns or functions of the rows need no metadata routing: they are
        computed from the rows of each fold. Arrays travel as the scorer's metadata `case_costs`.
    event : label, optional
        The class that is the event, for costs of two outcomes.

    Returns
    -------
    ExpectedCostScorer
        Minus the mean realised cost per row.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_score
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 2))
    >>> y = (rng.random(500) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)
    >>> costs = {"false_positive": 1, "false_negative": 9, "defer": 0.4}
    >>> cross_val_score(LogisticRegression(), X, y, scoring=expected_cost_scorer(costs), cv=3).round(2).tolist()
    [-0.37, -0.42, -0.37]
    """
    return ExpectedCostScorer(costs, event)
