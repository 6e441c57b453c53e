"""The CORP decomposition of a score into miscalibration, discrimination and uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_option
from riskdec._base.findings import Finding, findings_table
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.isotonic import pool_violators
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.scores.sums import ForecastSums

ScoreName = Literal["brier", "log"]

_TITLES: dict[ScoreName, str] = {"brier": "Brier score", "log": "logarithmic score"}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ScoreDecomposition(Result):
    """A mean score and its parts: ``score = miscalibration - discrimination + uncertainty``.

    Attributes
    ----------
    name : {"brier", "log"}
        Which score: Brier in [0, 1], or logarithmic in nats.
    score : float
        Mean score of the forecasts; infinite where an event of probability 0 happened (log score).
    miscalibration : float
        What a perfect monotone recalibration on these rows would gain; 0 is best, positive by chance alone.
    discrimination : float
        What the recalibrated forecasts gain over the constant event rate; larger is better.
    uncertainty : float
        Score of the constant event rate: how hard the task is.
    n, n_events : int
        Rows, and rows with the event.
    findings : tuple of Finding
        Says why where a part is infinite.
    """

    name: ScoreName
    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    n: int
    n_events: int
    findings: tuple[Finding, ...] = ()

    def _headline(self) -> str:
        parts = f"{_TITLES[self.name]} {number(self.score)}, miscalibration {number(self.miscalibration)}"
        return f"{parts}, n={self.n}"

    def summary(self) -> Table:
        """Give the score and its parts as a table."""
        rows = (
            (_TITLES[self.name], number(self.score)),
            ("miscalibration", number(self.miscalibration)),
            ("discrimination", number(self.discrimination)),
            ("uncertainty", number(self.uncertainty)),
        )
        size = f"{count(self.n)} rows, {count(self.n_events)} events"
        note = f"{size}; miscalibration is positive by chance alone."
        sections = (findings_table(self.findings),) if self.findings else ()
        title = "Score = miscalibration - discrimination + uncertainty"
        return Table(title=title, rows=rows, notes=(note,), sections=sections)

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; an infinite part is None."""
        numbers = {
            "name": self.name,
            "score": self.score,
            "miscalibration": self.miscalibration,
            "discrimination": self.discrimination,
            "uncertainty": self.uncertainty,
            "n": self.n,
            "n_events": self.n_events,
        }
        return {**jsonable(numbers), "findings": [finding.to_dict() for finding in self.findings]}


def decompose_score(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    score: ScoreName = "brier",
    sample_weight: ArrayLike | None = None,
    event: object = None,
) -> ScoreDecomposition:
    """Split a mean score into miscalibration, discrimination and uncertainty (CORP).

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event.
    score : {"brier", "log"}
        Brier score in [0, 1] or logarithmic score in nats.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights of any kind: the parts are weighted means.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.

    Returns
    -------
    ScoreDecomposition

    Raises
    ------
    InputError
        For risks outside [0, 1], missing values, negative weights, an unknown score.

    Notes
    -----
    With S the mean score, c the isotonic regression of the outcome on the risk (tied risks pooled) and r the
    event rate: miscalibration ``S(p) - S(c)``, discrimination ``S(r) - S(c)``, uncertainty ``S(r)``.

    References
    ----------
    Dimitriadis T, Gneiting T, Jordan AI (2021). Stable reliability diagrams for probabilistic classifiers.
    PNAS 118(8). doi:10.1073/pnas.2016191118

    Examples
    --------
    >>> parts = decompose_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> parts
    <ScoreDecomposition: Brier score 0.1581, miscalibration 0.03313, n=4>
    """
    check_option(score, tuple(_TITLES), name="score")
    given = check_forecasts(y_true, y_proba, sample_weight=sample_weight, weight_kind="importance", event=event)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    level, _ = pool_violators(sums.events, sums.weight)
    total, best, constant = (mean_score(sums, risk, score) for risk in (sums.risk, level, sums.prevalence))
    findings = () if np.isfinite(total) else (impossible_outcomes(sums),)
    return ScoreDecomposition(
        name=score,
        score=total,
        miscalibration=total - best,
        discrimination=constant - best,
        uncertainty=constant,
        n=sums.n,
        n_events=sums.n_events,
        findings=findings,
    )


def mean_score(sums: ForecastSums, risk: FloatArray | float, score: ScoreName = "brier") -> float:
    """Compute the mean score of giving `risk` to the rows of each forecast."""
    if score == "brier":
        terms = sums.events * (1 - risk) ** 2 + sums.nonevents * risk**2
    else:
        from scipy.special import xlog1py, xlogy

        # xlogy(0, 0) = 0: what did not happen may well have had probability 0.
        terms = np.asarray(-xlogy(sums.events, risk) - xlog1py(sums.nonevents, -np.asarray(risk)), np.float64)
    return float(terms.sum()) / sums.total


def impossible_outcomes(sums: ForecastSums) -> Finding:
    """Say how many rows contradict a risk of exactly 0 or 1, and what that does to the log score."""
    at_zero = float(sums.events[sums.risk == 0].sum())
    at_one = float(sums.nonevents[sums.risk == 1].sum())
    return Finding(
        code="RD206",
        severity="issue",
        sentence=(
            f"The log score is infinite: what was given probability 0 happened ({count(at_zero)} events at "
            f"risk 0, {count(at_one)} non-events at risk 1). Discrimination and uncertainty stay finite."
        ),
        todo="Find out why the model is certain; if you clip the risks, say at which value.",
    )
