"""What every risk model can do with its probabilities: give a risk, be diagnosed, decide, be certified."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import NotFittedError as SklearnNotFittedError

from riskdec._base.checks import choose_event, refuse
from riskdec._base.findings import Finding, sort_findings
from riskdec._base.frames import frame_kind, get_column
from riskdec._base.result import with_frame_kind
from riskdec._base.table import number
from riskdec.calibration import TemperatureCalibrator
from riskdec.errors import NotFittedError
from riskdec.models.certifying import certify_rows
from riskdec.models.deciding import Classified, decide_rows, takes_event
from riskdec.models.diagnosing import diagnose_probabilities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.decisions import CaseCosts, CostMatrix, CostRanges, Decisions, DeferralCertificate
    from riskdec.diagnostics import CalibrationReport
    from riskdec.models.fingerprint import Fingerprint, RowMarks


class ModelNotFittedError(NotFittedError, SklearnNotFittedError):
    """Not fitted yet, in riskdec's and in scikit-learn's terms."""


class RiskFaces:
    """Risk, diagnosis, decision and certificate on top of `predict_proba`, `classes_` and `event`.

    A class that uses it is a fitted-or-not estimator with two classes or more. One that can be fitted with an offset
    overrides `_probabilities`, one whose rows may bring their outcomes `_outcomes`, and nothing else.
    """

    event: object
    class_weight: object
    classes_: AnyArray
    fingerprint_: Fingerprint | None

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

    def _probabilities(self, X: ArrayLike, offset: ArrayLike | None) -> FloatArray:
        if offset is not None:
            cure = "Only LogisticRiskModel is fitted with offsets."
            raise refuse("offset", f"be left out of a {type(self).__name__}", "one", cure)
        return self.predict_proba(X)

    def _outcomes(self, data: object) -> AnyArray:
        return outcomes_of(self, data)

    def predict(self, X: ArrayLike, *, offset: ArrayLike | None = None) -> AnyArray:
        """Give the likeliest class of each row. To act on risks, use `decide` with your costs.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.
        offset : array-like, optional
            Known part of the log-odds; needed exactly when the model was fitted with one.

        Returns
        -------
        ndarray of shape (n,)
            Labels of ``classes_``: with two classes, a cut at 0.5 whatever the mistakes cost.
        """
        # An unfitted model has no classes_, and says so here first.
        proba = self._probabilities(X, offset)
        lacking = np.isnan(proba[:, 0])
        if lacking.any():
            got = f"{int(lacking.sum())} of {len(lacking)} rows that lack a value"
            raise refuse("X", "be complete where a class is wanted", got, "predict_risk gives nan for these rows.")
        likeliest: AnyArray = self.classes_[proba.argmax(axis=1)]
        return likeliest

    def predict_risk(self, X: ArrayLike, *, event: object = None, offset: ArrayLike | None = None) -> FloatArray:
        """Give the probability of the event.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to predict.
        event : label, optional
            The class that is the event; by default the one that the model was made with.
        offset : array-like, optional
            As in `predict`.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1]; NaN, with a warning, for rows that lack a value where the model was made to allow them.

        Raises
        ------
        InputError
            If the classes are not 0/1 or False/True and no event is named, here or in the model.
        """
        proba = self._probabilities(X, offset)
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
        offset: ArrayLike | None = None,
        confidence_level: float = 0.95,
        n_resamples: int | None = None,
        rng: RngLike = None,
    ) -> CalibrationReport | Any:  # with many classes another class: see `riskdec.diagnose`
        """Diagnose the calibration of the risks on rows that the model has not seen.

        Rows that it was fitted on are recognised by a fingerprint: intervals and p-values are then withheld.

        Parameters
        ----------
        X, y : array-like
            Rows and their outcomes. A model with a two-sided formula finds the outcomes in the frame; rows that it
            cannot predict are left out, and a finding counts them.
        event : label, optional
            As in `predict_risk`. With more than two classes it is set against all others together; without an event
            all of them are diagnosed.
        offset : array-like, optional
            As in `predict`.
        costs, sample_weight, weight_kind, groups, confidence_level, n_resamples, rng
            As in `riskdec.diagnose`.

        Returns
        -------
        CalibrationReport or MulticlassCalibrationReport
            What `riskdec.diagnose` gives; its frames are of the kind of `X`.
        """
        proba = self._probabilities(X, offset)
        many = len(self.classes_) > 2 and event is None and self.event is None
        return diagnose_probabilities(
            proba,
            self._outcomes(X) if y is None else y,
            classes=self.classes_,
            event=None if many else self._event(event),
            marks=self._row_marks(X),
            kind=frame_kind(X, y),
            by_row={"sample_weight": sample_weight, "groups": groups},
            options={
                "costs": costs,
                "weight_kind": weight_kind,
                "confidence_level": confidence_level,
                "n_resamples": n_resamples,
                "rng": rng,
            },
        )

    def decide(
        self,
        X: ArrayLike,
        costs: CostMatrix | CaseCosts | CostRanges | Mapping[str, Any],
        *,
        event: object = None,
        offset: ArrayLike | None = None,
        capacity: Mapping[str, float] | None = None,
        tie_break: ArrayLike | None = None,
        risk_interval: ArrayLike | None = None,
        rule: str = "expected",
        keep_cost: bool | None = None,
    ) -> Decisions:
        """Choose the action of least expected cost for each row.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to decide on.
        costs : CostMatrix, CaseCosts, CostRanges or dict
            The costs of each action under each outcome. Two outcomes: the second is the event. As many outcomes as
            classes: outcomes that bear the labels as names are found by name, others stand in the order of
            ``classes_``. Costs that are columns or functions of the rows are computed from X.
        event : label, optional
            As in `predict_risk`; with costs for two outcomes only.
        offset : array-like, optional
            As in `predict`.
        capacity, tie_break, risk_interval, rule, keep_cost
            As in `riskdec.decide`.

        Returns
        -------
        Decisions
            Actions, never class labels: see `riskdec.decide`. Its frames are of the kind of `X`; a finding says so
            where class weights of the fit make the costs count twice. Rows that lack a value, and so have no risk,
            are deferred, and a finding counts them.

        Raises
        ------
        InputError
            For rows that have no risk where the costs have no action that defers.
        """
        proba = self._probabilities(X, offset)
        options = {
            "capacity": capacity,
            "tie_break": tie_break,
            "risk_interval": risk_interval,
            "rule": rule,
            "keep_cost": keep_cost,
        }
        chosen = self.event if event is None and takes_event(costs) else event
        decisions = decide_rows(Classified(X, proba, self.classes_), costs, event=chosen, options=options)
        twice = self._counted_twice()
        if twice:
            decisions = replace(decisions, findings=sort_findings((*twice, *decisions.findings)))
        return with_frame_kind(decisions, frame_kind(X))

    def certify_deferral(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        max_error: float | Mapping[str, float],
        confidence_level: float = 0.95,
        costs: CostMatrix | Mapping[str, object] | None = None,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        groups: ArrayLike | None = None,
        event: object = None,
        offset: ArrayLike | None = None,
        rng: RngLike = 0,
    ) -> DeferralCertificate:
        """Find the widest, or the cheapest, zone of risks outside which errors are certified to be rare.

        Parameters
        ----------
        X, y : array-like
            Calibration cases that had no part in the model; y may be left out as in `diagnose`.
        event, offset
            As in `predict_risk`.
        max_error, confidence_level, costs, sample_weight, weight_kind, groups, rng
            As in `riskdec.certify_deferral`.

        Returns
        -------
        DeferralCertificate
            What `riskdec.certify_deferral` gives; `apply` it to this model's risks.

        Raises
        ------
        InputError
            For rows that the fingerprint recognises as those that the model was fitted on. It is a help and no
            proof: rows that tuned or recalibrated the model are not recognised.
        """
        proba = self._probabilities(X, offset)
        certificate = certify_rows(
            proba,
            self._outcomes(X) if y is None else y,
            classes=self.classes_,
            event=self._event(event),
            marks=self._row_marks(X),
            options={
                "max_error": max_error,
                "confidence_level": confidence_level,
                "costs": costs,
                "sample_weight": sample_weight,
                "weight_kind": weight_kind,
                "groups": groups,
                "rng": rng,
            },
        )
        return with_frame_kind(certificate, frame_kind(X, y))

    def _row_marks(self, X: ArrayLike) -> RowMarks | None:
        """Give what recognises the rows that the model was fitted on."""
        marks: Fingerprint | None = vars(self).get("fingerprint_")
        return marks

    def _counted_twice(self) -> tuple[Finding, ...]:
        """Say whether the fit has weighed mistakes already."""
        return _class_weights_count(self)

    def _event(self, event: object) -> object:
        return choose_event(self.classes_, self.event if event is None else event, name="y")

    def _event_column(self, event: object) -> int:
        return int(self.classes_.tolist().index(self._event(event)))


def _class_weights_count(model: RiskFaces) -> tuple[Finding, ...]:
    """Say that class weights of the fit are costs too; a recalibrated model has lost their shift."""
    learned = vars(model)
    fit = learned["fit_result_"]
    # A temperature alone has no intercept that could take their shift back.
    if model.class_weight is None or not isinstance(learned.get("recalibration_"), TemperatureCalibrator | None):
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


def require_fitted(model: Any, attribute: str) -> Any:
    """Give a learned attribute, or raise the error that both riskdec and scikit-learn understand."""
    try:
        return vars(model)[attribute]
    except KeyError:
        name = type(model).__name__
        message = f"This {name} is not fitted yet. Call 'fit' with rows and outcomes first."
        raise ModelNotFittedError(message) from None
