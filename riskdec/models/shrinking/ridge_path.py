"""The strength of a ridge penalty, chosen by the logarithmic score on rows left out of the fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from riskdec._base.checks import (
    check_groups,
    check_integer,
    check_numbers,
    check_option,
    check_outcome,
    check_rng,
    check_weights,
    refuse,
)
from riskdec._base.result import Framed
from riskdec._base.table import Table, decimal, number
from riskdec.likelihood import probabilities
from riskdec.likelihood.penalised.ridge_path import ridge_path
from riskdec.likelihood.wide.block_matrix import BlockMatrix
from riskdec.likelihood.wide.block_ridge import block_ridge_path
from riskdec.models.doors.row_keys import row_keys
from riskdec.models.shrinking.folds import deal_folds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, RngLike
    from riskdec.likelihood.penalised.ridge_path import RidgePath

Rule = Literal["minimum", "one standard error"]

# From almost none (a standard deviation of a column may move the log-odds by 10) to almost nothing but the intercept.
ALPHAS = 10.0 ** np.arange(-2.0, 4.6, 0.5)
# What the fit of a fold may lack of its log-likelihood, in nats over all rows: digits of the score that nobody reads.
_GAP = 1e-6


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class AlphaChoice(Framed):
    """A strength, and the scores that chose it.

    `frame` gives one line per strength of the grid: alpha, score, standard_error.

    Attributes
    ----------
    alpha : float
        The strength chosen.
    rule : {"minimum", "one standard error"}
        How it was chosen.
    alphas : ndarray of shape (m,)
        The grid, decreasing.
    score : ndarray of shape (m,)
        Mean logarithmic score (nats) of all rows, each predicted by the fit that had not seen it.
    standard_error : ndarray of shape (m,)
        Of `score`, from the spread of the folds.
    n_folds : int
        Number of folds.
    """

    alpha: float
    rule: Rule
    alphas: FloatArray
    score: FloatArray
    standard_error: FloatArray
    n_folds: int

    @property
    def edge(self) -> Literal["weakest", "strongest"] | None:
        """At which end of the grid the choice lies, if it does."""
        if self.alpha == self.alphas[0]:
            return "strongest"
        return "weakest" if self.alpha == self.alphas[-1] else None

    def _headline(self) -> str:
        return f"alpha={self.alpha:.3g} by {self.rule}, {len(self.alphas)} strengths, {self.n_folds} folds"

    def summary(self) -> Table:
        """Give the score at each strength."""
        marks = ("<" if alpha == self.alpha else "" for alpha in self.alphas)
        cells = zip(self.alphas, self.score, self.standard_error, marks, strict=True)
        return Table(
            title=f"Strength of the ridge penalty: {number(self.alpha)}, by {self.rule}",
            header=("alpha", "log score", "std err", ""),
            rows=tuple((number(float(a)), decimal(float(s), 5), decimal(float(e), 5), mark) for a, s, e, mark in cells),
            notes=(f"{self.n_folds} folds; lower is better",),
        )

    def _columns(self) -> dict[str, Any]:
        return {"alpha": self.alphas, "score": self.score, "standard_error": self.standard_error}

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain numbers and lists, ready for JSON."""
        return self._plain_fields()


class Fold(NamedTuple):
    """One split: rows to fit on, rows to predict, and what belongs to both; what is learned comes from the former."""

    X: AnyArray
    y: AnyArray
    weight: FloatArray | None
    X_left_out: AnyArray
    y_left_out: AnyArray
    weight_left_out: FloatArray | None
    offset: FloatArray | None = None
    offset_left_out: FloatArray | None = None


def choose_alpha(
    X: ArrayLike,
    y: ArrayLike,
    *,
    alphas: ArrayLike | None = None,
    n_folds: int = 5,
    rule: Rule = "minimum",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    rng: RngLike = None,
) -> AlphaChoice:
    """Choose the strength of a ridge penalty by cross-validated logarithmic score.

    Parameters
    ----------
    X : array-like of shape (n, p)
        Finite numbers.
    y : array-like of shape (n,)
        0/1 or False/True.
    alphas : array-like of shape (m,), optional
        Positive strengths; by default 0.01 to about 30,000 in half powers of ten.
    n_folds : int, default=5
        Number of folds, at least 2; fewer where the rarer outcome (or the groups) are fewer.
    rule : {"minimum", "one standard error"}, default="minimum"
        The strength of the best score, or the strongest one whose score is within one standard error of the best.
        Of equal scores the strongest wins.
    sample_weight : array-like of shape (n,), optional
        Multiplies the logarithm of each row, in fits and in scores. A row of whole weight is dealt into folds as if it
        were written as often.
    groups : array-like of shape (n,), optional
        Rows that belong together are left out together.
    rng : seed or numpy Generator, optional
        Draws the folds.

    Returns
    -------
    AlphaChoice
        The strength, and the score at each.

    Raises
    ------
    InputError
        For strengths that are not positive, one outcome only, and numbers that are not finite.

    Notes
    -----
    One warm-started path per fold. The strength is that of a prior, ``s_j b_j ~ N(0, 1/alpha)``, and is not changed
    for the fit on all rows, which are somewhat more than those of a fold.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 5))
    >>> y = rng.random(200) < 1 / (1 + np.exp(-X[:, 0]))
    >>> round(choose_alpha(X, y, rng=0).alpha, 1)
    31.6
    """
    rows = check_numbers(X, name="X", ndim=2)
    is_event = check_outcome(y, name="y", n=len(rows)).is_event
    weight = check_weights(sample_weight, len(rows))
    grid = ALPHAS if alphas is None else check_numbers(alphas, name="alphas")
    if not len(grid) or (grid <= 0).any():
        raise refuse("alphas", "be positive numbers", str(grid.tolist()))
    check_integer(n_folds, name="n_folds", low=2)
    check_option(rule, ("minimum", "one standard error"), name="rule")
    folds = deal_folds(
        is_event,
        n_folds,
        key=row_keys(rows.T),
        counts=weight,
        groups=check_groups(groups, len(rows)),
        rng=check_rng(rng),
    )

    def split() -> Iterator[Fold]:
        for k in range(folds.n_folds):
            inner, outer = folds.split(k, weight)
            yield Fold(
                *(rows[inner.rows], is_event[inner.rows], inner.weight),
                *(rows[outer.rows], is_event[outer.rows], outer.weight),
            )

    return choose_by_folds(split(), grid, rule=rule)[0]


def choose_by_folds(
    folds: Iterable[Fold],
    alphas: FloatArray,
    *,
    rule: Rule = "minimum",
    n_outcomes: int = 2,
    intercept: bool = True,
) -> tuple[AlphaChoice, list[FloatArray]]:
    """Choose by the score over given folds, each with a design that may have been learned on its own rows.

    The second answer is the log-odds of the rows left out at the strength chosen, fold by fold.
    """
    sums, totals, log_odds = [], [], []
    for fold in folds:
        in_blocks = isinstance(fold.X, BlockMatrix) and n_outcomes == 2
        path_of: Callable[..., RidgePath] = partial(ridge_path, n_outcomes=n_outcomes)
        if in_blocks:
            path_of = block_ridge_path
        path = path_of(
            fold.X, fold.y, alphas, weight=fold.weight, offset=fold.offset, intercept=intercept, max_gap=_GAP
        )
        eta = path.linear_predictors(fold.X_left_out, intercept=intercept)
        if fold.offset_left_out is not None:
            eta = eta + fold.offset_left_out
        log_odds.append(eta)
        losses = _losses(eta, fold.y_left_out)
        weight = np.ones(losses.shape[1]) if fold.weight_left_out is None else fold.weight_left_out
        sums.append(losses @ weight)
        totals.append(float(weight.sum()))
    ordered = np.sort(alphas)[::-1]
    size = np.array(totals)
    by_fold = np.array(sums) / size[:, np.newaxis]
    score = size @ by_fold / size.sum()
    error = np.sqrt(size @ (by_fold - score) ** 2 / size.sum() / (len(size) - 1))
    best = int(np.argmin(score))
    limit = score[best] + (error[best] if rule == "one standard error" else 0.0)
    chosen = int(np.argmax(score <= limit))
    choice = AlphaChoice(
        alpha=float(ordered[chosen]),
        rule=rule,
        alphas=ordered,
        score=score,
        standard_error=error,
        n_folds=len(size),
    )
    return choice, [eta[chosen] for eta in log_odds]


def _losses(eta: FloatArray, y: AnyArray) -> FloatArray:
    """Give the logarithmic loss of each row at each strength: shape (m, n)."""
    if eta.ndim == 2:
        return np.logaddexp(0, np.where(y, -eta, eta))
    return np.array([-probabilities(part)[1][y, np.arange(len(y))] for part in eta])
