"""Any classifier, calibrated on rows that it has not seen: cross-fitted into one model, or fitted already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin

from riskdec._base.checks import check_rng, refuse
from riskdec._base.findings import findings_table, sort_findings
from riskdec._base.frames import frame_kind
from riskdec._base.modelfile import write_model
from riskdec._base.result import with_frame_kind
from riskdec._base.state import pack_state
from riskdec._base.table import Table, count
from riskdec.calibration.methods import calibrate, calibrated_limits
from riskdec.models.calibrated.calibration import calibrate_responses, check_method
from riskdec.models.calibrated.fitting import (
    check_takes_weights,
    fit_fresh,
    learned_columns,
    require_fitted_classifier,
    with_input_of,
)
from riskdec.models.calibrated.pooled import ask_fitted, cross_fit
from riskdec.models.calibrated.responses import choose_response, respond, respond_with_probabilities
from riskdec.models.calibrated.reuse import content_marks, find_fingerprint, last_step, say_of_fitted, say_of_splits
from riskdec.models.calibrated.rows import open_rows, take
from riskdec.models.calibrated.splits import make_splits
from riskdec.models.calibrated.weighted import say_counted_twice
from riskdec.models.callbacks import subtask, tells_callbacks
from riskdec.models.faces import RiskFaces, require_fitted
from riskdec.models.fingerprint import SeenRows, kept_places, take_fingerprint
from riskdec.models.fit_faces import FitFaces

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.findings import Finding
    from riskdec._base.typing import ArrayLike, FloatArray, WeightKind
    from riskdec.calibration import Calibrator
    from riskdec.calibration.methods import Method
    from riskdec.models.calibrated.calibration import Calibrated
    from riskdec.models.calibrated.choice import CalibratorChoice
    from riskdec.models.calibrated.pooled import PooledResponses
    from riskdec.models.calibrated.responses import ClassScores, ResponseMethod
    from riskdec.models.calibrated.rows import CalibrationRows
    from riskdec.models.fingerprint import Fingerprint, RowMarks

    _Asked = tuple[Any, PooledResponses, tuple[Finding, ...]]

_LEARNED = (
    "estimator_",
    "calibrator_",
    "choice_",
    "method_",
    "findings_",
    "fingerprint_",
    "classes_",
    "n_features_in_",
    "feature_names_in_",
)


class CalibratedRiskModel(RiskFaces, FitFaces, ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier and a calibrator of its probabilities, learned on rows that the classifier has not seen.

    Each fold is predicted by a clone fitted on the others; the scores of all folds together teach one calibrator; then
    one clone is fitted on all rows. The result is one model, not a mean of several, which would not be calibrated.

    Parameters
    ----------
    estimator : classifier
        Anything with scikit-learn's ``fit`` and ``predict_proba`` or ``decision_function``, pipelines among them.
    method : str or Calibrator, default="platt"
        ``"platt"``, ``"temperature"``, ``"beta"``, ``"spline"``, ``"centred isotonic"``, ``"isotonic"``,
        ``"venn_abers"``, ``"vector"``, ``"dirichlet"``, ``"none"``, ``"auto"``, or an unfitted calibrator of
        `riskdec.calibration`; see the notes for what they mean with more than two classes.
    cv : int, splitter, iterable of splits, or "prefit", default=5
        Number of folds, dealt as the notes say; anything that scikit-learn takes as ``cv``; or ``"prefit"``: the
        estimator is fitted already, and the rows given to `fit`, new to it, calibrate it.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows, and is whole, or makes a row more or less important.
    response_method : {"auto", "predict_proba", "decision_function"}, default="auto"
        What the classifier is asked; "auto" asks for probabilities, and for scores where there are none.
    random_state : int, Generator or None, default=None
        Deals rows into folds. None deals them in one fixed way. That of the estimator is its own.

    Attributes
    ----------
    estimator_ : classifier
        Fitted on all rows; with ``cv="prefit"`` the one that was given.
    calibrator_ : Calibrator or None
        What turns its scores into risks; None where they are left alone.
    method_ : str
        Name of the calibrator; with ``method="auto"`` the one chosen.
    choice_ : CalibratorChoice or None
        The candidates of ``method="auto"``, their scores and differences.
    findings_ : tuple of Finding
        What a reader must know: of the splits, of the choice, of the calibrator.
    fingerprint_ : Fingerprint
        By which `diagnose` recognises training rows, with another one of what they hold; no row can be read from them.
    classes_ : ndarray of shape (K,)
        Sorted labels.
    n_features_in_, feature_names_in_
        As the estimator knows them, if it does.

    See Also
    --------
    as_risk_model : A fitted classifier with `predict_risk`, `diagnose` and `decide`, as it is.
    TabularRiskModel : Recalibrates itself.

    Notes
    -----
    **Scale.** Probabilities are taken to log-odds first: scikit-learn's ``CalibratedClassifierCV(method="sigmoid")``
    fits a sigmoid of probabilities where a classifier has nothing else, and no such curve undoes a shift of log-odds.
    Both columns are used, ``log p1 - log p0``, which keeps digits where one is nearly 1. Where probabilities are
    exactly 0, log-odds end half as far out as the nearest other one would ask for (RD508). A decision function is
    taken as it is: for two classes a score that grows with the second, for more the scores whose softmax is taken.
    Which of the two is asked never depends on values.

    **More than two classes.** ``"platt"`` is vector scaling there: a slope and an intercept for each class, fitted by
    one multinomial likelihood, because separate lines for each class against the rest give probabilities that sum to
    one only after rescaling, by which the calibration is lost that each was fitted for. Other methods of two classes
    are applied to each class against the rest and rescaled.

    **Folds.** A number of folds deals rows by what they hold, each class evenly, groups whole, and a row of frequency
    weight 3 as three rows: neither the order of rows nor writing a row three times changes anything. There are fewer
    folds where a class has fewer rows. A splitter deals as it does. Rows of weight 0 are as if absent.

    **method="auto".** The candidates are judged by the mean logarithmic score on folds of the out-of-fold scores, and
    the least flexible one within one standard error (of the paired difference) of the best is taken. Leaving the
    probabilities alone is always a candidate where there are any. Calibration errors play no part: they are positive
    for perfect risks and small for useless ones.

    **Rows used twice.** A classifier that came fitted must not have seen the rows that calibrate it. Models of riskdec
    keep a fingerprint by which this is recognised (RD510); of others it cannot be told (RD513), nor can it be told
    whether rows chose the features or the settings of a classifier. Two copies of one person's row in different folds
    are seen as two persons: pass ``groups``. `diagnose` recognises the rows that the calibrated model was fitted on,
    and those of a classifier that came fitted if it has a fingerprint.

    References
    ----------
    A. Niculescu-Mizil and R. Caruana, Predicting good probabilities with supervised learning, ICML 2005.
    L. Breiman et al., Classification and Regression Trees, 1984, section 3.4.3 (the rule of one standard error).

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=1000)
    >>> X = np.column_stack([z + 0.1 * rng.normal(size=1000) for _ in range(5)])
    >>> y = (rng.random(1000) < 1 / (1 + np.exp(-z))).astype(int)
    >>> model = CalibratedRiskModel(GaussianNB()).fit(X, y)
    >>> round(model.calibrator_.slope_, 2)  # it counts one cause five times
    0.2
    """

    # What `decide` of every risk model asks about: class weights are the estimator's here.
    class_weight = None

    def __init__(
        self,
        estimator: Any,
        method: Method | Literal["auto", "none"] | Calibrator = "platt",
        cv: Any = 5,
        event: object = None,
        *,
        weight_kind: WeightKind = "frequency",
        response_method: ResponseMethod = "auto",
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.method: Any = method
        self.cv = cv
        self.event = event
        self.weight_kind = weight_kind
        self.response_method = response_method
        self.random_state = random_state

    @tells_callbacks
    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, *, groups: ArrayLike | None = None
    ) -> Self:
        """Fit the classifier and its calibrator.

        Parameters
        ----------
        X : table of n rows
            Whatever the estimator takes: arrays, frames, sparse matrices, lists of texts.
        y : array-like of shape (n,)
            Labels, at least two different ones.
        sample_weight : array-like of shape (n,), optional
            Not negative; for the classifier (in a pipeline its last step) and for the calibrator.
        groups : array-like of shape (n,), optional
            Which rows belong together: a number of folds, and splitters that know groups, leave them out whole.

        Returns
        -------
        self
            Fitted.

        Raises
        ------
        InputError
            For options that are none, weights that the estimator would ignore, and folds that lack a class.
        NotFittedError
            With ``cv="prefit"``, for an estimator that is not fitted.
        """
        asked = choose_response(self.estimator, self.response_method)
        check_method(self.method, asked)
        for name in _LEARNED:
            if name in vars(self):
                delattr(self, name)
        table, rows = open_rows(
            X, y, sample_weight=sample_weight, groups=groups, weight_kind=self.weight_kind, event=self.event
        )
        fit = self._ask_fitted if self._is_prefit() else self._cross_fit
        estimator, pooled, findings = fit(table, rows, asked)
        found = calibrate_responses(self.method, pooled, rows.classes, self._rng())
        self._learn(estimator, asked, found, rows)
        self.choice_: CalibratorChoice | None = with_frame_kind(found.choice, frame_kind(X, y))
        self.findings_ = sort_findings((*findings, *found.findings))
        self._mark(table, rows)
        return self

    def _cross_fit(self, table: Any, rows: CalibrationRows, asked: str) -> _Asked:
        if rows.weight is not None:
            check_takes_weights(self.estimator)
        splits = make_splits(self.cv, table, rows, self._rng())
        pooled = cross_fit(self.estimator, table, rows, splits, method=asked)
        with subtask("fit on all rows"):
            fitted = fit_fresh(self.estimator, table, rows.labels, weight=rows.weight, groups=rows.groups)
        return fitted, pooled, say_of_splits(splits)

    def _ask_fitted(self, table: Any, rows: CalibrationRows, asked: str) -> _Asked:
        classes = require_fitted_classifier(self.estimator, cure="Fit it first, or give a number of folds as cv.")
        if classes.tolist() != rows.classes.tolist():
            shown = ", ".join(map(repr, rows.classes.tolist()[:5]))
            raise refuse("y", f"hold the classes of the estimator ({classes.tolist()!r:.80})", shown)
        pooled = ask_fitted(self.estimator, table, rows, method=asked)
        return self.estimator, pooled, say_of_fitted(self.estimator, table, rows.codes)

    def _rng(self) -> np.random.Generator:
        return check_rng(0 if self.random_state is None else self.random_state, name="random_state")

    def _learn(self, estimator: Any, asked: str, found: Calibrated, rows: CalibrationRows) -> None:
        self.estimator_ = estimator
        self.calibrator_: Calibrator | None = found.calibrator
        self.method_: str = found.method
        self.classes_ = rows.classes
        self._asked, self._scores, self._n_rows = asked, found.scores, len(rows.codes)
        for name, value in learned_columns(estimator).items():
            setattr(self, name, value)

    def _mark(self, table: Any, rows: CalibrationRows) -> None:
        """Leave marks of the training rows: of what the model says of them, and of what they hold."""
        n = len(rows.codes)
        places = kept_places(n)
        some, codes = take(table, places), rows.codes[places]
        self.fingerprint_: Fingerprint | None = take_fingerprint(self.predict_proba(some), codes, n_rows=n)
        held = content_marks(some, len(rows.classes))
        self._contents = None if held is None else take_fingerprint(held, codes, n_rows=n)

    @property
    def response_method_(self) -> str:
        """Which method of the classifier is asked."""
        return self._asked

    @property
    def class_scores_(self) -> ClassScores:
        """How its responses become finite scores."""
        return self._scores

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Give the calibrated probability of each class, in the order of ``classes_``: shape (n, K)."""
        require_fitted(self, "estimator_")
        if self.calibrator_ is None:
            return self._uncalibrated(X)
        return calibrate(self.calibrator_, self.scores(X))

    def risk_interval(self, X: ArrayLike, confidence_level: float | None = None, *, event: object = None) -> FloatArray:
        """Give limits of the risk of the event: what the rows that calibrated leave uncertain; shape (n, 2).

        They are those of the calibrator's `predict_interval`. The classifier's scores are taken as given: what other
        training rows would have made of them is not in the limits, and is often more.

        Parameters
        ----------
        X : table of n rows
            Whatever the estimator takes.
        confidence_level : float, optional
            As in `predict_interval` of the calibrator: 0.95 if it is left out, and to be left out with Venn-Abers,
            whose limits are the risks if the new row has no event and if it has one.
        event : label, optional
            As in `predict_risk`.

        Raises
        ------
        InputError
            Where nothing was calibrated, and for calibrators that have no limits.
        """
        scores = self.scores(X)
        if self.calibrator_ is None:
            cure = "A name of a calibrator as method gives one."
            raise refuse("risk_interval", "have a calibrator to ask", "probabilities that are left alone", cure)
        chosen = self._event(event)
        return calibrated_limits(self.calibrator_, scores, event=chosen, confidence_level=confidence_level)

    def _uncalibrated(self, X: ArrayLike) -> FloatArray:
        n_classes = len(self.classes_)
        if self._asked == "predict_proba":
            return respond_with_probabilities(self.estimator_, X, n_classes=n_classes)
        return respond(self.estimator_, X, method=self._asked, n_classes=n_classes).proba()

    def scores(self, X: ArrayLike) -> FloatArray:
        """Give what the calibrator is given, for its own `predict_interval` or another calibrator with input="logit".

        Parameters
        ----------
        X : table of n rows
            Whatever the estimator takes.

        Returns
        -------
        ndarray of shape (n, K)
            Scores whose softmax are the classifier's probabilities.
        """
        estimator = require_fitted(self, "estimator_")
        return self._scores.of(respond(estimator, X, method=self._asked, n_classes=len(self.classes_)))

    def save(self, path: str | Path) -> Path:
        """Write classifier and calibrator to one file without code and without training rows; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.

        Raises
        ------
        InputError
            For a classifier of another library: what such an object learned can only be stored as code.
        """
        require_fitted(self, "estimator_")
        state, arrays = pack_state(self)
        return write_model(path, kind="CalibratedRiskModel", header={"state": state}, arrays=arrays)

    def summary(self) -> Table:
        """Give what was fitted, the calibrator, the candidates where it was chosen, and the findings."""
        estimator = require_fitted(self, "estimator_")
        calibrator, choice = self.calibrator_, self.choice_
        rows = (
            ("classifier", type(last_step(estimator)).__name__),
            ("calibrated by", self.method_),
            ("on", "rows given to fit" if self._is_prefit() else "rows left out of its fits"),
            ("rows", count(self._n_rows)),
        )
        sections = (
            *(() if calibrator is None else (calibrator.summary(),)),
            *(() if choice is None else (choice.summary(),)),
            findings_table(self.findings_),
        )
        return Table(title="Calibrated risk model", rows=rows, sections=sections)

    def _n_tasks(self) -> int:
        return 0 if self._is_prefit() else 2

    def _is_prefit(self) -> bool:
        return isinstance(self.cv, str) and self.cv == "prefit"

    def _row_marks(self, X: ArrayLike) -> RowMarks | None:
        own, other = self.fingerprint_, find_fingerprint(self.estimator_)
        held = None if self._contents is None else content_marks(X, len(self.classes_))
        marks: list[tuple[Fingerprint, FloatArray | None]] = [] if own is None else [(own, None)]
        if self._contents is not None and held is not None:
            marks.append((self._contents, held))
        if other is not None and self._is_prefit():
            marks.append((other, np.asarray(self.estimator_.predict_proba(X), dtype=np.float64)))
        return SeenRows(tuple(marks))

    def _counted_twice(self) -> tuple[Finding, ...]:
        # An intercept takes the shift of class weights back; a temperature alone has none.
        return say_counted_twice(self.estimator_) if self.method_ in ("none", "temperature") else ()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        return with_input_of(self.estimator, tags)
