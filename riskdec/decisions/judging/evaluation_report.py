"""The answer of an evaluation: realised cost, coverage, and what simpler rules would have cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.findings import Finding, findings_table
from riskdec._base.result import Framed, Report, jsonable
from riskdec._base.table import Table, count, number, percent

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, WeightKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """What a simpler rule would have cost on the same rows.

    Attributes
    ----------
    name : str
        ``"always <action>"``; ``"forced choice"``, the same risks and costs without the action that defers;
        ``"0.5 cut"`` (``"most likely outcome"`` for three or more outcomes), the cheapest action for the
        outcome that is the most likely, as if it were certain.
    mean_realised_cost : float
        Mean cost per row.
    saving : float
        What the decisions saved per row against it; negative if the simpler rule was cheaper.
    standard_error : float
        Standard error of the saving, paired row by row.
    """

    name: str
    mean_realised_cost: float
    saving: float
    standard_error: float


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class DecisionEvaluation(Framed, Report):
    """What decisions cost, with every row counted: a deferred one costs what deferring costs.

    `frame` gives one line per baseline: rule, mean realised cost, saving, standard error of the saving.

    Attributes
    ----------
    n : int
        Number of rows; repeated ones (frequency weights) counted again, those of weight zero left out.
    mean_realised_cost : float
        Mean cost per row, in the unit of the costs.
    standard_error : float
        Standard error of this mean for new rows (or clusters) from the same population.
    total_realised_cost : float
        Weighted sum of the costs.
    deferral_rate, coverage : float
        Weighted share of rows deferred, and decided; they add up to one.
    normalised_cost : float
        Realised cost over the cost of the best constant action, both above the cost of knowing every
        outcome; above 1 the risks were worse than nothing. nan where the best constant action is never wrong.
    confusion : ndarray of shape (K, A)
        Weighted number of rows by outcome and action.
    outcomes, actions : tuple of str
        Names of its rows and columns.
    baselines : tuple of Baseline
        Each constant action, the forced choice, the 0.5 cut.
    findings : tuple of Finding
        What limits these figures.
    weight_kind : {"frequency", "importance"}
        Meaning of the weights.
    n_groups : int or None
        Number of clusters, if the standard errors are by cluster.
    """

    n: int
    mean_realised_cost: float
    standard_error: float
    total_realised_cost: float
    deferral_rate: float
    coverage: float
    normalised_cost: float
    confusion: FloatArray
    outcomes: tuple[str, ...]
    actions: tuple[str, ...]
    baselines: tuple[Baseline, ...]
    findings: tuple[Finding, ...]
    weight_kind: WeightKind
    n_groups: int | None

    def summary(self) -> Table:
        """Give total cost and coverage side by side, the baselines, and the table of outcomes by actions."""
        rows = (
            ("mean realised cost per row", number(self.mean_realised_cost)),
            ("  standard error", number(self.standard_error)),
            ("total realised cost", number(self.total_realised_cost)),
            ("coverage (share decided)", percent(self.coverage)),
            ("deferral rate", percent(self.deferral_rate)),
            ("cost relative to the best constant action", number(self.normalised_cost)),
        )
        note = "A deferred row costs what deferring costs. Savings are paired, row by row."
        sections = (self._baseline_table(), self._confusion_table())
        return Table(
            title=f"Realised cost of the decisions on {count(self.n)} rows",
            rows=rows,
            notes=(note,),
            sections=(*sections, findings_table(self.findings)) if self.findings else sections,
        )

    def _columns(self) -> dict[str, Any]:
        return {
            "rule": [baseline.name for baseline in self.baselines],
            "mean_realised_cost": [baseline.mean_realised_cost for baseline in self.baselines],
            "saving": [baseline.saving for baseline in self.baselines],
            "standard_error": [baseline.standard_error for baseline in self.baselines],
        }

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        plain = {
            "n": self.n,
            "mean_realised_cost": self.mean_realised_cost,
            "standard_error": self.standard_error,
            "total_realised_cost": self.total_realised_cost,
            "deferral_rate": self.deferral_rate,
            "coverage": self.coverage,
            "normalised_cost": self.normalised_cost,
            "outcomes": self.outcomes,
            "actions": self.actions,
            "confusion": self.confusion,
            "baselines": [asdict(baseline) for baseline in self.baselines],
            "findings": [finding.to_dict() for finding in self.findings],
            "weight_kind": self.weight_kind,
            "n_groups": self.n_groups,
        }
        return {name: jsonable(value) for name, value in plain.items()}

    def _headline(self) -> str:
        mean, coverage = number(self.mean_realised_cost), percent(self.coverage)
        return f"{count(self.n)} rows, mean realised cost {mean}, coverage {coverage}"

    def _baseline_table(self) -> Table:
        header = ("rule", "mean realised cost", "saved by deciding", "standard error")
        rows = [
            (b.name, number(b.mean_realised_cost), number(b.saving), number(b.standard_error)) for b in self.baselines
        ]
        return Table(title="Against simpler rules", header=header, rows=tuple(rows))

    def _confusion_table(self) -> Table:
        rows = [(name, *map(count, row)) for name, row in zip(self.outcomes, self.confusion.tolist(), strict=True)]
        return Table(title="Rows by outcome and action", header=("", *self.actions), rows=tuple(rows))
