"""A classifier that decides by costs: any scikit-learn classifier, with `decide` beside `predict`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from riskdec._base.modelfile import write_model
from riskdec._base.state import pack_state
from riskdec.models.callbacks import lend_callbacks, subtask, tells_callbacks
from riskdec.models.deciding import Classified, decide_rows, outcome_columns, takes_event
from riskdec.models.faces import require_fitted
from riskdec.models.fit_faces import FitFaces

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray
    from riskdec.decisions import Decisions


class DecisionClassifier(FitFaces, ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Fit a classifier for probabilities, and decide by costs.

    Parameters
    ----------
    estimator : classifier
        Anything with ``fit`` and ``predict_proba``, such as a `LogisticRiskModel` or a Pipeline; calibrated
        probabilities decide well. It is cloned.
    costs : CostMatrix, CaseCosts, CostRanges or dict
        As in `riskdec.decide`. Costs that are columns or functions of the rows are computed from the X at hand, so
        that they stay with their rows in every fold.
    event : label, optional
        The class that is the event, for costs of two outcomes.

    Attributes
    ----------
    estimator_ : classifier
        The fitted clone.
    classes_ : ndarray of shape (K,)
        Labels of the classes.

    Notes
    -----
    `predict` gives class labels, as scikit-learn wants it: for two outcomes the class for which the cheapest action
    that decides is the right one; where actions are not one per class, or no event is named, the likeliest class.
    `decide` gives actions, deferring among them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 2))
    >>> y = (rng.random(500) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)
    >>> model = DecisionClassifier(LogisticRegression(), {"false_positive": 1, "false_negative": 9}).fit(X, y)
    >>> model.decide(X)
    <Decisions: 500 rows: 178 negative, 322 positive; mean expected cost 0.7041>
    """

    def __init__(self, estimator: Any, costs: Any, event: object = None) -> None:
        self.estimator = estimator
        self.costs = costs
        self.event = event

    @tells_callbacks
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, **fit_params: Any) -> Any:
        """Fit a clone of the estimator.

        Parameters
        ----------
        X, y : array-like
            Rows and their classes.
        sample_weight : array-like of shape (n,), optional
            Passed on to the estimator.
        **fit_params
            Passed on to the estimator; by metadata routing where that is enabled.

        Returns
        -------
        DecisionClassifier
            Itself.
        """
        given = dict(fit_params)
        if sample_weight is not None:
            given["sample_weight"] = sample_weight
        if get_config()["enable_metadata_routing"]:
            given = process_routing(self, "fit", **given).estimator.fit
        fresh = clone(self.estimator)
        with subtask("fit of the estimator"), lend_callbacks(fresh):
            self.estimator_ = fresh.fit(X, y, **given)
        self.classes_: AnyArray = self.estimator_.classes_
        learned = vars(self.estimator_)
        for name in ("n_features_in_", "feature_names_in_"):
            if name in learned:
                setattr(self, name, learned[name])
        return self

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Give the probability of each class, from the estimator: shape (n, K)."""
        proba: FloatArray = np.asarray(require_fitted(self, "estimator_").predict_proba(X), dtype=np.float64)
        return proba

    def decide(self, X: ArrayLike, *, keep_cost: bool | None = None, **options: Any) -> Decisions:
        """Choose the action of least expected cost for each row.

        Parameters
        ----------
        X : array-like
            Rows to decide on.
        keep_cost, **options
            As in `riskdec.decide`: `capacity`, `tie_break`, `risk_interval`, `rule`.

        Returns
        -------
        Decisions
            Actions, never class labels.
        """
        proba = self.predict_proba(X)
        given = {"keep_cost": keep_cost, **options}
        return decide_rows(Classified(X, proba, self.classes_), self.costs, event=self._chosen_event(), options=given)

    def predict(self, X: ArrayLike) -> AnyArray:
        """Give the class whose right action is the cheapest one that decides; see the notes of the class."""
        proba = self.predict_proba(X)
        if not self._acts_by_class():
            likeliest: AnyArray = self.classes_[proba.argmax(axis=1)]
            return likeliest
        decisions = decide_rows(Classified(X, proba, self.classes_), self.costs, event=self._chosen_event(), options={})
        assert decisions.forced_index is not None
        costs = decisions.costs
        columns = np.array(outcome_columns(costs, self.classes_, event=self._chosen_event()))
        place = {action: k for k, action in enumerate(costs.deciding)}
        outcome = np.array([place[a] for a in decisions.forced_index.tolist()], dtype=np.intp)
        labels: AnyArray = self.classes_[columns[outcome]]
        return labels

    def save(self, path: str | Path) -> Path:
        """Write classifier and costs to one file without code and without training rows; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.

        Raises
        ------
        InputError
            For a classifier of another library and for costs that are functions, which can only be stored as code, and
            for costs that are amounts of single rows.
        """
        require_fitted(self, "estimator_")
        state, arrays = pack_state(self)
        return write_model(path, kind="DecisionClassifier", header={"state": state}, arrays=arrays)

    def _n_tasks(self) -> int:
        return 1

    def get_metadata_routing(self) -> MetadataRouter:
        """Give the routing of metadata: what `fit` gets goes to the estimator's `fit`."""
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=type(self).__name__).add(estimator=self.estimator, method_mapping=mapping)

    def _chosen_event(self) -> object:
        return self.event if takes_event(self.costs) else None

    def _acts_by_class(self) -> bool:
        """Tell whether the actions that decide stand one for each class, and it is known which for which."""
        from riskdec.decisions import as_costs

        costs = as_costs(self.costs)
        known = len(self.classes_) > 2 or self.event is not None or set(self.classes_.tolist()) <= {0, 1}
        return known and len(costs.deciding) == len(costs.outcomes) == len(self.classes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.classifier_tags = inner.classifier_tags
        return tags
