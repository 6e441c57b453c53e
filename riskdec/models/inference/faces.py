"""What a fitted logistic regression answers beyond its coefficient table, as methods of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from riskdec._base.checks import check_weights, choose_event, refuse
from riskdec.models.doors.door import open_for_prediction, open_offset
from riskdec.models.faces import require_fitted
from riskdec.models.formula import list_hypotheses
from riskdec.models.inference.bootstrap import bootstrap
from riskdec.models.inference.contrasts import contrasts
from riskdec.models.inference.fit_statistics import fit_statistics
from riskdec.models.inference.information_criteria import aic, bic, tic
from riskdec.models.inference.likelihood_ratio import lr_test
from riskdec.models.inference.marginal_effects import marginal_effects
from riskdec.models.inference.profile import profile_intervals
from riskdec.models.inference.robust import robust_errors
from riskdec.models.inference.rows import open_fitted_rows
from riskdec.models.inference.statsmodels_results import to_statsmodels
from riskdec.models.inference.term_tests import term_tests
from riskdec.models.inference.validity import absent_if_refused
from riskdec.models.inference.wald import wald_test
from riskdec.models.regression.logistic_fit import LogisticFit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskdec._base.typing import AnyArray, ArrayLike, RngLike, WeightKind
    from riskdec.models.inference.bootstrap import BootstrapRefits
    from riskdec.models.inference.contrasts import Contrasts
    from riskdec.models.inference.fit_statistics import FitStatistics
    from riskdec.models.inference.likelihood_ratio import LikelihoodRatioTest
    from riskdec.models.inference.marginal_effects import MarginalEffects
    from riskdec.models.inference.profile import ProfileIntervals
    from riskdec.models.inference.robust import RobustErrors, RobustKind
    from riskdec.models.inference.term_tests import TermTests
    from riskdec.models.inference.wald import Hypotheses, WaldTest
    from riskdec.models.regression.logistic_fit import CovarianceKind


# The test of everything together stands in every table, so a formula's own line for it is left out.
_TOTAL = "TOTAL"


class InferenceFaces:
    """Tests, intervals and effects of `fit_result_`. What needs the rows of `fit` takes them again."""

    event: object
    penalty: Any
    # LogisticFit, or RidgeFit after ridge; `fit_of` gives the first or refuses.
    fit_result_: Any
    classes_: AnyArray
    class_weight: Any
    weight_kind: WeightKind
    formula: str | None
    on_separation: str
    tol: float
    max_iter: int
    _has_offset: bool

    def profile_intervals(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        offset: ArrayLike | None = None,
        confidence_level: float = 0.95,
        terms: Iterable[str] | None = None,
        scaled: bool = False,
        unpenalised: bool = False,
    ) -> ProfileIntervals:
        """Give profile-likelihood intervals of the coefficients.

        Parameters
        ----------
        X, y, sample_weight, offset
            What `fit` was given.
        confidence_level : float, default=0.95
            Level of the intervals.
        terms : iterable of str, optional
            Which coefficients; all by default.
        scaled : bool, default=False
            What holds under importance or class weights and in groups: the likelihood ratio is divided by the ratio
            of robust to model-based variance.
        unpenalised : bool, default=False
            After Firth or FLIC on separated data: use the likelihood without penalty, whose ends may be infinite.
        """
        fit = fit_of(self)
        rows = open_fitted_rows(self, X, y, sample_weight=sample_weight, offset=offset)
        return profile_intervals(
            fit, rows, confidence_level=confidence_level, terms=terms, scaled=scaled, unpenalised=unpenalised
        )

    def anova(
        self,
        X: ArrayLike | None = None,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        offset: ArrayLike | None = None,
        terms: Mapping[str, Sequence[str]] | Iterable[str] | None = None,
        test: Literal["wald", "likelihood ratio"] = "wald",
        kind: CovarianceKind | None = None,
        scaled: bool = False,
    ) -> TermTests:
        """Test each term, or groups of terms, and all of them together.

        Parameters
        ----------
        X, y, sample_weight, offset
            What `fit` was given; for likelihood ratios only.
        terms : mapping of name to terms, or iterable of str, optional
            The groups, for example ``{"race": ["race2", "race3"]}``; by default each term but the intercept, and with
            a formula each of its terms with all that it is in, its non-linear part, and its interactions, as rms.
        test : {"wald", "likelihood ratio"}, default="wald"
            Which test.
        kind : {"model", "robust", "cluster"}, optional
            Covariance of Wald tests.
        scaled : bool, default=False
            As in `lr_test`.
        """
        fit = fit_of(self)
        rows = None
        design = vars(self)["design_"]
        if terms is None and design is not None:
            lines = [line for line in list_hypotheses(design) if line.name != _TOTAL]
            terms = {line.name: [design.names[j] for j in line.columns] for line in lines}
        if test == "likelihood ratio" and X is not None and y is not None:
            rows = open_fitted_rows(self, X, y, sample_weight=sample_weight, offset=offset)
        return term_tests(fit, rows, terms=terms, test=test, kind=kind, scaled=scaled)

    def lr_test(
        self,
        other: InferenceFaces,
        X: ArrayLike | None = None,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        offset: ArrayLike | None = None,
        scaled: bool = False,
    ) -> LikelihoodRatioTest:
        """Test this model against one nested in it, or in which it is nested, by the likelihood ratio.

        Parameters
        ----------
        other : LogisticRiskModel
            Fitted to the same rows with the same weights, by the same method as this one.
        X, y, sample_weight, offset
            What `fit` of the larger model was given; needed after Firth and FLIC, where it is maximised again with the
            dropped coefficients at zero, its penalty unchanged.
        scaled : bool, default=False
            Whether to use the distribution that holds under importance and class weights and in groups.
        """
        small, large = sorted((self, other), key=lambda model: len(fit_of(model).terms))
        rows = None
        if X is not None:
            rows = open_fitted_rows(large, X, y, sample_weight=sample_weight, offset=offset)
        return lr_test(fit_of(small), fit_of(large), rows, scaled=scaled)

    def wald_test(
        self, hypotheses: Hypotheses, values: ArrayLike | None = None, *, kind: CovarianceKind | None = None
    ) -> WaldTest:
        """Test linear hypotheses ``R b = q``, such as ``{"smoke": 1, "ht": -1}`` for two equal effects.

        Parameters
        ----------
        hypotheses : mapping of term to number, sequence of such mappings, or array-like of shape (m, k)
            The lines of R.
        values : array-like of shape (m,), optional
            q; zeros by default.
        kind : {"model", "robust", "cluster"}, optional
            Covariance; that of the fit by default.
        """
        return wald_test(fit_of(self), hypotheses, values, kind=kind)

    def contrasts(
        self,
        combinations: Mapping[str, Mapping[str, float]],
        *,
        confidence_level: float = 0.95,
        kind: CovarianceKind | None = None,
    ) -> Contrasts:
        """Estimate linear combinations of coefficients with intervals and odds ratios.

        Parameters
        ----------
        combinations : mapping of name to (mapping of term to number)
            ``{"ten years": {"age": 10}}``.
        confidence_level : float, default=0.95
            Level of each interval.
        kind : {"model", "robust", "cluster"}, optional
            Covariance; that of the fit by default.
        """
        return contrasts(fit_of(self), combinations, confidence_level=confidence_level, kind=kind)

    def marginal_effects(
        self,
        X: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        offset: ArrayLike | None = None,
        event: object = None,
        discrete: bool = True,
        confidence_level: float = 0.95,
        kind: CovarianceKind | None = None,
    ) -> MarginalEffects:
        """Average over rows how the risk moves with each column.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows to average over: those of `fit`, or of the people in question.
        sample_weight : array-like of shape (n,), optional
            Weights of the average.
        offset : array-like, optional
            Needed exactly when the model was fitted with one.
        event : label, optional
            As in `predict_risk`.
        discrete : bool, default=True
            Whether columns of only 0 and 1 go from 0 to 1, in place of the derivative.
        confidence_level : float, default=0.95
            Level of the intervals.
        kind : {"model", "robust", "cluster"}, optional
            Covariance; that of the fit by default.
        """
        fit = fit_of(self)
        columns = open_for_prediction(self, X)
        chosen = choose_event(self.classes_, self.event if event is None else event, name="y")
        if self._has_offset != (offset is not None):
            had = "with" if self._has_offset else "without"
            cure = "Pass offset=..., in the unit of log-odds." if self._has_offset else "Leave offset out."
            raise refuse("offset", f"be used as in fit, which was {had} one", "none" if offset is None else "one", cure)
        n, n_classes = columns.shape[0], len(fit.outcomes)
        known = None if offset is None else open_offset(offset, n, n_classes)
        return marginal_effects(
            fit,
            columns,
            offset=known[:, 1:] - known[:, :1] if known is not None and n_classes > 2 else known,
            weight=check_weights(sample_weight, n),
            outcome=self.classes_.tolist().index(chosen),
            discrete=discrete,
            confidence_level=confidence_level,
            kind=kind,
        )

    def robust_errors(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        offset: ArrayLike | None = None,
        kind: RobustKind = "HC3",
        confidence_level: float = 0.95,
    ) -> RobustErrors:
        """Give robust standard errors that allow for few rows.

        Parameters
        ----------
        X, y, sample_weight, offset
            What `fit` was given.
        kind : {"HC0", "HC1", "HC3"}, default="HC3"
            Which sandwich.
        confidence_level : float, default=0.95
            Level of the intervals.
        """
        fit = fit_of(self)
        rows = open_fitted_rows(self, X, y, sample_weight=sample_weight, offset=offset)
        return robust_errors(fit, rows, kind=kind, confidence_level=confidence_level)

    def bootstrap(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        n_resamples: int = 200,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
        rng: RngLike = None,
        n_jobs: int | None = None,
    ) -> BootstrapRefits:
        """Refit on resamples of the rows: standard errors, bias and intervals that assume no form of the errors.

        The design is that of the fit, knots and levels of a formula included; `riskdec.validate_by_bootstrap` repeats
        the whole procedure.

        Parameters
        ----------
        X, y, sample_weight, offset
            What `fit` was given. A row of frequency weight 3 is resampled as three rows; importance weights go with
            their rows.
        n_resamples : int, default=200
            Number of resamples; about 1,000 for percentile intervals to two digits.
        groups : array-like of shape (n,), optional
            Which rows belong together (a person, a site): whole groups are drawn.
        rng : int, Generator or None
            Seed or generator; the same seed gives the same refits, whatever the number of workers.
        n_jobs : int, optional
            Workers; None is one, -1 one for each processor.

        Examples
        --------
        >>> import numpy as np
        >>> from riskdec import LogisticRiskModel
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(500, 2))
        >>> y = rng.random(500) < 1 / (1 + np.exp(1 - X[:, 0]))
        >>> LogisticRiskModel().fit(X, y).bootstrap(X, y, rng=0).coef.shape
        (200, 3)
        """
        fit_of(self)
        return bootstrap(
            self,
            X,
            y,
            n_resamples=n_resamples,
            groups=groups,
            sample_weight=sample_weight,
            offset=offset,
            rng=rng,
            n_jobs=n_jobs,
        )

    def to_statsmodels(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        offset: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Any:
        """Give statsmodels' results object at the same estimate; it keeps the rows.

        Parameters
        ----------
        X, y, sample_weight, offset, groups
            What `fit` was given.
        """
        fit = fit_of(self)
        rows = open_fitted_rows(self, X, y, sample_weight=sample_weight, offset=offset)
        return to_statsmodels(fit, rows, groups=groups)

    def fit_statistics(self) -> FitStatistics:
        """Give likelihood ratio, R squared, criteria, rows per parameter and shrinkage of the whole fit."""
        return fit_statistics(fit_of(self), has_offset=self._has_offset)

    @property
    @absent_if_refused
    def aic(self) -> float:
        """Akaike's criterion; refused where it does not hold."""
        return aic(fit_of(self))

    @property
    @absent_if_refused
    def bic(self) -> float:
        """Schwarz's criterion; refused where it does not hold."""
        return bic(fit_of(self))

    @property
    @absent_if_refused
    def tic(self) -> float:
        """Takeuchi's criterion, which holds under weights too."""
        return tic(fit_of(self))


class FittedByPenalty(Protocol):
    """A model that knows its penalty."""

    penalty: Any


def fit_of(model: FittedByPenalty) -> LogisticFit:
    """Give the fit of a model, or say that there is none yet, or none for inference."""
    fit = require_fitted(model, "fit_result_")
    if not isinstance(fit, LogisticFit):
        cure = "Shrunken estimates lean towards zero, and their errors say nothing of that: fit with penalty=None."
        raise refuse("penalty", "be None, 'firth' or 'flic' for inference", repr(model.penalty), cure)
    return fit
