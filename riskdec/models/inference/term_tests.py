"""A test of each term, or of named groups of terms: Wald, likelihood ratio, or what holds in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_option, refuse
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, number, p_value
from riskdec.likelihood.profile import open_profile
from riskdec.models.inference.likelihood_ratio import ratio_p_value, scale_eigenvalues
from riskdec.models.inference.profile import robust_kind
from riskdec.models.inference.terms import estimated, group_terms
from riskdec.models.inference.validity import refuse_method, refuse_weights, why_not_comparable, why_not_maximal
from riskdec.models.inference.wald import wald_p_value, wald_statistic
from riskdec.models.regression.few_groups import few_groups_df

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskdec.models.inference.rows import FittedRows
    from riskdec.models.regression.logistic_fit import CovarianceKind, LogisticFit

TestKind = Literal["Wald", "likelihood ratio", "penalised likelihood ratio", "scaled likelihood ratio"]

_ERRORS = {"model": "model-based", "robust": "robust (HC0)", "cluster": "cluster-robust"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TermTest:
    """The test that the coefficients of one group of terms are all zero.

    Attributes
    ----------
    name : str
        Name of the group.
    columns : tuple of str
        Its terms.
    statistic : float
        Chi-squared statistic (for a scaled likelihood ratio: the ratio itself).
    df : int
        Estimated coefficients of the group; 0 where earlier columns determine it.
    p_value : float or None
        None where df is 0.
    """

    name: str
    columns: tuple[str, ...]
    statistic: float
    df: int
    p_value: float | None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class TermTests(Framed):
    """One test for each group of terms, and one of all of them.

    `frame` gives one line for each group: term, statistic, df, p_value.

    Attributes
    ----------
    rows : tuple of TermTest
        In the order asked for; the last is the total.
    test : str
        Which statistic.
    covariance_kind : {"model", "robust", "cluster"}
        Covariance behind Wald statistics and scales.
    df_denominator : int or None
        With fewer than 40 clusters: Wald p-values are of F(df, G - 1).
    n : float
        Rows, frequency weights counted.
    """

    rows: tuple[TermTest, ...]
    test: TestKind
    covariance_kind: CovarianceKind
    df_denominator: int | None
    n: float

    def _headline(self) -> str:
        total = self.rows[-1]
        return f"{self.test} tests of {len(self.rows) - 1} terms, total {total.statistic:.4g} on {total.df} df"

    def summary(self) -> Table:
        """Give statistic, degrees of freedom and p-value of each group."""
        lines = tuple(
            (row.name, number(row.statistic), str(row.df), "" if row.p_value is None else p_value(row.p_value))
            for row in self.rows
        )
        notes = [f"{count(self.n)} rows"]
        if self.test == "Wald":
            notes.append(f"covariance: {_ERRORS[self.covariance_kind]}")
        if self.df_denominator is not None:
            notes.append(f"p-values of F with {self.df_denominator} degrees of freedom: few clusters")
        notes += [f"{row.name}: earlier columns determine it" for row in self.rows if row.df == 0]
        title = f"{self.test[0].upper()}{self.test[1:]} tests by term"
        return Table(title=title, header=("", "chi-squared", "df", "p"), rows=lines, notes=tuple(notes))

    def _columns(self) -> dict[str, Any]:
        return {
            "term": [row.name for row in self.rows],
            "statistic": [row.statistic for row in self.rows],
            "df": [row.df for row in self.rows],
            "p_value": [row.p_value for row in self.rows],
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the tests, ready for JSON."""
        rows = [
            {
                "term": row.name,
                "columns": row.columns,
                "statistic": row.statistic,
                "df": row.df,
                "p_value": row.p_value,
            }
            for row in self.rows
        ]
        answer = {
            "test": self.test,
            "covariance_kind": self.covariance_kind,
            "df_denominator": self.df_denominator,
            "terms": rows,
            "n": self.n,
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def term_tests(
    fit: LogisticFit,
    rows: FittedRows | None = None,
    *,
    terms: Mapping[str, Sequence[str]] | Iterable[str] | None = None,
    test: Literal["wald", "likelihood ratio"] = "wald",
    kind: CovarianceKind | None = None,
    scaled: bool = False,
    total: str = "TOTAL",
) -> TermTests:
    """Test groups of terms: that all their coefficients are zero.

    Parameters
    ----------
    fit : LogisticFit
        Any fit for Wald tests.
    rows : FittedRows, optional
        The rows of the fit, for likelihood ratios.
    terms : mapping of name to terms, or iterable of str, optional
        The groups, which may overlap; by default each term but the intercept.
    test : {"wald", "likelihood ratio"}
        Wald tests use the covariance of the fit. Likelihood ratios refit all other coefficients while those of the
        group are held at zero; for fits by Firth and FLIC in the one penalised likelihood, with the information of
        all coefficients. Aliased columns are absent from every test.
    kind : {"model", "robust", "cluster"}, optional
        Covariance of Wald tests; that of the fit by default.
    scaled : bool
        For likelihood ratios under importance or class weights, or in groups of dependent rows: as in `lr_test`.
    total : str
        Name of the last line, the test of all groups together.

    Returns
    -------
    TermTests
        One line for each group, and the total.

    Raises
    ------
    InputError
        For likelihood ratios without rows, or with weights and without ``scaled``.

    References
    ----------
    Heinze G, Schemper M (2002). Statistics in Medicine 21:2409-2419. doi:10.1002/sim.1047
    """
    check_option(test, ("wald", "likelihood ratio"), name="test")
    groups = group_terms(fit, terms)
    groups[total] = sorted({j for places in groups.values() for j in places})
    if test == "wald":
        return _wald_tests(fit, groups, kind)
    if rows is None:
        cure = "Give the rows of fit again; Wald tests (test='wald') need none."
        raise refuse("X and y", "be given for likelihood-ratio tests", "none", cure)
    _check_ratio(fit, scaled=scaled)
    plain: TestKind = "likelihood ratio" if fit.method == "maximum likelihood" else "penalised likelihood ratio"
    return TermTests(
        rows=_ratio_tests(fit, rows, groups, scaled=scaled),
        test="scaled likelihood ratio" if scaled else plain,
        covariance_kind=robust_kind(fit) if scaled else "model",
        df_denominator=None,
        n=fit.n,
        frame_kind=fit.frame_kind,
    )


def _check_ratio(fit: LogisticFit, *, scaled: bool) -> None:
    check_option(scaled, (True, False), name="scaled")
    if fit.method not in ("maximum likelihood", "firth", "flic") or (scaled and why_not_maximal(fit)):
        raise refuse_method(fit, f"{'scaled ' * scaled}likelihood-ratio tests", "Use the Wald tests.")
    if why_not_comparable(fit) and not scaled:
        cure = "Pass scaled=True, or use test='wald', whose covariance is robust."
        raise refuse_weights(fit, "likelihood-ratio tests", cure)


def _wald_tests(fit: LogisticFit, groups: dict[str, list[int]], kind: CovarianceKind | None) -> TermTests:
    kind = fit.covariance_kind if kind is None else kind
    denominator = few_groups_df(kind, fit.n_groups)
    found = []
    for name, places in groups.items():
        kept = [j for j in places if estimated(fit)[j]]
        statistic = wald_statistic(fit.coef.ravel()[kept], fit.covariance(kind)[np.ix_(kept, kept)])
        p = wald_p_value(statistic, len(kept), denominator) if kept else None
        found.append(_line(fit, name, places, statistic, len(kept), p))
    return TermTests(
        rows=tuple(found),
        test="Wald",
        covariance_kind=kind,
        df_denominator=denominator,
        n=fit.n,
        frame_kind=fit.frame_kind,
    )


def _ratio_tests(
    fit: LogisticFit, rows: FittedRows, groups: dict[str, list[int]], *, scaled: bool
) -> tuple[TermTest, ...]:
    likelihood = open_profile(
        rows.X,
        rows.likelihood(),
        coef=fit.coef,
        weight=rows.weights.total,
        intercept=rows.intercept,
        penalised=fit.method != "maximum likelihood",
    )
    found = []
    for name, places in groups.items():
        kept = [j for j in places if estimated(fit)[j]]
        statistic = 2 * likelihood.fall(kept)
        eigenvalues = scale_eigenvalues(fit, kept) if scaled else np.ones(len(kept))
        p = ratio_p_value(statistic, eigenvalues, scaled=scaled) if kept else None
        found.append(_line(fit, name, places, statistic, len(kept), p))
    return tuple(found)


def _line(fit: LogisticFit, name: str, places: list[int], statistic: float, df: int, p: float | None) -> TermTest:
    columns = tuple(fit.coefficient_names[j] for j in places)
    return TermTest(name=name, columns=columns, statistic=float(statistic), df=df, p_value=p)
