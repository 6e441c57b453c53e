"""How many rows a validation needs, so that calibration in the large and the slope come out as sharp as wanted."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import check_level, check_number, check_risks, check_weights, refuse, refuse_rows
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number, percent

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray

# Below so many expected events or non-events intervals by normal laws are not to be trusted, whatever their width.
_FEWEST_EVENTS = 100


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ValidationPlan(Result):
    """How many rows a validation needs.

    Attributes
    ----------
    n : int
        Rows needed for all that is wanted.
    n_events : float
        Events to be expected among them.
    n_citl, n_slope : int or None
        Rows needed for the wanted width of the interval of calibration in the large, and of the slope.
    n_fewest : int
        Rows needed for 100 expected events and non-events, below which no width is worth its name.
    citl_width, slope_width : float or None
        The widths wanted.
    expected_citl_width, expected_slope_width : float or None
        The widths to be expected with n rows; there is no slope where all risks are equal.
    prevalence : float
        Mean of the anticipated risks.
    confidence_level : float
        Level of the intervals.
    assurance : float
        Probability that an interval of the validation is as narrow as wanted.
    """

    n: int
    n_events: float
    n_citl: int | None
    n_slope: int | None
    n_fewest: int
    citl_width: float | None
    slope_width: float | None
    expected_citl_width: float
    expected_slope_width: float | None
    prevalence: float
    confidence_level: float
    assurance: float

    def _headline(self) -> str:
        return f"{count(self.n)} rows with {count(round(self.n_events))} events"

    def summary(self) -> Table:
        """Give what each wish needs, and what to expect, as a table."""
        wishes = (
            (f"calibration in the large within {self._width(self.citl_width)}", self.n_citl),
            (f"calibration slope within {self._width(self.slope_width)}", self.n_slope),
            (f"at least {_FEWEST_EVENTS} expected events and non-events", self.n_fewest),
            ("all of it", self.n),
        )
        rows = tuple((name, count(n), count(round(n * self.prevalence))) for name, n in wishes if n is not None)
        level = f"{100 * self.confidence_level:g} % interval"
        expected = f"{number(self.expected_citl_width, 3)} for calibration in the large"
        if self.expected_slope_width is not None:
            expected += f", {number(self.expected_slope_width, 3)} for the slope"
        notes = (
            f"Widths are those of the {level}; with these rows each is as narrow as wanted with a probability of about "
            f"{percent(self.assurance, 0)}, if the risks are right and as anticipated.",
            f"Widths to be expected with {count(self.n)} rows: {expected}.",
        )
        title = f"Size of a validation at an event rate of {percent(self.prevalence, 2)}"
        return Table(title=title, header=("for", "rows", "events"), rows=rows, notes=notes)

    def _width(self, width: float | None) -> str:
        return "" if width is None else f"a width of {number(width, 3)}"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers; what was not asked for is None."""
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in self.__dataclass_fields__})
        return plain


def plan_validation(
    y_proba: ArrayLike,
    *,
    citl_width: float | None = None,
    slope_width: float | None = None,
    sample_weight: ArrayLike | None = None,
    confidence_level: float = 0.95,
    assurance: float = 0.8,
) -> ValidationPlan:
    """Find how many rows and events a validation needs for intervals of wanted widths.

    Parameters
    ----------
    y_proba : array-like of shape (m,)
        Risks as they are anticipated in the validation, for example those of the development rows; only their
        distribution matters, not their number.
    citl_width : float, optional
        Wanted width of the interval of calibration in the large, on the scale of log odds: 0.4 means plus and minus
        0.2, about a fifth of a small risk.
    slope_width : float, optional
        Wanted width of the interval of the calibration slope; 0.4 means plus and minus 0.2.
    sample_weight : array-like of shape (m,), optional
        Non-negative weights of the anticipated risks, for example to stand for another case mix.
    confidence_level : float
        Level of the intervals.
    assurance : float
        Probability with which each interval is to be as narrow as wanted; 0.5 plans for the width on average.

    Returns
    -------
    ValidationPlan

    Raises
    ------
    InputError
        For risks outside (0, 1), for equal risks with `slope_width`, widths that are not positive, and where no width
        is wanted.

    Notes
    -----
    With v = p(1 - p), L = logit p and means over the anticipated risks, ``I_a = mean v``, ``I_ab = mean L v``, ``I_b =
    mean L^2 v``: if the risks are right, n rows give standard errors ``1 / sqrt(n I_a)`` of calibration in the large
    and ``sqrt(I_a / (n (I_a I_b - I_ab^2)))`` of the slope. A validation draws other risks and outcomes, so its
    standard error varies: log of it is about normal, with the variance that the delta method gives for the moments
    and for the estimates at which they are taken. Simulated, the probability is reached within 0.06.

    References
    ----------
    Riley RD, Debray TPA, Collins GS, et al (2021). Minimum sample size for external validation of a clinical prediction
    model with a binary outcome. Statistics in Medicine 40:4230-4251. doi:10.1002/sim.9025

    Collins GS, Ogundimu EO, Altman DG (2016). Sample size considerations for the external validation of a multivariable
    prognostic model: a resampling study. Statistics in Medicine 35:214-226. doi:10.1002/sim.6787

    Examples
    --------
    >>> plan_validation([0.02, 0.05, 0.1, 0.2, 0.4], slope_width=0.4)
    <ValidationPlan: 1,007 rows with 155 events>
    """
    risk, weight = _anticipated(y_proba, sample_weight)
    level, sure = check_level(confidence_level), check_level(assurance, name="assurance")
    if citl_width is None and slope_width is None:
        raise refuse("citl_width or slope_width", "be given", "neither", "Say how narrow an interval has to be.")
    citl, slope = _precision_of_citl(risk, weight), _precision_of_slope(risk, weight)
    n_citl = n_slope = None
    if citl_width is not None:
        width = check_number(citl_width, name="citl_width", low=0, open_low=True)
        n_citl = _rows_needed(citl, width, level, sure)
    if slope_width is not None:
        width = check_number(slope_width, name="slope_width", low=0, open_low=True)
        if slope is None:
            raise refuse("y_proba", "hold different risks to plan for a slope", "equal ones")
        n_slope = _rows_needed(slope, width, level, sure)
    prevalence = float(weight @ risk)
    n_fewest = ceil(_FEWEST_EVENTS / min(prevalence, 1 - prevalence))
    n = max(n for n in (n_citl, n_slope, n_fewest) if n is not None)
    return ValidationPlan(
        n=n,
        n_events=n * prevalence,
        n_citl=n_citl,
        n_slope=n_slope,
        n_fewest=n_fewest,
        citl_width=citl_width,
        slope_width=slope_width,
        expected_citl_width=2 * _quantile(level) * np.sqrt(citl.variance / n),
        expected_slope_width=None if slope is None else 2 * _quantile(level) * np.sqrt(slope.variance / n),
        prevalence=prevalence,
        confidence_level=level,
        assurance=sure,
    )


class _Precision(NamedTuple):
    """Variance of an estimate from one row, and of the log of that variance as a validation of one row estimates it."""

    variance: float
    log_variance: float


def _anticipated(y_proba: object, sample_weight: object) -> tuple[FloatArray, FloatArray]:
    risk = check_risks(y_proba)
    if not len(risk):
        raise refuse("y_proba", "have at least one risk", "none")
    certain = (risk == 0) | (risk == 1)
    if certain.any():
        raise refuse_rows(
            "y_proba", "lie strictly between 0 and 1", risk, certain, "Leave certainties out of the plan."
        )
    weight = check_weights(sample_weight, len(risk))
    weight = np.ones(len(risk)) if weight is None else weight
    return risk, weight / weight.sum()


def _precision_of_citl(risk: FloatArray, weight: FloatArray) -> _Precision:
    """Give what one row says about the shift a: log I(a) moves with the moment and, through a, with the outcome."""
    v = risk * (1 - risk)
    information, third = float(weight @ v), float(weight @ (v * (1 - 2 * risk)))
    # d log I = (v_i - I) / I + (third / I) (y_i - p_i) / I, and var(y_i - p_i) = v_i.
    by_risks = float(weight @ (v / information - 1) ** 2)
    by_outcomes = (third / information) ** 2 / information
    return _Precision(1 / information, by_risks + by_outcomes)


def _precision_of_slope(risk: FloatArray, weight: FloatArray) -> _Precision | None:
    """Give the same for the slope b beside an intercept; None where all risks are equal."""
    line = np.log(risk) - np.log1p(-risk)
    v = risk * (1 - risk)
    design = np.column_stack([np.ones(len(line)), line])
    information = design.T @ (design * (weight * v)[:, None])
    determinant = float(np.linalg.det(information))
    if determinant <= 1e-12 * information[0, 0] * max(information[1, 1], 1e-12):
        return None
    inverse = np.linalg.inv(information)
    # log var(b) = log (inverse)_bb; moving the information by D moves it by -(u' D u) / (inverse)_bb, u = inverse e_b.
    u = design @ inverse[:, 1]
    by_risk = v * u**2 / inverse[1, 1]
    third = v * (1 - 2 * risk)
    # The information at the estimates moves with them, and they move with the scores of the outcomes.
    gradient = design.T @ (weight * third * u**2 / inverse[1, 1])
    by_outcomes = float(gradient @ inverse @ gradient)
    return _Precision(float(inverse[1, 1]), float(weight @ (by_risk - 1) ** 2) + by_outcomes)


def _rows_needed(one_row: _Precision, width: float, level: float, assurance: float) -> int:
    """Give the smallest n with log(variance / n) + z sqrt(log_variance / n) <= log of the wanted variance."""
    from scipy.special import ndtri

    log_wanted = 2 * np.log(width / (2 * _quantile(level)))
    z = float(ndtri(assurance))
    # n (log n - c) = z sqrt(n log_variance), solved for n from the size on average.
    n = float(np.exp(np.log(one_row.variance) - log_wanted))
    for _ in range(100):
        after = float(np.exp(np.log(one_row.variance) - log_wanted + z * np.sqrt(one_row.log_variance / n)))
        if abs(after - n) < 1e-9 * n:
            break
        n = after
    return max(1, ceil(n - 1e-6))


def _quantile(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))
