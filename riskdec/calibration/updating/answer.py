"""The ladder of updates: what each rung estimates, what it gains, and which one was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_numbers, check_option, check_risks, refuse
from riskdec._base.findings import findings_table
from riskdec._base.kept import Kept, each, findings, maybe, numbers, one_of, real, record, whole, word
from riskdec._base.result import Framed, Result, jsonable
from riskdec._base.table import Table, count, decimal, number, p_value
from riskdec.calibration.updating.rungs import LINE, NONE, REFIT, SHIFT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.findings import Finding
    from riskdec._base.kept import Rule
    from riskdec._base.typing import ArrayLike, FloatArray, WeightKind


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class UpdatingRung(Result):
    """One way to update, and how it compares with the most flexible one.

    Attributes
    ----------
    name : {"none", "citl", "citl and slope", "refit"}
        What it re-estimates.
    parameters : tuple of str
        Names of its coefficients.
    coef : ndarray of shape (m,)
        Their values; a column that earlier ones determine has 0.
    covariance : ndarray of shape (m, m)
        Inverse information for frequency weights, sandwich for importance weights and groups.
    log_likelihood : float
        Of the rows fitted.
    aic : float
        ``-2 log-likelihood + 2 parameters``; nan where the likelihood is none.
    statistic, df, p_value : float, int, float
        Test against the highest rung; nan for that one.
    obstacle : str
        Why it has no estimate; empty where it has one.
    """

    name: str
    parameters: tuple[str, ...]
    coef: FloatArray
    covariance: FloatArray
    log_likelihood: float
    aic: float
    statistic: float
    df: int
    p_value: float
    obstacle: str

    def _headline(self) -> str:
        shown = (f"{name} {number(value)}" for name, value in zip(self.parameters, self.coef.tolist(), strict=True))
        return ", ".join((self.name, *shown))

    def summary(self) -> Table:
        """Give the coefficients with their standard errors."""
        errors = np.sqrt(np.diag(self.covariance))
        lines = zip(self.parameters, self.coef.tolist(), errors.tolist(), strict=True)
        rows = tuple((name, decimal(value), decimal(error)) for name, value, error in lines)
        header = ("", "estimate", "standard error") if rows else ()
        notes = (f"No estimate: {self.obstacle}.",) if self.obstacle else () if rows else ("The risks as they are.",)
        return Table(title=f"Update: {self.name}", header=header, rows=rows, notes=notes)

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; what does not exist is None."""
        return {name: jsonable(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class UpdatingLadder(Kept, Framed):
    """Which update of an old model new data call for.

    `frame` gives one line per rung: log_likelihood, aic, the test against the highest rung, and what stands in its way.

    Attributes
    ----------
    chosen : {"none", "citl", "citl and slope", "refit"}
        The lowest rung that the highest does not improve significantly.
    rungs : tuple of UpdatingRung
        All of them, lowest first; those without an estimate say why.
    n, n_events : int
        Rows, and rows with the event.
    n_groups : int or None
        Number of groups of dependent rows.
    n_columns : int
        Columns of X; 0 without a refit.
    significance : float
        Level of the closed test.
    test : {"likelihood ratio", "Wald"}
        Kind of the tests.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    findings : tuple of Finding
        What limits the choice.
    """

    chosen: str
    rungs: tuple[UpdatingRung, ...]
    n: int
    n_events: int
    n_groups: int | None
    n_columns: int
    significance: float
    test: str
    weight_kind: WeightKind
    findings: tuple[Finding, ...]

    @classmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give what a model file may hold in each field."""
        names = (NONE, SHIFT, LINE, REFIT)
        figure = real(may_lack=True, may_be_infinite=True)
        rung = {
            "name": one_of(*names),
            "parameters": each(word(), "m"),
            "coef": numbers("m"),
            "covariance": numbers("m", "m", may_lack=True),
            **dict.fromkeys(("log_likelihood", "aic", "statistic", "p_value"), figure),
            "df": whole(),
            "obstacle": word(),
        }
        return {
            "chosen": one_of(*names),
            "rungs": each(record(UpdatingRung, rung), "rungs"),
            **dict.fromkeys(("n", "n_events", "n_columns"), whole()),
            "n_groups": maybe(whole()),
            "significance": real(0, 1),
            "test": one_of("likelihood ratio", "Wald"),
            "weight_kind": one_of("frequency", "importance"),
            "findings": findings(),
        }

    def check_agreement(self) -> None:
        """Refuse a choice that is not there, and rungs of other coefficients than their names say."""
        n_coef = {NONE: 0, SHIFT: 1, LINE: 2, REFIT: 2 + self.n_columns}
        if self.chosen not in [rung.name for rung in self.rungs]:
            raise refuse("chosen", "be one of the rungs", repr(self.chosen))
        for rung in self.rungs:
            if not rung.obstacle and len(rung.coef) != n_coef[rung.name]:
                raise refuse(f"the rung {rung.name!r}", f"have {n_coef[rung.name]} coefficients", len(rung.coef))

    def rung(self, name: str | None = None) -> UpdatingRung:
        """Give one rung, the chosen one by default.

        Parameters
        ----------
        name : str, optional
            Name of the rung.
        """
        wanted = self.chosen if name is None else check_option(name, [rung.name for rung in self.rungs], name="rung")
        return next(rung for rung in self.rungs if rung.name == wanted)

    def apply(self, y_proba: ArrayLike, *, X: ArrayLike | None = None, rung: str | None = None) -> FloatArray:
        """Update risks.

        Parameters
        ----------
        y_proba : array-like of shape (n,) or (n, 2)
            Risks by the old model, of any rows.
        X : array-like of shape (n, p), optional
            The columns of the same rows; needed by a refit only.
        rung : str, optional
            Another rung than the chosen one.

        Returns
        -------
        ndarray of shape (n,)
            Updated risks; a risk of exactly 0 or 1 stays what it is while the slope is positive.
        """
        from scipy.special import expit, logit

        model = self.rung(rung)
        if model.obstacle:
            raise refuse("rung", "have an estimate", repr(model.name), f"There is none: {model.obstacle}.")
        risk = check_risks(y_proba)
        if model.name == NONE:
            return risk.copy()
        log_odds = np.asarray(logit(risk), dtype=np.float64)
        if model.name == SHIFT:
            return np.asarray(expit(log_odds + model.coef[0]), dtype=np.float64)
        updated = model.coef[0] + model.coef[1] * log_odds
        if model.name == REFIT:
            updated = updated + self._check_columns(X, len(risk)) @ model.coef[2:]
        return np.asarray(expit(updated), dtype=np.float64)

    def _check_columns(self, X: ArrayLike | None, n: int) -> FloatArray:
        if X is None:
            cure = "Pass the same columns for the rows to predict, or choose another rung."
            raise refuse("X", "be given for a refit", "None", cure)
        columns = check_numbers(X, name="X", n=n, ndim=2)
        if columns.shape[1] != self.n_columns:
            raise refuse("X", f"have the columns of the fit ({self.n_columns})", f"{columns.shape[1]} columns")
        return columns

    def _headline(self) -> str:
        return f"{self.chosen}, n={self.n}, {self.n_events} events"

    def summary(self) -> Table:
        """Give the ladder, the coefficients of the chosen rung, and the findings."""
        rows = tuple(
            (
                f"{rung.name}{' (chosen)' if rung.name == self.chosen else ''}",
                number(rung.log_likelihood, 6),
                "" if isnan(rung.aic) else number(rung.aic, 6),
                "" if isnan(rung.statistic) else number(rung.statistic),
                str(rung.df or ""),
                "" if isnan(rung.p_value) else p_value(rung.p_value),
            )
            if not rung.obstacle
            else (rung.name, "no estimate", "", "", "", "")
            for rung in self.rungs
        )
        notes = (f"Tested against the highest rung by {self.test}, closed at the level {number(self.significance)}.",)
        return Table(
            title=f"Updating an old model: {count(self.n)} rows, {count(self.n_events)} events",
            header=("", "log-likelihood", "AIC", "statistic", "df", "p"),
            rows=rows,
            notes=notes,
            sections=(self.rung().summary(), findings_table(self.findings)),
        )

    def _columns(self) -> dict[str, Any]:
        figures = ("log_likelihood", "aic", "statistic", "df", "p_value")
        columns: dict[str, Any] = {"rung": [rung.name for rung in self.rungs]}
        columns |= {name: [getattr(rung, name) for rung in self.rungs] for name in figures}
        return columns | {"obstacle": [rung.obstacle or None for rung in self.rungs]}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; what does not exist is None."""
        return {
            **self._plain_fields("rungs", "findings"),
            "rungs": [rung.to_dict() for rung in self.rungs],
            "findings": [finding.to_dict() for finding in self.findings],
        }


def parameter_names(rung: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Name the coefficients of a rung."""
    return {NONE: (), SHIFT: ("citl",), LINE: ("intercept", "slope"), REFIT: ("intercept", "slope", *columns)}[rung]
