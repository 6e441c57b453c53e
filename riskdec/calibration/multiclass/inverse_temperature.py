"""The inverse temperature of greatest likelihood: Newton's method inside a bracket, on a convex loss."""

from __future__ import annotations

from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from riskdec.calibration.multiclass.tempered_moments import Reading, TemperedRows

    Status = Literal["maximum", "no signal", "separated", "not converged"]

# With fewer numbers than this a reading costs next to nothing; a sample is every so many of the rows, and at least so
# many of them.
_MANY = 1 << 18
_THINNING = 20
_SAMPLE_ROWS = 2_000
# Steps against the inverse temperature: one so short squares to less than rounding, and no reading has to follow it.
_SETTLED = 1e-6
_SETTLED_ON_SAMPLE = 3e-2
# Against the standard deviation of a row's logit: as close to 0 as the slope can be told from 0.
_NEGLIGIBLE = 1e-12
_MAX_READINGS = 200
# In log(1 / T).
_FARTHEST = 12.0


class InverseTemperature(NamedTuple):
    """Where the likelihood is greatest.

    Attributes
    ----------
    inverse : float
        1 / T, at least 0.
    information : float
        Minus the second derivative of the log-likelihood there.
    gradient : float
        Absolute derivative of the mean log loss in log T at the last reading; a Newton step that squares its relative
        error followed it.
    status : {"maximum", "no signal", "separated", "not converged"}
        "no signal": the likelihood falls from 1 / T = 0 on. "separated": it rises for ever, and the estimate is that
        with Jeffreys' prior.
    n_readings : int
        Readings of all rows.
    """

    inverse: float
    information: float
    gradient: float
    status: Status
    n_readings: int


def fit_inverse_temperature(rows: TemperedRows) -> InverseTemperature:
    """Maximise ``sum w log softmax(t z)_y`` over ``t >= 0``.

    Parameters
    ----------
    rows : ManyLogits or EventLogits
        Logits, what happened, and weights.

    Returns
    -------
    InverseTemperature
        Look at ``status``; nothing is raised.

    Notes
    -----
    Minus the log-likelihood is convex in t, with slope ``sum w (E_t z - z_y)`` and curvature ``sum w Var_t z``. The
    slope rises from ``sum w (mean z - z_y)`` at 0 to ``sum w (max z - z_y)`` at infinity. Where the first is not
    negative the maximum is at 0: the scores carry no signal. Where the second is zero, every row gives the most to
    what happened, and there is no maximum; then Firth's estimate stands in, which maximises the likelihood times the
    root of the information. In all other cases the maximum is unique and finite. Many rows start from the maximum of
    every twentieth; two or three readings of all of them follow.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, On calibration of modern neural networks, ICML 2017.
    D. Firth, Bias reduction of maximum likelihood estimates, Biometrika 80 (1993), 27-38.
    """
    start = _start_from_sample(rows) if rows.size >= _MANY else 0.0
    return _search(rows, start, settled=_SETTLED)


def _start_from_sample(rows: TemperedRows) -> float:
    """Give the optimum of some of the rows, 0 where they have none inside."""
    stride = max(1, min(_THINNING, rows.n_rows // _SAMPLE_ROWS))
    found = _search(rows.every(stride), 0.0, settled=_SETTLED_ON_SAMPLE)
    return found.inverse if found.status == "maximum" else 0.0


def _search(rows: TemperedRows, start: float, *, settled: float) -> InverseTemperature:
    t, low, high = start, -inf, inf
    status: Status = "not converged"
    for n_readings in range(1, _MAX_READINGS + 1):
        here = rows.read(t)
        if t == 0 and here.slope >= 0:
            return InverseTemperature(0.0, here.information, 0.0, "no signal", n_readings)
        if here.shortfall == 0 and here.slope < 0:
            return _with_jeffreys_prior(rows, n_readings)
        low, high = (t, high) if here.slope < 0 else (low, t)
        proposal = _newton(t, here)
        length = abs(proposal - t)
        if proposal > 0 and (length <= settled * t or length * sqrt(here.information / rows.total) <= _NEGLIGIBLE):
            t, status = proposal, "maximum"
            break
        t = max(proposal, 0.0) if low < proposal < high else _between(low, high)
    return InverseTemperature(t, here.information, abs(here.slope) * t / rows.total, status, n_readings)


def _newton(t: float, here: Reading) -> float:
    if here.information > 0:
        return t - here.slope / here.information
    return -inf if here.slope > 0 else inf


def _between(low: float, high: float) -> float:
    """Give a value between the ends of a bracket, of which one may be missing."""
    if high == inf:
        return 2 * low
    return high / 8 if low <= 0 else sqrt(low * high)


def _with_jeffreys_prior(rows: TemperedRows, n_readings: int) -> InverseTemperature:
    """Maximise the likelihood times the root of the information, which falls at infinity."""
    from scipy.optimize import brentq

    def slope(log_t: float) -> float:
        here = rows.read(exp(log_t), third=True)
        return here.slope - 0.5 * here.third / here.information if here.information > 0 else inf

    middle = log(_newton(0.0, rows.read(0.0)))
    # Where the logits are many standard deviations apart, or next to nothing, the optimum is not far from Newton's
    # first step: within these factors the penalised slope changes its sign, or the estimate is left at an end.
    ends = middle - _FARTHEST, middle + _FARTHEST
    if slope(ends[0]) >= 0:
        t = 0.0
    else:
        t = exp(float(brentq(slope, *ends, xtol=1e-12, rtol=1e-12))) if slope(ends[1]) > 0 else exp(ends[1])
    return InverseTemperature(t, rows.read(t).information, 0.0, "separated", n_readings)
