"""How many rows the development of a risk model needs: Riley's criteria for a binary outcome."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, log
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_integer, check_number, refuse
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.models.inference.fit_statistics import fit_statistics
from riskdec.models.inference.r_squared import largest_r2, r2_from_auc

if TYPE_CHECKING:
    from riskdec.models.regression.logistic_fit import LogisticFit

# The regression behind the fourth criterion was made for up to this many parameters.
_MOST_PARAMETERS = 30
_NORMAL_95 = 1.96


@dataclass(frozen=True, kw_only=True, slots=True)
class SizeCriterion:
    """One criterion and what it asks for.

    Attributes
    ----------
    name : str
        What shall hold.
    n : int
        Rows it needs.
    events : float
        Events among them.
    events_per_parameter : float
        The same for each parameter.
    """

    name: str
    n: int
    events: float
    events_per_parameter: float


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class DevelopmentSize(Framed):
    """The number of rows that a new model with so many parameters needs.

    `frame` gives one line for each criterion: criterion, n, events, events_per_parameter.

    Attributes
    ----------
    criteria : tuple of SizeCriterion
        Each by itself.
    n : int
        Rows that satisfy all of them.
    events : float
        Events among them.
    n_parameters : int
        Candidate parameters.
    prevalence : float
        Share of events.
    r2_cox_snell, r2_max : float
        Cox and Snell's R squared on new rows, and the largest value that it can have at this prevalence.
    n_available : float or None
        Rows at hand, where the sizes are for a fit.
    """

    criteria: tuple[SizeCriterion, ...]
    n: int
    events: float
    n_parameters: int
    prevalence: float
    r2_cox_snell: float
    r2_max: float
    n_available: float | None

    def _headline(self) -> str:
        return f"{self.n} rows, {self.events:.0f} events for {self.n_parameters} parameters"

    def summary(self) -> Table:
        """Give what each criterion asks for, and what all of them do."""
        lines = [(c.name, count(c.n), count(ceil(c.events)), number(c.events_per_parameter, 3)) for c in self.criteria]
        lines.append(
            ("all of them", count(self.n), count(ceil(self.events)), number(self.events / self.n_parameters, 3))
        )
        notes = [
            f"{self.n_parameters} candidate parameters, events {percent(self.prevalence)}, Cox and Snell's R2 "
            f"{number(self.r2_cox_snell, 3)} of at most {number(self.r2_max, 3)}"
        ]
        if self.n_available is not None:
            verdict = "enough" if self.n_available >= self.n else "too few"
            notes.append(f"the fit had {count(self.n_available)} rows: {verdict}")
        return Table(
            title="Rows needed to develop the model",
            header=("", "rows", "events", "events per parameter"),
            rows=tuple(lines),
            notes=tuple(notes),
        )

    def _columns(self) -> dict[str, Any]:
        return {
            "criterion": [c.name for c in self.criteria],
            "n": [c.n for c in self.criteria],
            "events": [c.events for c in self.criteria],
            "events_per_parameter": [c.events_per_parameter for c in self.criteria],
        }

    def to_dict(self) -> dict[str, Any]:
        """Give all figures, ready for JSON."""
        criteria = [
            {"name": c.name, "n": c.n, "events": c.events, "events_per_parameter": c.events_per_parameter}
            for c in self.criteria
        ]
        answer = {
            "criteria": criteria,
            "n": self.n,
            "events": self.events,
            "n_parameters": self.n_parameters,
            "prevalence": self.prevalence,
            "r2_cox_snell": self.r2_cox_snell,
            "r2_max": self.r2_max,
            "n_available": self.n_available,
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def development_size(
    *,
    n_parameters: int,
    prevalence: float,
    r2_cox_snell: float | None = None,
    auc: float | None = None,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    margin: float = 0.05,
    mean_error: float | None = 0.05,
) -> DevelopmentSize:
    """Compute how many rows the development of a risk model needs.

    Parameters
    ----------
    n_parameters : int
        Candidate parameters P: each spline term and each level but one counts, whether or not it ends in the model.
    prevalence : float
        Share of events, phi.
    r2_cox_snell : float, optional
        Cox and Snell's R squared, R2, that the model is expected to have on new rows.
    auc : float, optional
        In its place: the expected area under the ROC curve.
    shrinkage : float
        Least global shrinkage factor S.
    optimism : float
        Largest difference between apparent and true R squared (Nagelkerke's).
    margin : float
        Half width of the 95 % interval of the average risk.
    mean_error : float, optional
        Largest expected mean absolute error of the risks; asked for with up to 30 parameters, and not with None (the
        program pmsampsize of the authors asks for the other three).

    Returns
    -------
    DevelopmentSize
        The criteria and the largest of them.

    Notes
    -----
    ``n = P / ((S - 1) log(1 - R2 / S))`` with the S asked for, and again with
    ``S = R2 / (R2 + optimism R2_max)``; ``n = (1.96 / margin)^2 phi (1 - phi)``; and
    ``log n = (-0.508 + 0.259 log phi + 0.504 log P - log mean_error) / 0.544``.
    ``R2_max = 1 - (phi^phi (1 - phi)^(1 - phi))^2``.

    References
    ----------
    Riley RD et al. (2019). Minimum sample size for developing a multivariable prediction model: part II. Statistics
    in Medicine 38:1276-1296. doi:10.1002/sim.7992
    Riley RD et al. (2020). Calculating the sample size required for developing a clinical prediction model. BMJ
    368:m441. doi:10.1136/bmj.m441
    van Smeden M et al. (2019). Sample size for binary logistic prediction models: beyond events per variable
    criteria. Statistical Methods in Medical Research 28:2455-2474. doi:10.1177/0962280218784726

    Examples
    --------
    >>> development_size(n_parameters=24, prevalence=0.174, r2_cox_snell=0.288, mean_error=None).n
    662
    """
    P = check_integer(n_parameters, name="n_parameters", low=1)
    phi = _inside(prevalence, "prevalence")
    r2 = _expected_r2(r2_cox_snell, auc, phi)
    wanted = _inside(shrinkage, "shrinkage")
    r2_max = largest_r2(phi)
    if not r2 < min(wanted, r2_max):
        rule = f"be below the shrinkage ({wanted:g}) and its largest value at this prevalence ({r2_max:.3g})"
        raise refuse("r2_cox_snell", rule, f"{r2:.3g}")
    small_optimism = r2 / (r2 + _inside(optimism, "optimism") * r2_max)
    sizes = [
        (f"shrinkage at least {wanted:g}", _size_for_shrinkage(P, r2, wanted)),
        (f"optimism of R2 at most {optimism:g}", _size_for_shrinkage(P, r2, small_optimism)),
        (f"average risk within {margin:g}", (_NORMAL_95 / _inside(margin, "margin")) ** 2 * phi * (1 - phi)),
    ]
    if mean_error is not None and P <= _MOST_PARAMETERS:
        power = (-0.508 + 0.259 * log(phi) + 0.504 * log(P) - log(_inside(mean_error, "mean_error"))) / 0.544
        sizes.append((f"mean absolute error at most {mean_error:g}", exp(power)))
    criteria = tuple(
        SizeCriterion(name=name, n=ceil(n), events=ceil(n) * phi, events_per_parameter=ceil(n) * phi / P)
        for name, n in sizes
    )
    largest = max(criteria, key=lambda criterion: criterion.n)
    return DevelopmentSize(
        criteria=criteria,
        n=largest.n,
        events=largest.events,
        n_parameters=P,
        prevalence=phi,
        r2_cox_snell=r2,
        r2_max=r2_max,
        n_available=None,
    )


def development_size_of(fit: LogisticFit) -> DevelopmentSize:
    """Ask whether a fit had enough rows, taking its shrunken R squared for what new rows will show.

    Parameters
    ----------
    fit : LogisticFit
        By maximum likelihood with an intercept, rows independent and weighed by counts. Its terms are taken for all
        candidates: terms that were tried and dropped count too, so give `development_size` their number then.

    Returns
    -------
    DevelopmentSize
        With ``n_available``.
    """
    figures = fit_statistics(fit)
    if len(fit.outcomes) > 2:
        raise refuse(
            "the fit", "have two outcomes", f"{len(fit.outcomes)}", "Each pair of outcomes needs its own size."
        )
    if figures.shrinkage is None or figures.r2_cox_snell is None or figures.shrinkage <= 0:
        got = figures.withheld or "a likelihood ratio no larger than chance"
        cure = "Use development_size with the R2 or AUC that you expect."
        raise refuse("the fit", "have a likelihood ratio above its degrees of freedom", got, cure)
    size = development_size(
        n_parameters=figures.df,
        prevalence=fit.n_by_outcome[1] / fit.n,
        r2_cox_snell=figures.shrinkage * figures.r2_cox_snell,
    )
    fields = {name: getattr(size, name) for name in ("criteria", "n", "events", "n_parameters", "prevalence")}
    return DevelopmentSize(
        **fields,
        r2_cox_snell=size.r2_cox_snell,
        r2_max=size.r2_max,
        n_available=fit.n,
        frame_kind=fit.frame_kind,
    )


def _expected_r2(r2_cox_snell: float | None, auc: float | None, prevalence: float) -> float:
    if (r2_cox_snell is None) == (auc is None):
        got = "neither" if auc is None else "both"
        raise refuse("r2_cox_snell or auc", "be given, one of the two", got)
    if auc is None:
        return _inside(r2_cox_snell, "r2_cox_snell")
    return r2_from_auc(check_number(auc, name="auc", low=0.5, high=0.999, open_low=True), prevalence)


def _size_for_shrinkage(n_parameters: int, r2: float, shrinkage: float) -> float:
    return n_parameters / ((shrinkage - 1) * log(1 - r2 / shrinkage))


def _inside(value: object, name: str) -> float:
    inside = check_number(value, name=name, low=0, high=1, open_low=True)
    if inside == 1:
        raise refuse(name, "lie strictly between 0 and 1", "1")
    return inside
