"""What every risk model can do with its probabilities: give a risk, be diagnosed, decide."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import NotFittedError as SklearnNotFittedError

from riskdec._base.checks import check_labels, choose_event, refuse, sorted_labels
from riskdec._base.findings import Finding, sort_findings
from riskdec._base.frames import frame_kind, get_column
from riskdec._base.table import number
from riskdec.errors import NotFittedError

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, ArrayLike, BoolArray, FloatArray, RngLike, WeightKind
    from riskdec.decisions import CostMatrix, Decisions
    from riskdec.diagnostics import CalibrationReport


class ModelNotFittedError(NotFittedError, SklearnNotFittedError):
    """Not fitted yet, in riskdec's and in scikit-learn's terms."""


class RiskFaces:
    """Risk, diagnosis and decision on top of `predict_proba`, `classes_` and `event`.

    A class that uses it is a fitted-or-not estimator with two classes or more; nothing here is overridden.
    """

    event: object
    class_weight: object
    classes_: AnyArray

    @abstractmethod
    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Give the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n, K)
            In [0, 1], rows summing to one; columns in the order of ``classes_``.
        """

    def predict(self, X: ArrayLike) -> AnyArray:
        """Give the likeliest class of each row. To act on risks, use `decide` with your costs.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n,)
            Labels of ``classes_``: with two classes, a cut at 0.5 whatever the mistakes cost.
        """
        # An unfitted model has no classes_, and says so here first.
        proba = self.predict_proba(X)
        lacking = np.isnan(proba[:, 0])
        if lacking.any():
            got = f"{int(lacking.sum())} of {len(lacking)} rows that lack a value"
            raise refuse("X", "be complete where a class is wanted", got, "predict_risk gives nan for these rows.")
        likeliest: AnyArray = self.classes_[proba.argmax(axis=1)]
        return likeliest

    def predict_risk(self, X: ArrayLike, *, event: object = None) -> FloatArray:
        """Give the probability of the event.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.
        event : label, optional
            The class that is the event; by default the one that the model was made with.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1].

        Raises
        ------
        InputError
            If the classes are not 0/1 or False/True and no event is named, here or in the model.
        """
        proba = self.predict_proba(X)
        return np.ascontiguousarray(proba[:, self._event_column(event)])

    def diagnose(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        costs: CostMatrix | dict[str, float] | None = None,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        groups: ArrayLike | None = None,
        event: object = None,
        confidence_level: float = 0.95,
        n_resamples: int = 200,
        rng: RngLike = None,
    ) -> CalibrationReport:
        """Diagnose the calibration of the risks on rows that the model has not seen.

        Parameters
        ----------
        X, y : array-like
            Rows and their outcomes. A model with a two-sided formula finds the outcomes in the frame; rows that it
            cannot predict are left out, and a finding counts them.
        event : label, optional
            As in `predict_risk`; with more than two classes it is set against all others together.
        costs, sample_weight, weight_kind, groups, confidence_level, n_resamples, rng
            As in `riskdec.diagnose`.

        Returns
        -------
        CalibrationReport
            What `riskdec.diagnose` gives; its frames are of the kind of `X`.
        """
        from riskdec.diagnostics import diagnose

        risk, chosen = self.predict_risk(X, event=event), self._event(event)
        labels = outcomes_of(self, X) if y is None else y
        known = ~np.isnan(risk)
        if not known.all():
            risk, labels = risk[known], np.asarray(labels)[known]
            sample_weight = None if sample_weight is None else np.asarray(sample_weight)[known]
            groups = None if groups is None else np.asarray(groups)[known]
        report = diagnose(
            labels if len(self.classes_) == 2 else self._event_or_not(labels, chosen),
            risk,
            costs=costs,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            groups=groups,
            event=chosen if len(self.classes_) == 2 else str(chosen),
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            rng=rng,
        )
        kind = frame_kind(X, y)
        findings = sort_findings((*report.findings, *_about_incomplete(known)))
        return replace(report, curve=replace(report.curve, frame_kind=kind), frame_kind=kind, findings=findings)

    def decide(
        self,
        X: ArrayLike,
        costs: CostMatrix | dict[str, float],
        *,
        event: object = None,
        keep_cost: bool | None = None,
    ) -> Decisions:
        """Choose the action of least expected cost for each row.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to decide on.
        costs : CostMatrix or dict
            The costs of each action under each outcome. Two outcomes: the second is the event. As many outcomes as
            classes: outcomes that bear the labels as names are found by name, others stand in the order of
            ``classes_``.
        event : label, optional
            As in `predict_risk`; with costs for two outcomes only.
        keep_cost : bool, optional
            As in `riskdec.decide`.

        Returns
        -------
        Decisions
            Actions, never class labels: see `riskdec.decide`. Its frames are of the kind of `X`; a finding says so
            where class weights of the fit make the costs count twice.
        """
        from riskdec.decisions import as_cost_matrix, decide

        matrix = as_cost_matrix(costs)
        if len(matrix.outcomes) == 2:
            proba = self.predict_risk(X, event=event)
        else:
            proba = self.predict_proba(X)
            if event is not None:
                raise refuse("event", f"be left out with costs for {len(matrix.outcomes)} outcomes", repr(event))
            proba = proba[:, _columns_of(matrix.outcomes, self.classes_)]
        lacking = np.isnan(proba if proba.ndim == 1 else proba[:, 0])
        if lacking.any():
            got = f"{int(lacking.sum())} of {len(lacking)} rows that lack a value and have no risk"
            raise refuse("X", "be complete", got, "Decide on the others; deferring is natural for these.")
        decisions = decide(proba, matrix, keep_cost=keep_cost)
        findings = sort_findings((*_counted_twice(self), *decisions.findings))
        return replace(decisions, findings=findings, frame_kind=frame_kind(X))

    def _event(self, event: object) -> object:
        return choose_event(self.classes_, self.event if event is None else event, name="y")

    def _event_column(self, event: object) -> int:
        return int(self.classes_.tolist().index(self._event(event)))

    def _event_or_not(self, y: ArrayLike, event: object) -> AnyArray:
        """Give an outcome of many labels as the event's label and everything else."""
        labels, known = check_labels(y, name="y"), self.classes_.tolist()
        strange = [label for label in sorted_labels(labels, name="y").tolist() if label not in known]
        if strange:
            shown = ", ".join(map(repr, known[:5]))
            raise refuse("y", f"hold labels that the model was fitted with ({shown})", repr(strange[0]))
        return np.where(labels == event, str(event), f"not {event}")


def _counted_twice(model: RiskFaces) -> tuple[Finding, ...]:
    """Say that class weights of the fit are costs too; a recalibrated model has lost their shift."""
    learned = vars(model)
    fit = learned["fit_result_"]
    if model.class_weight is None or learned.get("recalibration_") is not None:
        return ()
    by_class = () if fit is None else fit.by_class or ()
    if fit is not None and len(set(by_class)) < 2:
        return ()
    names = ", ".join(
        f"{number(w, 3)} for {label}" for w, label in zip(by_class, model.classes_.tolist(), strict=False)
    )
    sentence = (
        f"The model was fitted with class weights{f' ({names})' if names else ''}, which are costs already: its risks "
        "are shifted by them, and these costs count a second time."
    )
    todo = (
        "Fit without class weights, or pass the probabilities through riskdec.undo_class_weight before riskdec.decide."
    )
    return (Finding(code="RD309", severity="issue", sentence=sentence, todo=todo),)


def outcomes_of(model: RiskFaces, data: object) -> AnyArray:
    """Give the outcomes that a model's formula names in a frame."""
    design = vars(model).get("design_")
    if design is None or design.outcome is None:
        cure = "Only a model with a two-sided formula finds the outcomes in the frame."
        raise refuse("y", "be given", "None", cure)
    return get_column(data, design.outcome)


def _about_incomplete(known: BoolArray) -> tuple[Finding, ...]:
    if known.all():
        return ()
    sentence = f"{int((~known).sum())} of {len(known)} rows lack a value and have no risk; they are left out."
    return (Finding(code="RD111", severity="caution", sentence=sentence, todo="Look at who they are."),)


def _columns_of(outcomes: tuple[str, ...], classes: AnyArray) -> list[int]:
    """Give the column of `predict_proba` for each outcome of the costs."""
    labels = [str(label) for label in classes.tolist()]
    shown = ", ".join(map(repr, labels[:5]))
    if len(outcomes) != len(labels):
        rule = f"have one outcome for each of the {len(labels)} classes ({shown}), or two, the second of them the event"
        raise refuse("costs", rule, f"{len(outcomes)} outcomes")
    if set(outcomes) == set(labels):
        return [labels.index(outcome) for outcome in outcomes]
    mixed = set(outcomes) & set(labels)
    if mixed:
        cure = f"Use all of the labels, or other names in the order of classes_ ({shown})."
        raise refuse("the outcomes of costs", "be the labels of y or none of them", repr(sorted(mixed)[0]), cure)
    return list(range(len(labels)))


def require_fitted(model: Any, attribute: str) -> Any:
    """Give a learned attribute, or raise the error that both riskdec and scikit-learn understand."""
    try:
        return vars(model)[attribute]
    except KeyError:
        name = type(model).__name__
        message = f"This {name} is not fitted yet. Call 'fit' with rows and outcomes first."
        raise ModelNotFittedError(message) from None
