"""The accuracy table: digits that riskdec, statsmodels and scikit-learn share with the optimum to fifty digits.

``python benchmarks/accuracy.py`` writes docs/accuracy.md.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fifty_digits import Optimum, agreeing_digits, solve
from benchmarks.nasty_problems import NastyProblem, nasty_problems
from riskdec import LogisticRiskModel

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path(__file__).resolve().parent.parent / "docs" / "accuracy.md"
WANTED_DIGITS = 9.0
# Double precision carries 15.65 digits; sums over some hundred rows take part of the last one.
CARRIED_DIGITS = 15.0
# From so many rows on, riskdec saves a reading of them: standard errors are those of coefficients 1e-7 away.
MANY_ROWS = 50_000
DIGITS_OF_ERRORS_OF_MANY_ROWS = 7.0

_INTRODUCTION = """\
# Accuracy

How many significant digits of the maximum likelihood estimate are right, on {n} regressions made to lose them. The
truth is the optimum in 120-digit decimal arithmetic of the rows as they are stored (`benchmarks/fifty_digits.py`; it
shares no code with riskdec). A number is the least over all coefficients (or standard errors) of the problem, at most
16; "-" means that the program fails or cannot be asked, "0.0" that not one digit is right.

*Condition* is that of the information matrix on centred and scaled columns; programs that solve with this matrix lose
as many digits as its logarithm has, those that look after close columns half of them. *Bar* is what the tests ask of
riskdec: 9 digits, or where that is less, 15 less half the logarithm of the condition number and less the digits
that cancel in the sum that makes the intercept. With 50,000 rows or more riskdec saves one reading of them where the
last step is short: 7 digits are asked of its standard errors there.

statsmodels: `Logit`, `MNLogit` (method "newton", tolerance 1e-14), or `GLM` with `IRLS` where there are weights or
offsets. scikit-learn: `LogisticRegression(C=inf, solver="newton-cholesky", tol=1e-12)`, which gives no standard
errors and takes no offset. Importance weights are compared by robust (HC0) errors.

Made by `python benchmarks/accuracy.py` ({versions}).
"""


@dataclass(frozen=True, kw_only=True)
class Digits:
    """Right digits of one program on one problem; None where it gives no answer."""

    coef: float | None = None
    errors: float | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table."""

    problem: NastyProblem
    optimum: Optimum
    riskdec: Digits
    statsmodels: Digits
    scikit_learn: Digits

    @property
    def bar(self) -> float:
        """Digits that the tests ask for."""
        return bar(self.optimum)


def bar(optimum: Optimum) -> float:
    """Give the digits to be asked of a double precision program, at least 0."""
    return max(0.0, min(WANTED_DIGITS, CARRIED_DIGITS - optimum.lost_digits))


def optimum_of(problem: NastyProblem) -> Optimum:
    """Solve a problem to fifty digits."""
    weight = problem.weight
    if weight is not None and problem.weight_kind == "importance":
        weight = weight / weight.mean()
    if problem.repeats > 1:
        weight = np.full(len(problem.y), float(problem.repeats))
    return solve(problem.X, problem.y, weight=weight, offset=problem.offset, intercept=problem.intercept)


def bar_of_errors(problem: NastyProblem, optimum: Optimum) -> float:
    """Give the digits to be asked of the standard errors."""
    many = len(problem.y) * problem.repeats >= MANY_ROWS
    return min(bar(optimum), DIGITS_OF_ERRORS_OF_MANY_ROWS) if many else bar(optimum)


def errors_of(problem: NastyProblem, optimum: Optimum) -> np.ndarray:
    """Give the standard errors that are right for the kind of weights."""
    return optimum.robust_errors if problem.weight_kind == "importance" else optimum.model_errors


def measure_riskdec(problem: NastyProblem, optimum: Optimum) -> Digits:
    """Fit by riskdec and count digits."""
    options: dict[str, Any] = {"weight_kind": problem.weight_kind, "fit_intercept": problem.intercept}
    X: Any
    X, y = problem.rows
    if not X.shape[1]:
        import pandas as pd

        X, options["formula"] = pd.DataFrame({"unused": np.zeros(len(y))}), "~ 1"
    model = LogisticRiskModel(**options).fit(X, y, problem.weight, offset=problem.offset)
    fit = model.fit_result_
    if fit.aliases or fit.method != "maximum likelihood":
        return Digits(coef=0.0, errors=0.0)
    return _digits(fit.coef, fit.standard_errors(), problem, optimum)


def measure_statsmodels(problem: NastyProblem, optimum: Optimum) -> Digits:
    """Fit by statsmodels and count digits."""
    import statsmodels.api as sm

    X, y = problem.rows
    X = np.asarray(X, dtype=np.float64)
    design = np.column_stack([np.ones(len(X)), X]) if problem.intercept else X
    many, plain = problem.n_outcomes > 2, problem.weight is None and problem.offset is None
    if many and not plain:
        return Digits()
    try:
        if plain:
            kind = sm.MNLogit if many else sm.Logit
            found = kind(y, design).fit(method="newton", tol=1e-14, maxiter=200, disp=0)
        else:
            name = "var_weights" if problem.weight_kind == "importance" else "freq_weights"
            weights = {} if problem.weight is None else {name: problem.weight}
            model = sm.GLM(y, design, family=sm.families.Binomial(), offset=problem.offset, **weights)
            robust = "HC0" if problem.weight_kind == "importance" else "nonrobust"
            found = model.fit(tol=1e-14, tol_criterion="params", maxiter=200, cov_type=robust)
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):
        return Digits()
    return _digits(np.asarray(found.params).T, np.asarray(found.bse).T, problem, optimum)


def measure_scikit_learn(problem: NastyProblem, optimum: Optimum) -> Digits:
    """Fit by scikit-learn and count digits."""
    from sklearn.linear_model import LogisticRegression

    if problem.offset is not None or not problem.X.shape[1]:
        return Digits()
    model = LogisticRegression(
        C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=1000, fit_intercept=problem.intercept
    )
    try:
        model.fit(*problem.rows, sample_weight=problem.weight)
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):
        return Digits()
    coef = np.column_stack([model.intercept_, model.coef_]) if problem.intercept else model.coef_
    if problem.n_outcomes > 2:
        coef = coef[1:] - coef[:1]
    return Digits(coef=agreeing_digits(coef, optimum.coef))


def measure(problems: Iterable[NastyProblem]) -> list[Line]:
    """Measure all programs on all problems."""
    lines = []
    for problem in problems:
        optimum = optimum_of(problem)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            lines.append(
                Line(
                    problem=problem,
                    optimum=optimum,
                    riskdec=measure_riskdec(problem, optimum),
                    statsmodels=measure_statsmodels(problem, optimum),
                    scikit_learn=measure_scikit_learn(problem, optimum),
                )
            )
    return lines


def page(lines: list[Line]) -> str:
    """Write the page of the documentation."""
    import importlib.metadata as metadata

    names = ("numpy", "scipy", "statsmodels", "scikit-learn")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    head = ("problem", "condition", "bar", "riskdec coef", "riskdec se", "statsmodels coef", "se", "scikit-learn coef")
    table = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
    for line in lines:
        shown = (line.bar, line.riskdec.coef, line.riskdec.errors, line.statsmodels.coef, line.statsmodels.errors)
        cells = (line.problem.name, f"{line.optimum.condition:.0e}", *map(_cell, (*shown, line.scikit_learn.coef)))
        table.append(f"| {' | '.join(cells)} |")
    return "\n".join([_INTRODUCTION.format(n=len(lines), versions=versions), *table, ""])


def _digits(coef: np.ndarray, errors: np.ndarray, problem: NastyProblem, optimum: Optimum) -> Digits:
    exact = errors_of(problem, optimum)
    return Digits(
        coef=agreeing_digits(coef.reshape(exact.shape), optimum.coef),
        errors=agreeing_digits(errors.reshape(exact.shape), exact),
    )


def _cell(digits: float | None) -> str:
    return "-" if digits is None else f"{digits:.1f}"


def main() -> None:
    """Write the page and print it."""
    text = page(measure(nasty_problems()))
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
