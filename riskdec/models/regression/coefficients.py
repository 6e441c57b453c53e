"""What a fitted logistic regression says of its coefficients, as pandas frames with statsmodels' names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_option, refuse
from riskdec.models.faces import require_fitted
from riskdec.models.inference.faces import fit_of
from riskdec.models.inference.profile import profile_intervals
from riskdec.models.inference.rows import open_fitted_rows
from riskdec.models.inference.validity import absent_if_refused
from riskdec.models.regression.logistic_summary import describe_development
from riskdec.models.shrinking.ridge_fit import RidgeFit

if TYPE_CHECKING:
    import pandas as pd

    from riskdec._base.table import Table
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.models.regression.logistic_fit import CovarianceKind, LogisticFit


class CoefficientFaces:
    """Coefficients, standard errors, intervals and the summary of `fit_result_`.

    With two classes everything goes by term. With more it goes by term and class, each class against ``classes_[0]``,
    in the form of statsmodels' ``MNLogit``: `params` and `bse` have one row for each term and one column for each
    class but the first; `conf_int` and `cov_params` go by (class, term), class by class.
    """

    # LogisticFit, or RidgeFit after ridge; `fit_of` gives the first or refuses.
    fit_result_: Any
    classes_: AnyArray
    class_weight: Any
    weight_kind: WeightKind
    formula: str | None
    penalty: Any
    _has_offset: bool

    @property
    def params(self) -> pd.Series | pd.DataFrame:
        """Coefficients, intercept first (statsmodels' name)."""
        return self._by_term(self._fit().coef)

    @property
    @absent_if_refused
    def bse(self) -> pd.Series | pd.DataFrame:
        """Standard errors, of the default covariance of the fit (statsmodels' name); refused after ridge."""
        return self._by_term(self._likelihood_fit().standard_errors())

    def conf_int(
        self,
        confidence_level: float = 0.95,
        *,
        method: Literal["wald", "profile"] = "wald",
        kind: CovarianceKind | None = None,
        X: ArrayLike | None = None,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
        scaled: bool = False,
    ) -> pd.DataFrame:
        """Give intervals of the coefficients: a frame with the columns low and high.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Level of the intervals.
        method : {"wald", "profile"}, default="wald"
            Estimate and standard error, or the profile likelihood, which needs the rows of `fit` again.
        kind : {"model", "robust", "cluster"}, optional
            Covariance of Wald intervals; the default is "model", "robust" under importance or class weights,
            "cluster" with groups.
        X, y, sample_weight, offset
            What `fit` was given, for the profile likelihood.
        scaled : bool, default=False
            As in `profile_intervals`.
        """
        import pandas as pd

        check_option(method, ("wald", "profile"), name="method")
        if method == "profile":
            if X is None:
                raise refuse("X", "be given with method='profile'", "None", "A model keeps no rows: pass those of fit.")
            found = profile_intervals(
                self._likelihood_fit(),
                open_fitted_rows(self, X, y, sample_weight=sample_weight, offset=offset),
                confidence_level=confidence_level,
                scaled=scaled,
            )
            limits = np.column_stack([found.low, found.high])
        else:
            limits = self._likelihood_fit().intervals(confidence_level, kind)
        return pd.DataFrame(limits.reshape(-1, 2), index=self._index(), columns=["low", "high"])

    def cov_params(self, kind: CovarianceKind | Literal["posterior"] | None = None) -> pd.DataFrame:
        """Give the covariance of the coefficients as a frame.

        Parameters
        ----------
        kind : {"model", "robust", "cluster"}, optional
            As in `conf_int`.
        """
        import pandas as pd

        index = self._index()
        # Each kind of fit knows which covariances it has.
        fit: Any = self._fit()
        return pd.DataFrame(fit.covariance(kind), index=index, columns=index)

    def summary(self) -> Table:
        """Give the coefficient table, how it was reached, and what it is good for.

        Prints as text; `to_markdown`, `to_html` and `to_latex` give the other forms. Where the likelihood allows it,
        the notes end with the likelihood ratio of the whole model, its heuristic shrinkage, and whether the rows
        suffice for as many coefficients (`riskdec.development_size`).
        """
        fit = self._fit()
        table = fit.summary()
        if isinstance(fit, RidgeFit):
            return table
        return replace(table, notes=(*table.notes, *describe_development(fit, has_offset=self._has_offset)))

    def _fit(self) -> LogisticFit | RidgeFit:
        fit: LogisticFit | RidgeFit = require_fitted(self, "fit_result_")
        return fit

    def _likelihood_fit(self) -> LogisticFit:
        model: Any = self
        return fit_of(model)

    def _by_term(self, values: FloatArray) -> pd.Series | pd.DataFrame:
        import pandas as pd

        terms = list(self._fit().terms)
        if values.ndim == 1:
            return pd.Series(values, index=terms)
        return pd.DataFrame(values.T, index=terms, columns=self.classes_.tolist()[1:])

    def _index(self) -> pd.Index:
        import pandas as pd

        terms = list(self._fit().terms)
        if len(self.classes_) == 2:
            return pd.Index(terms)
        return pd.MultiIndex.from_product([self.classes_.tolist()[1:], terms], names=["class", "term"])
