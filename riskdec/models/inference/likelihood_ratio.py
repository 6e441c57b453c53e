"""The likelihood-ratio test of one fit nested in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_option, refuse
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, number, p_value
from riskdec.likelihood.profile import open_profile
from riskdec.models.inference.chi_square_mixture import mixture_tail
from riskdec.models.inference.profile import robust_kind
from riskdec.models.inference.terms import estimated, find_terms
from riskdec.models.inference.validity import refuse_method, refuse_weights, why_not_comparable, why_not_maximal

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.models.inference.rows import FittedRows
    from riskdec.models.regression.logistic_fit import LogisticFit

RatioKind = Literal["likelihood ratio", "scaled likelihood ratio", "penalised likelihood ratio"]

_SAME = 1e-9
_PENALISED = ("firth", "flic")
_PENALISED_NOTE = (
    "in the penalised likelihood of the larger fit, once with the coefficients of the dropped terms held at zero "
    "(Heinze and Schemper 2002)"
)
_SCALED_NOTE = (
    "compared with a weighted sum of chi-squares, the weights being the eigenvalues of robust against model "
    "covariance; its tail by Ruben's series, exact for these weights"
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class LikelihoodRatioTest(Framed):
    """Twice the gain in log-likelihood that some terms bring, against what chance brings.

    `frame` gives one line: test, statistic, df, p_value.

    Attributes
    ----------
    dropped : tuple of str
        Terms of the larger fit that the smaller one lacks.
    statistic : float
        Twice the difference of the log-likelihoods.
    df : int
        Difference of the ranks.
    p_value : float
        Of no effect of the dropped terms.
    test : {"likelihood ratio", "scaled likelihood ratio", "penalised likelihood ratio"}
        What was compared, and with what.
    eigenvalues : ndarray of shape (df,)
        Weights of the chi-squares: ones unless scaled.
    small_log_likelihood, large_log_likelihood : float
        What was compared; with a penalty both include it, that of the larger fit on standardised columns.
    n : float
        Rows, frequency weights counted.
    """

    dropped: tuple[str, ...]
    statistic: float
    df: int
    p_value: float
    test: RatioKind
    eigenvalues: FloatArray
    small_log_likelihood: float
    large_log_likelihood: float
    n: float

    def _headline(self) -> str:
        return f"{self.test} {self.statistic:.4g} on {self.df} df, p {p_value(self.p_value)}"

    def summary(self) -> Table:
        """Give statistic, degrees of freedom and p-value, and what was compared."""
        notes = [
            f"without {', '.join(self.dropped)}",
            f"log-likelihood {self.small_log_likelihood:.4f} against {self.large_log_likelihood:.4f}, "
            f"{count(self.n)} rows",
        ]
        if self.test == "penalised likelihood ratio":
            notes.append(_PENALISED_NOTE)
        if self.test == "scaled likelihood ratio":
            notes.append(f"{_SCALED_NOTE}: {', '.join(number(float(v), 3) for v in self.eigenvalues)}")
        return Table(
            title=f"{self.test[0].upper()}{self.test[1:]} test",
            header=("", "statistic", "df", "p"),
            rows=((self.test, number(self.statistic), str(self.df), p_value(self.p_value)),),
            notes=tuple(notes),
        )

    def _columns(self) -> dict[str, Any]:
        return {"test": [self.test], "statistic": [self.statistic], "df": [self.df], "p_value": [self.p_value]}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields, ready for JSON."""
        answer = {
            "test": self.test,
            "dropped": self.dropped,
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
            "eigenvalues": self.eigenvalues,
            "small_log_likelihood": self.small_log_likelihood,
            "large_log_likelihood": self.large_log_likelihood,
            "n": self.n,
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def lr_test(
    small: LogisticFit, large: LogisticFit, rows: FittedRows | None = None, *, scaled: bool = False
) -> LikelihoodRatioTest:
    """Test whether the terms that a larger fit has more than a smaller one matter.

    Parameters
    ----------
    small, large : LogisticFit
        Both by maximum likelihood, or both by Firth or both by FLIC; on the same rows with the same weights; the order
        does not matter.
    rows : FittedRows, optional
        The rows of the larger fit; needed after Firth and FLIC.
    scaled : bool
        Whether to compare the statistic with what it follows when the model-based covariance is wrong: under
        importance and class weights, in groups of dependent rows, or when the model is only approximate.

    Returns
    -------
    LikelihoodRatioTest
        With chi-squared or, when scaled, mixture p-value.

    Raises
    ------
    InputError
        Where the fits are not nested, not of the same rows, by different methods, not maxima, or weighted without
        ``scaled``.

    Notes
    -----
    Unscaled ``2 (l_large - l_small)`` follows chi-squared with df = difference of the ranks. In general it follows
    ``sum_j lambda_j chi2_1`` with lambda the eigenvalues of ``V_model,22^-1 V_robust,22``, block 22 of the larger
    fit's covariances being that of the dropped terms.

    After Firth the penalty ``1/2 log det I`` of a smaller model is that of fewer columns: its value and that of the
    larger one have different units, and their difference may be negative. So the penalised likelihood of the larger
    model is maximised again with the dropped coefficients held at zero, its penalty still that of all columns, as
    logistf does.

    References
    ----------
    Heinze G, Schemper M (2002). A solution to the problem of separation in logistic regression. Statistics in
    Medicine 21:2409-2419. doi:10.1002/sim.1047
    Kent JT (1982). Robust properties of likelihood ratio tests. Biometrika 69:19-27. doi:10.1093/biomet/69.1.19
    """
    check_option(scaled, (True, False), name="scaled")
    if len(small.terms) > len(large.terms):
        small, large = large, small
    _check_nested(small, large)
    for fit in (small, large):
        _check_comparable(fit, scaled=scaled)
    dropped = tuple(term for term in large.terms if term not in small.terms)
    df = int(estimated(large).sum() - estimated(small).sum())
    if df == 0:
        raise refuse("the larger fit", "have more estimated terms", "none", "Its other columns are aliases.")
    if large.method in _PENALISED:
        return _penalised_test(large, rows, dropped, df)
    eigenvalues = _scales(large, dropped, df) if scaled else np.ones(df)
    statistic = max(2 * (large.log_likelihood - small.log_likelihood), 0.0)
    return LikelihoodRatioTest(
        dropped=dropped,
        statistic=statistic,
        df=df,
        p_value=ratio_p_value(statistic, eigenvalues, scaled=scaled),
        test="scaled likelihood ratio" if scaled else "likelihood ratio",
        eigenvalues=eigenvalues,
        small_log_likelihood=small.log_likelihood,
        large_log_likelihood=large.log_likelihood,
        n=large.n,
        frame_kind=large.frame_kind,
    )


def _check_comparable(fit: LogisticFit, *, scaled: bool) -> None:
    what = "a likelihood-ratio test"
    if fit.method in _PENALISED and fit.converged:
        if scaled:
            raise refuse_method(fit, f"scaled {what[2:]}s", "Use the robust Wald test of the same terms.")
    elif why_not_maximal(fit):
        cure = "Use the Wald test of the same terms, or fit both with penalty=None or 'firth'."
        raise refuse_method(fit, what, cure)
    if why_not_comparable(fit) and not scaled:
        cure = "Pass scaled=True, or use the robust Wald test of the same terms."
        raise refuse_weights(fit, what, cure)


def _penalised_test(
    large: LogisticFit, rows: FittedRows | None, dropped: tuple[str, ...], df: int
) -> LikelihoodRatioTest:
    if rows is None:
        cure = (
            "The penalty of the smaller fit is that of fewer columns, so the larger one is maximised again with the "
            "dropped coefficients at zero: pass the rows of the larger fit, lr_test(other, X, y)."
        )
        raise refuse("X and y", f"be given for fits by {large.method}", "none", cure)
    profile = open_profile(
        rows.X,
        rows.likelihood(),
        coef=large.coef,
        weight=rows.weights.total,
        intercept=rows.intercept,
        penalised=True,
    )
    fall = profile.fall(_tested(large, dropped, df, "a test after Firth"))
    return LikelihoodRatioTest(
        dropped=dropped,
        statistic=2 * fall,
        df=df,
        p_value=ratio_p_value(2 * fall, np.ones(df), scaled=False),
        test="penalised likelihood ratio",
        eigenvalues=np.ones(df),
        small_log_likelihood=profile.top - fall,
        large_log_likelihood=profile.top,
        n=large.n,
        frame_kind=large.frame_kind,
    )


def ratio_p_value(statistic: float, eigenvalues: FloatArray, *, scaled: bool) -> float:
    """Give the probability that chance alone makes the statistic this large."""
    from scipy.stats import chi2

    if scaled:
        return mixture_tail(statistic, eigenvalues)
    return float(chi2.sf(statistic, len(eigenvalues)))


def scale_eigenvalues(fit: LogisticFit, tested: list[int]) -> FloatArray:
    """Give the eigenvalues of ``V_model^-1 V_robust`` of the tested coefficients, largest first."""
    from scipy.linalg import eigh

    block = np.ix_(tested, tested)
    model, robust = fit.model_covariance[block], fit.covariance(robust_kind(fit))[block]
    # In units of the model-based errors, so that no column's unit matters.
    size = np.sqrt(np.diag(model))
    units = np.outer(size, size)
    values: FloatArray = eigh(robust / units, model / units, eigvals_only=True)[::-1]
    return np.maximum(values, 0.0)


def _scales(fit: LogisticFit, dropped: tuple[str, ...], df: int) -> FloatArray:
    return scale_eigenvalues(fit, _tested(fit, dropped, df, "a scaled test"))


def _tested(fit: LogisticFit, dropped: tuple[str, ...], df: int, what: str) -> list[int]:
    tested = [j for j in find_terms(fit, dropped) if estimated(fit)[j]]
    if len(tested) != df:
        cure = "Leave the aliased columns out of both fits."
        raise refuse("the fits", f"alias the same columns for {what}", "different ones", cure)
    return tested


def _check_nested(small: LogisticFit, large: LogisticFit) -> None:
    rows = ("n", "n_by_outcome", "outcomes", "n_groups", "weight_kind", "covariance_kind", "method")
    for name in rows:
        if getattr(small, name) != getattr(large, name):
            got = f"{name} {getattr(small, name)!r} and {getattr(large, name)!r}"
            raise refuse("the fits", "be of the same rows, by the same method", got, "Fit both again side by side.")
    ours, theirs = ([fit.null_log_likelihood, *(fit.by_class or ())] for fit in (small, large))
    if len(ours) != len(theirs) or not np.allclose(ours, theirs, rtol=_SAME):
        cure = "Fit both with the same sample_weight and class_weight."
        raise refuse("the fits", "weigh the same outcomes alike", "different weights or outcomes", cure)
    extra = [term for term in small.terms if term not in large.terms]
    if extra:
        got = f"{extra[0]!r} in the smaller one alone"
        raise refuse("the terms of the smaller fit", "all be in the larger one", got)
    # Firth's estimates do not maximise the likelihood alone.
    maxima = large.method == "maximum likelihood"
    if maxima and small.log_likelihood > large.log_likelihood + _SAME * abs(large.log_likelihood):
        got = f"a smaller fit with the larger log-likelihood ({small.log_likelihood:.6g} > {large.log_likelihood:.6g})"
        raise refuse("the fits", "be of the same rows", got, "Columns of one name must hold the same numbers.")
