"""What weights cost in precision: efficiency of each coefficient and of the linear predictor, and standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.result import Framed
from riskdec._base.table import percent
from riskdec.weighting.efficiency.tables import efficiency_table

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind

_COLUMNS = ("efficiency", "undersampling_efficiency", "unweighted_se", "naive_se", "robust_se")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WeightingEfficiency(Framed):
    """How precise a weighted logistic regression is beside one without weights on the same rows.

    Efficiencies are asymptotic variances without weights over those with them, from the risks of the fit without
    weights; they compare estimates of the same thing only where the logistic form is right. Arrays have one entry for
    each of k coefficients without aliases.

    `frame` gives one row per coefficient.

    Attributes
    ----------
    weight_ratio, natural_ratio : float
        Weight of an event over that of a non-event; non-events over events among the rows.
    terms : tuple of str
        Names of the coefficients; the intercept is the one after undoing, less the log of the ratio.
    efficiency : ndarray of shape (k,)
        Of the weighted coefficients, in (0, 1]; above 1 only where rows have importance weights.
    predictor_efficiency : float
        Of the weighted linear predictor, averaged over the rows.
    undersampling_efficiency : ndarray of shape (k,)
        Of the coefficients after keeping at random as many rows of the commoner outcome as the ratio says.
    undersampling_predictor_efficiency : float
        Of that linear predictor.
    unweighted_se : ndarray of shape (k,)
        Standard errors without weights; cluster-robust with groups.
    naive_se, robust_se : ndarray of shape (k,) or None
        Standard errors of the weighted fit: those that take weights of mean one for counts of rows, and sandwich
        ones. That of the intercept takes the ratio as given. None without outcomes to fit to.
    shape_statistic, shape_p_value : float
        Wald test that weights moved no slope, as they would not if the form were right; nan where there is none.
    shape_df : int
        Its degrees of freedom.
    comparable : bool or None
        False where that test rejects at the 5 % level; None where there is none.
    n, n_events : int
        Rows, and rows with the event.
    n_groups : int or None
        Groups of dependent rows.
    weight_kind : {"frequency", "importance"} or None
        What weights of rows meant; None without any.
    findings : tuple of Finding
        What a reader must know, most serious first.
    """

    weight_ratio: float
    natural_ratio: float
    terms: tuple[str, ...]
    efficiency: FloatArray
    predictor_efficiency: float
    undersampling_efficiency: FloatArray
    undersampling_predictor_efficiency: float
    unweighted_se: FloatArray
    naive_se: FloatArray | None
    robust_se: FloatArray | None
    shape_statistic: float
    shape_df: int
    shape_p_value: float
    comparable: bool | None
    n: int
    n_events: int
    n_groups: int | None
    weight_kind: WeightKind | None
    findings: tuple[Finding, ...]

    def _headline(self) -> str:
        if self.comparable is False:
            return "not comparable: weights moved the slopes beyond chance"
        lost = 1 - self.predictor_efficiency
        rows = f"{percent(abs(lost))} {'fewer' if lost >= 0 else 'more'} rows"
        return f"the linear predictor as precise as without weights on {rows}"

    def summary(self) -> Table:
        """Give efficiencies and standard errors term by term, and the findings."""
        return efficiency_table(self)

    def _columns(self) -> dict[str, Any]:
        columns = {name: getattr(self, name) for name in _COLUMNS}
        kept = {name: column for name, column in columns.items() if column is not None}
        return {"term": list(self.terms), **kept}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text, ready for JSON."""
        return self._plain_fields("findings") | {"findings": [finding.to_dict() for finding in self.findings]}
