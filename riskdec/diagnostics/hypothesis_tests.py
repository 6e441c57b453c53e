"""Tests of calibration: Spiegelhalter's, and the exact test of the number of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_integer, check_rng, refuse
from riskdec._base.result import jsonable
from riskdec._base.table import number, p_value
from riskdec.diagnostics.distances.errors import monte_carlo_p_value
from riskdec.diagnostics.draws import resample
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, IntArray, RngLike, WeightKind
    from riskdec.diagnostics.draws import Resamples
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# Below so many expected events or non-events p-values come from draws under calibration, below the second number no
# asymptotic p-value or interval is given at all.
FEW_EVENTS = 100
TOO_FEW_EVENTS = 10
# Draws under calibration where p-values come from them.
N_DRAWS = 999

COUNT_TEST = "number of events (Poisson-binomial)"

# Points of the discrete Fourier transform: a count with mean below 100 exceeds 511 with probability below 1e-150.
_POINTS = 512
_MANY_EVENTS = 100
_CHUNK = 4096


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CalibrationTest:
    """A test of calibration.

    Attributes
    ----------
    name : str
        What is tested, and by which statistic.
    statistic : float
        Its value.
    df : float or None
        Degrees of freedom, where it has them.
    p_value : float
        Two-sided; nan where it is withheld.
    method : {"asymptotic", "Monte Carlo", "exact"}
        Where the p-value comes from.
    """

    name: str
    statistic: float
    df: float | None
    p_value: float
    method: Literal["asymptotic", "Monte Carlo", "exact"]

    def __repr__(self) -> str:
        return f"<CalibrationTest: {self.name} {number(self.statistic)}, {p_phrase(self.p_value)} ({self.method})>"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text."""
        fields = {
            "name": self.name,
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
            "method": self.method,
        }
        plain: dict[str, Any] = jsonable(fields)
        return plain


def p_phrase(value: float) -> str:
    """Write a p-value with its name.

    >>> p_phrase(0.0123), p_phrase(0.00001)
    ('p = 0.012', 'p < 0.001')
    """
    text = p_value(value)
    return f"p < {text[1:]}" if text.startswith("<") else f"p = {text}"


class SpiegelhalterStatistic:
    """Size of the standardised sum of (outcome minus risk) times (1 minus twice the risk)."""

    __slots__ = ("_expected", "_lever", "_scale")

    def __init__(self, sums: ForecastSums) -> None:
        risk = sums.risk
        self._expected = sums.weight * risk
        self._lever = 1 - 2 * risk
        self._scale = float(np.sqrt((sums.squared_weight * self._lever**2 * risk * (1 - risk)).sum()))

    @property
    def exists(self) -> bool:
        """Whether the statistic varies at all under calibration."""
        return self._scale > 0

    def z(self, events: FloatArray) -> float:
        """Give the signed statistic; nan where it does not exist."""
        total = float(((events - self._expected) * self._lever).sum())
        return total / self._scale if self.exists else float("nan")

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the size of the statistic as an array of one number."""
        return np.array([abs(self.z(events))])

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give the sizes as they are."""
        return reduced


def choose_draws(sums: ForecastSums, n_resamples: int | None) -> int:
    """Give the number of draws for p-values: as asked for, or 999 where few events are expected and 0 elsewhere."""
    if n_resamples is not None:
        return check_integer(n_resamples, name="n_resamples", low=1)
    return N_DRAWS if fewest_expected(sums) < FEW_EVENTS else 0


def fewest_expected(sums: ForecastSums) -> float:
    """Give the number of rows expected with the event, or without it, whichever is smaller."""
    expected = float((sums.cell_count * sums.cell_risk).sum())
    return min(expected, sums.n - expected)


def spiegelhalter_test(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    n_resamples: int | None = None,
    rng: RngLike = None,
) -> CalibrationTest:
    """Test whether the Brier score is what calibrated risks would give.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most; rows independent of each other, or of those of other groups.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Labels of clusters, such as patients. The variance is then that of the sums of clusters, and the statistic is
        held against t with one degree of freedom less than there are clusters.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    n_resamples : int, optional
        Number of draws under calibration from which the p-value is taken; by default 999 where fewer than 100 events
        or non-events are expected, and none elsewhere. With groups none can be taken.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationTest
        The statistic is standard normal under calibration; it grows with risks that are too extreme.

    Raises
    ------
    InputError
        For invalid outcomes, risks or weights, and where every risk is 0, 1/2 or 1: the statistic is constant then.

    Notes
    -----
    ``z = sum w (y - p)(1 - 2p) / sqrt(sum v (1 - 2p)^2 p (1 - p))`` with v = w for frequency weights and v = w^2 for
    importance weights. With groups g the variance is ``G/(G-1) sum_g (sum_{i in g} w (y - p)(1 - 2p))^2``.

    References
    ----------
    Spiegelhalter DJ (1986). Probabilistic prediction in patient management and clinical trials. Statistics in
    Medicine 5:421-433. doi:10.1002/sim.4780050506

    Examples
    --------
    >>> spiegelhalter_test([0, 0, 1, 1] * 60, [0.1, 0.4, 0.6, 0.7] * 60).method
    'asymptotic'
    """
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    generator = check_rng(rng)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    if not SpiegelhalterStatistic(sums).exists:
        raise refuse("y_proba", "hold risks other than 0, 1/2 and 1 for this test", "only those")
    if given.groups is not None:
        if n_resamples is not None:
            cure = "Nothing tells how outcomes of one group hang together."
            raise refuse("n_resamples", "be left out with groups", repr(n_resamples), cure)
        return _spiegelhalter_by_group(given, given.groups)
    n_draws = choose_draws(sums, n_resamples)
    if not n_draws:
        return judge_spiegelhalter(sums, None)
    draws = resample(sums, (SpiegelhalterStatistic,), clusters=None, n_resamples=n_draws, rng=generator)
    return judge_spiegelhalter(sums, draws, by_draws=True)


def _spiegelhalter_by_group(given: Forecasts, groups: IntArray) -> CalibrationTest:
    """Give the test with the variance of the sums of groups."""
    from scipy.special import stdtr

    weight = np.ones(len(given.risk)) if given.weight is None else given.weight
    parts = np.bincount(groups, weights=weight * (given.is_event - given.risk) * (1 - 2 * given.risk))
    m = len(parts)
    variance = m / (m - 1) * float(parts @ parts)
    t = float(parts.sum()) / np.sqrt(variance) if variance > 0 else float("nan")
    return CalibrationTest(
        name="Spiegelhalter t (by group)",
        statistic=t,
        df=float(m - 1),
        p_value=float(2 * stdtr(m - 1, -abs(t))),
        method="asymptotic",
    )


def judge_spiegelhalter(sums: ForecastSums, draws: Resamples | None, *, by_draws: bool = False) -> CalibrationTest:
    """Give the test with the normal p-value, or that of the draws where it is asked for or few events are expected."""
    from scipy.special import ndtr

    z = SpiegelhalterStatistic(sums).z(sums.events)
    few = draws is not None and (by_draws or fewest_expected(sums) < FEW_EVENTS)
    p = float(2 * ndtr(-abs(z)))
    if draws is not None and few:
        p = monte_carlo_p_value(draws.null[SpiegelhalterStatistic][:, 0])
    withheld = np.isnan(z) or (draws is not None and not draws.is_valid_test)
    return CalibrationTest(
        name="Spiegelhalter z",
        statistic=z,
        df=None,
        p_value=float("nan") if withheld else p,
        method="Monte Carlo" if few else "asymptotic",
    )


def event_count_test(sums: ForecastSums) -> CalibrationTest:
    """Test exactly whether the number of events is what the risks say; for frequency weights.

    Meant for few events or non-events, expected or seen.

    Notes
    -----
    Under calibration the number of events is Poisson-binomial. Its probabilities are the inverse discrete Fourier
    transform of ``prod (1 + p (e^(i t) - 1))``. The p-value is twice the smaller tail, at most 1. From a hundred
    expected of the rarer kind on, where few can only have been seen far out, twice Chernoff's bound of that tail.
    """
    expected = float((sums.weight * sums.risk).sum())
    flip = expected > sums.total / 2
    observed = int((sums.nonevents if flip else sums.events).sum())
    rarer = sums.total - expected if flip else expected
    tail = _smaller_tail(sums, observed, flip=flip) if rarer < _MANY_EVENTS else _chernoff(observed, rarer)
    return CalibrationTest(
        name=COUNT_TEST,
        statistic=float(sums.events.sum()),
        df=None,
        p_value=min(1.0, 2 * tail),
        method="exact",
    )


def _smaller_tail(sums: ForecastSums, observed: int, *, flip: bool) -> float:
    # The rarer of event and non-event keeps the mean low, so that so many points leave no aliasing.
    risk = 1 - sums.risk if flip else sums.risk
    turn = np.exp(2j * np.pi * np.arange(_POINTS // 2 + 1) / _POINTS) - 1
    log_transform = np.zeros(len(turn), dtype=np.complex128)
    for begin in range(0, len(risk), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        log_transform += sums.weight[rows] @ np.log1p(np.multiply.outer(risk[rows], turn))
    probability = np.maximum(np.fft.irfft(np.exp(log_transform).conj(), _POINTS), 0)
    at = min(observed, _POINTS - 1)
    return min(float(probability[: at + 1].sum()), float(probability[at:].sum()))


def _chernoff(observed: int, expected: float) -> float:
    """Bound the tail of a sum of independent events: at most that of a Poisson count."""
    return float(np.exp(observed - expected - (observed * np.log(observed / expected) if observed else 0.0)))
