"""The answer of a decision curve: net benefit of every strategy at every threshold, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.result import Framed, Report
from riskdec._base.table import Table, count, interval, number, percent
from riskdec.decisions.zones.regions import risk_text

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray

# Lines of a printed table.
_MOST_LINES = 10


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class DecisionCurve(Framed, Report):
    """Net benefit over thresholds; S strategies, T thresholds, D pairs of strategies.

    `frame` gives one line per strategy and threshold, treating all and none among them.

    Attributes
    ----------
    threshold : ndarray of shape (T,)
        Risk from which acting pays; it stands for a false alarm that costs `t` where a miss costs `1 - t`.
    names : tuple of str
        The strategies.
    net_benefit : ndarray of shape (S, T)
        In true positives per case.
    standard_error : ndarray of shape (S, T)
        Its standard error; nan where fewer than five events or non-events are acted on.
    low, high : ndarray of shape (S, T)
        Where `in_band`, a band that covers the whole curve at `confidence_level`; elsewhere exact limits for each
        threshold by itself, nan where there are none (importance weights, clusters).
    in_band : ndarray of bool, shape (S, T)
        Where the limits hold together.
    acted_events, acted_non_events : ndarray of shape (S, T)
        Rows acted on.
    treat_all, treat_all_error, treat_none : ndarray of shape (T,)
        Net benefit of acting on everybody, its standard error, and the zeros of acting on nobody.
    standardised, standardised_error : ndarray of shape (S, T)
        Net benefit over the prevalence: 1 is the most that any strategy can reach.
    pairs : tuple of pairs of str
        Strategies compared, ``"treat all"`` among them.
    difference, difference_error : ndarray of shape (D, T)
        First minus second of each pair, and its standard error from differences row by row.
    harm : ndarray of shape (S,)
        What obtaining each prediction costs a case, in true positives: already subtracted above.
    n, n_events : int
        Rows, and events among them.
    prevalence : float
        Share of events; the one given where `fixed_prevalence`.
    fixed_prevalence : bool
        Whether the prevalence was given.
    confidence_level : float
        Level of the bands.
    n_groups : int or None
        Number of clusters, if standard errors are by cluster.
    """

    threshold: FloatArray
    names: tuple[str, ...]
    net_benefit: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    in_band: BoolArray
    acted_events: FloatArray
    acted_non_events: FloatArray
    treat_all: FloatArray
    treat_all_error: FloatArray
    treat_none: FloatArray
    standardised: FloatArray
    standardised_error: FloatArray
    pairs: tuple[tuple[str, str], ...]
    difference: FloatArray
    difference_error: FloatArray
    harm: FloatArray
    n: int
    n_events: int
    prevalence: float
    fixed_prevalence: bool
    confidence_level: float
    n_groups: int | None

    @property
    def interventions_avoided(self) -> FloatArray:
        """Net interventions avoided per case against treating all, at the same number of events missed: (S, T)."""
        avoided: FloatArray = (self.net_benefit - self.treat_all) * (1 - self.threshold) / self.threshold
        return avoided

    def compare(self, name: str, other: str) -> Table:
        """Give the paired difference of two strategies at some thresholds.

        Parameters
        ----------
        name, other : str
            Names of strategies, or ``"treat all"``.

        Returns
        -------
        Table
            Difference of net benefit (`name` minus `other`) and its standard error.
        """
        turned = (name, other) not in self.pairs
        asked = (other, name) if turned else (name, other)
        if asked not in self.pairs:
            known = ", ".join(map(repr, (*self.names, "treat all")))
            raise refuse("name and other", f"be two of {known}", f"{name!r} and {other!r}")
        place = self.pairs.index(asked)
        difference, error = self.difference[place] * (-1 if turned else 1), self.difference_error[place]
        rows = [(risk_text(self.threshold[j]), number(difference[j]), number(error[j])) for j in self._shown().tolist()]
        title = f"Net benefit of {name!r} minus {other!r}, in true positives per case"
        note = "Standard errors are paired. A difference that is not significant is still the best estimate there is."
        return Table(title=title, header=("threshold", "difference", "standard error"), rows=tuple(rows), notes=(note,))

    def summary(self) -> Table:
        """Give net benefit with its limits at about ten of the thresholds."""
        header = ("threshold", *(column for name in self.names for column in (name, "limits")), "treat all")
        rows = [
            (risk_text(self.threshold[j]), *self._cells(j), number(self.treat_all[j])) for j in self._shown().tolist()
        ]
        known = "given" if self.fixed_prevalence else "observed"
        notes = [
            "Net benefit: true positives per case, false ones subtracted at the exchange rate of the threshold. "
            "Treat none is 0.",
            f"Limits hold together ({percent(self.confidence_level)}) where five events and five non-events are "
            "acted on; those marked * hold for each threshold by itself.",
        ]
        if self.harm.any():
            shown = ", ".join(f"{name} {number(h)}" for name, h in zip(self.names, self.harm, strict=True) if h)
            notes.append(f"Harm of obtaining the prediction is subtracted (true positives per case): {shown}.")
        size = f"{count(self.n)} rows, {count(self.n_events)} events"
        title = f"Decision curve: {size}, prevalence {percent(self.prevalence)} ({known})"
        return Table(title=title, header=header, rows=tuple(rows), notes=tuple(notes))

    def _columns(self) -> dict[str, Any]:
        names = (*self.names, "treat all", "treat none")
        nothing = np.full(self.threshold.size, np.nan)
        extra = {
            "net_benefit": [self.treat_all, self.treat_none],
            "standard_error": [self.treat_all_error, self.treat_none],
        }
        columns: dict[str, Any] = {
            "strategy": np.repeat(np.array(names), self.threshold.size),
            "threshold": np.tile(self.threshold, len(names)),
        }
        for name in ("net_benefit", "standard_error", "low", "high", "standardised", "interventions_avoided"):
            columns[name] = np.concatenate([*getattr(self, name), *extra.get(name, [nothing, nothing])])
        return columns

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        return self._plain_fields()

    def _headline(self) -> str:
        low, high = risk_text(self.threshold[0]), risk_text(self.threshold[-1])
        return f"{', '.join(self.names)}; {count(self.n)} rows, thresholds {low} to {high}"

    def _shown(self) -> Any:
        size = self.threshold.size
        return np.unique(np.linspace(0, size - 1, min(size, _MOST_LINES)).round().astype(int))

    def _cells(self, j: int) -> list[str]:
        cells = []
        for s in range(len(self.names)):
            missing = np.isnan(self.low[s, j])
            limits = "" if missing else interval(self.low[s, j], self.high[s, j], 3)
            mark = "" if missing or self.in_band[s, j] else " *"
            cells += [number(self.net_benefit[s, j]), limits + mark]
        return cells
