"""Refits of a logistic model that differ in the weights of the rows alone, so that one design serves them all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from riskdec.models import LogisticRiskModel
from riskdec.models.doors.door import open_for_prediction
from riskdec.models.doors.fit_weights import FitWeights
from riskdec.models.inference.bootstrap_refits import open_problem, refit_resamples
from riskdec.models.inference.rows import linear_predictors

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.models.inference.bootstrap_draws import Resamples
    from riskdec.models.inference.bootstrap_refits import RefittedCoefficients
    from riskdec.resampling.procedure import Procedure


def is_shared(estimator: Any) -> bool:
    """Tell whether refits differ from the fit in the weights of the rows alone, so that one design serves all."""
    return (
        type(estimator) is LogisticRiskModel
        and estimator.penalty is None
        and estimator.formula is None
        and estimator.class_weight is None
        and estimator.weight_kind == "frequency"
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SharedRefits:
    """Coefficients of each resample, and what turns rows into log-odds of the event.

    Attributes
    ----------
    refits : RefittedCoefficients
        Coefficients, and which refits failed or fell back.
    columns : ndarray of shape (m, p)
        Rows to predict.
    intercept : bool
        Whether the model has an intercept.
    sign : float
        -1 where the event is the first class, whose log-odds are minus those of the second.
    """

    refits: RefittedCoefficients
    columns: AnyArray
    intercept: bool
    sign: float

    def log_odds(self, number: int) -> FloatArray | None:
        """Give the log-odds of the event by one refit, shape (m,); None where it failed."""
        if self.refits.failed[number]:
            return None
        coef = self.refits.coef[number]
        return self.sign * linear_predictors(self.columns, coef, offset=None, intercept=self.intercept)[:, 0]

    def fell_back(self, number: int) -> bool:
        """Tell whether Firth's likelihood answered separated rows."""
        return bool(self.refits.fell_back[number])

    def is_maximum(self, number: int) -> bool:
        """Tell whether the refit maximises the likelihood of its own rows, with an intercept."""
        return self.intercept and not self.fell_back(number)


def refit_together(
    procedure: Procedure, fitted: Any, resamples: Resamples, *, n_jobs: int, rows: Any = None
) -> SharedRefits:
    """Refit a logistic model on all resamples.

    Parameters
    ----------
    procedure : Procedure
        Of an estimator that `is_shared`.
    fitted : LogisticRiskModel
        Its fit on the rows as given.
    resamples : Resamples
        How often each resample holds each row.
    n_jobs : int
        Workers.
    rows : array-like, optional
        Rows to predict; those of the procedure by default.
    """
    problem, own = open_problem(fitted, procedure.X, procedure.labels, procedure.counts)
    # The resamples count repeated rows themselves.
    problem = replace(problem, weights=FitWeights(None, None, None, None))
    return SharedRefits(
        refits=refit_resamples(problem, resamples, n_jobs=n_jobs),
        columns=own.X if rows is None else open_for_prediction(fitted, rows),
        intercept=problem.intercept,
        sign=1.0 if fitted.classes_.tolist()[1] == procedure.event else -1.0,
    )
