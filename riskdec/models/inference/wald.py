"""The Wald test of linear hypotheses about the coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_numbers, refuse
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, number, p_value
from riskdec.models.inference.terms import estimated, find_coefficients
from riskdec.models.regression.few_groups import few_groups_df

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.models.regression.logistic_fit import CovarianceKind, LogisticFit

    Hypotheses = Mapping[str, float] | Sequence[Mapping[str, float]] | ArrayLike

_DEPENDENT = 1e-10


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WaldTest(Framed):
    """The test of ``R b = q``.

    `frame` gives one line: statistic, df, p_value.

    Attributes
    ----------
    hypotheses : tuple of str
        The lines of ``R b = q`` in words.
    statistic : float
        ``(R b - q)' (R V R')^-1 (R b - q)``.
    df : int
        Number of lines.
    df_denominator : int or None
        With fewer than 40 clusters: the p-value is that of F(df, G - 1).
    p_value : float
        Of the hypotheses holding all together.
    covariance_kind : {"model", "robust", "cluster"}
        Which V.
    """

    hypotheses: tuple[str, ...]
    statistic: float
    df: int
    df_denominator: int | None
    p_value: float
    covariance_kind: CovarianceKind

    def _headline(self) -> str:
        return f"chi-squared {self.statistic:.4g} on {self.df} df, p {p_value(self.p_value)}"

    def summary(self) -> Table:
        """Give the hypotheses and the test."""
        reference = "chi-squared"
        if self.df_denominator is not None:
            reference = f"F with {self.df} and {self.df_denominator} degrees of freedom (few clusters)"
        return Table(
            title="Wald test",
            header=("", "chi-squared", "df", "p"),
            rows=(("all together", number(self.statistic), str(self.df), p_value(self.p_value)),),
            notes=(*self.hypotheses, f"covariance: {self.covariance_kind}; p-value of {reference}"),
        )

    def _columns(self) -> dict[str, Any]:
        return {"statistic": [self.statistic], "df": [self.df], "p_value": [self.p_value]}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields, ready for JSON."""
        answer = {
            "hypotheses": self.hypotheses,
            "statistic": self.statistic,
            "df": self.df,
            "df_denominator": self.df_denominator,
            "p_value": self.p_value,
            "covariance_kind": self.covariance_kind,
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def wald_test(
    fit: LogisticFit, hypotheses: Hypotheses, values: ArrayLike | None = None, *, kind: CovarianceKind | None = None
) -> WaldTest:
    """Test linear hypotheses ``R b = q``.

    Parameters
    ----------
    fit : LogisticFit
        Any fit.
    hypotheses : mapping of term to number, sequence of such mappings, or array-like of shape (m, k)
        The lines of R: ``{"smoke": 1, "ht": -1}`` says that two effects are equal.
    values : array-like of shape (m,), optional
        q; zeros by default.
    kind : {"model", "robust", "cluster"}, optional
        Covariance; that of the fit by default.

    Returns
    -------
    WaldTest
        Chi-squared, or F with G - 1 denominator degrees of freedom with fewer than 40 clusters.

    Raises
    ------
    InputError
        For unknown or aliased terms, and for lines that follow from each other.
    """
    R = hypothesis_matrix(fit, hypotheses)
    q = np.zeros(len(R)) if values is None else check_numbers(values, name="values", n=len(R))
    covariance = np.nan_to_num(fit.covariance(kind), nan=0.0)
    kind = fit.covariance_kind if kind is None else kind
    rank = _rank(R * np.sqrt(np.diag(covariance)))
    if rank < len(R):
        got = f"{len(R)} of rank {rank}"
        raise refuse("hypotheses", "not follow from each other", got, "Drop those that the others imply.")
    statistic = wald_statistic(R @ fit.coef.ravel() - q, R @ covariance @ R.T)
    denominator = few_groups_df(kind, fit.n_groups)
    return WaldTest(
        hypotheses=tuple(describe(fit, line, value) for line, value in zip(R, q, strict=True)),
        statistic=statistic,
        df=len(R),
        df_denominator=denominator,
        p_value=wald_p_value(statistic, len(R), denominator),
        covariance_kind=kind,
        frame_kind=fit.frame_kind,
    )


def hypothesis_matrix(fit: LogisticFit, hypotheses: Hypotheses) -> FloatArray:
    """Give the lines of R, shape (m, k), over estimated terms only."""
    if isinstance(hypotheses, Mapping):
        hypotheses = [hypotheses]
    if isinstance(hypotheses, (list, tuple)) and hypotheses and all(isinstance(h, Mapping) for h in hypotheses):
        R = np.array([_line(fit, line) for line in hypotheses])
    else:
        R = check_numbers(np.atleast_2d(np.asarray(hypotheses)), name="hypotheses", ndim=2)
    if R.shape[1] != fit.coef.size or not R.shape[0]:
        rule = f"have one column for each of the {fit.coef.size} coefficients, and at least one line"
        raise refuse("hypotheses", rule, f"shape {R.shape}", "Or write {'term': 1, 'other term': -1}.")
    aliased = R[:, ~estimated(fit)].any(axis=0)
    if aliased.any():
        name = fit.coefficient_names[int(np.flatnonzero(~estimated(fit))[np.argmax(aliased)])]
        raise refuse("hypotheses", "be about terms that were estimated", repr(name), "Earlier columns determine it.")
    if (~R.any(axis=1)).any():
        raise refuse("hypotheses", "name at least one term each", "a line of zeros")
    return R


def _line(fit: LogisticFit, line: Mapping[str, float]) -> FloatArray:
    row = np.zeros(fit.coef.size)
    row[find_coefficients(fit, line, name="hypotheses")] = check_numbers(list(line.values()), name="hypotheses")
    return row


def _rank(R: FloatArray) -> int:
    """Give the rank of lines whose units do not matter."""
    lines = R / np.linalg.norm(R, axis=1)[:, None]
    return int(np.linalg.matrix_rank(lines, tol=_DEPENDENT))


def describe(fit: LogisticFit, line: FloatArray, value: float) -> str:
    """Write one line of ``R b = q``."""
    text = ""
    for j in np.flatnonzero(line):
        size = "" if abs(line[j]) == 1 else f"{number(abs(float(line[j])))} "
        sign = " - " if line[j] < 0 else " + "
        text += f"{sign if text else sign.strip(' +')}{size}{fit.coefficient_names[j]}"
    return f"{text} = {number(float(value))}"


def wald_statistic(difference: FloatArray, covariance: FloatArray) -> float:
    """Give ``d' C^-1 d``; 0 where there is nothing to test."""
    if not len(difference):
        return 0.0
    # In units of the standard errors, so that no column's unit matters.
    size = np.sqrt(np.diag(covariance))
    z = difference / size
    return float(z @ np.linalg.solve(covariance / np.outer(size, size), z))


def wald_p_value(statistic: float, df: int, df_denominator: int | None) -> float:
    """Give the tail of chi-squared, or of F after division by df."""
    from scipy.stats import chi2, f

    if df_denominator is None:
        return float(chi2.sf(statistic, df))
    return float(f.sf(statistic / df, df, df_denominator))
