"""What a validation study is worth: Bayesian net benefit, the value of knowing it, and of another sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import (
    check_counts,
    check_integer,
    check_level,
    check_number,
    check_rng,
    refuse,
)
from riskdec._base.frames import frame_kind
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, interval, number, percent
from riskdec.decisions.judging.event_rows import check_event, check_event_risks
from riskdec.decisions.zones.regions import risk_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.typing import ArrayLike, BoolArray, FloatArray, IntArray, RngLike

# A prior count of one in each of eight joint cells would turn 2 flagged of 200 into 6 of 208.
_PRIOR = 1 / 8
_MOST_MODELS = 8


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ValidationValue(Framed):
    """What is believed about net benefit at one threshold, and what believing more firmly would be worth.

    `frame` gives one line per strategy.

    Attributes
    ----------
    names : tuple of str
        Strategies: ``"treat none"``, ``"treat all"`` and the models.
    mean, low, high : ndarray of shape (S,)
        Posterior mean of the net benefit, and limits at `confidence_level`.
    probability_best : ndarray of shape (S,)
        Posterior probability that the strategy is the best of all.
    probability_useful : ndarray of shape (S,)
        Posterior probability that it beats treating none and treating all.
    evpi : float
        Expected value of perfect information: the gain in net benefit per case if the best strategy were known.
    evpi_error : float
        Its Monte Carlo standard error.
    sizes, evsi : ndarray of shape (M,)
        Sizes of another validation sample, and the expected gain per case from choosing after it.
    threshold : float
        The threshold.
    n, n_events : int
        Rows, and events among them.
    confidence_level : float
        Level of the limits.
    n_draws : int
        Posterior draws.
    """

    names: tuple[str, ...]
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    probability_best: FloatArray
    probability_useful: FloatArray
    evpi: float
    evpi_error: float
    sizes: IntArray
    evsi: FloatArray
    threshold: float
    n: int
    n_events: int
    confidence_level: float
    n_draws: int

    def summary(self) -> Table:
        """Give net benefit and the probabilities of being best, then what more information would be worth."""
        columns = (self.mean, self.low, self.high, self.probability_best, self.probability_useful)
        rows = [
            (name, number(mean), interval(low, high), percent(best), percent(useful))
            for name, mean, low, high, best, useful in zip(self.names, *(c.tolist() for c in columns), strict=True)
        ]
        header = ("strategy", "net benefit", f"{percent(self.confidence_level, 0)} limits", "P(best)", "P(useful)")
        worth = [("everything", number(self.evpi))]
        worth += [(count(m), number(gain)) for m, gain in zip(self.sizes.tolist(), self.evsi.tolist(), strict=True)]
        notes = (
            "In true positives per case; multiply by the cases a year, and weigh against the price of the study.",
            f"Monte Carlo error of the first figure: {number(self.evpi_error, 2)}.",
        )
        section = Table(title="Expected gain per case", header=("new cases", "gain"), rows=tuple(worth), notes=notes)
        size = f"{count(self.n)} rows, {count(self.n_events)} events"
        title = f"Net benefit at a threshold of {risk_text(self.threshold)}: {size}"
        return Table(title=title, header=header, rows=tuple(rows), sections=(section,))

    def _columns(self) -> dict[str, Any]:
        names = ("mean", "low", "high", "probability_best", "probability_useful")
        return {"strategy": list(self.names), **{name: getattr(self, name) for name in names}}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        return self._plain_fields()

    def _headline(self) -> str:
        best = self.names[int(self.mean.argmax())]
        return f"{best} has the largest net benefit, {number(self.mean.max())}; EVPI {number(self.evpi)} per case"


def value_of_validation(
    y_true: ArrayLike,
    predictions: Mapping[str, ArrayLike],
    *,
    threshold: float,
    sizes: Sequence[int] = (),
    prior: float = _PRIOR,
    sample_weight: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_draws: int = 20_000,
    rng: RngLike = 0,
) -> ValidationValue:
    """Give what another validation study would be worth, in net benefit per case.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Outcomes of the validation sample at hand.
    predictions : dict
        Name and risks of each model, eight at most.
    threshold : float
        Risk from which acting pays.
    sizes : sequence of int
        Sizes of a further sample to be judged.
    prior : float
        Prior count of each joint cell (decision of every model, and outcome).
    sample_weight : array-like of shape (n,), optional
        Whole numbers that say how often a row counts.
    event : object, optional
        The label that means the event; 1 and True need not be named.
    confidence_level : float
        Level of the limits.
    n_draws : int
        Posterior draws.
    rng : int, Generator or None
        What draws them.

    Returns
    -------
    ValidationValue
        Posterior net benefit, EVPI, EVSI.

    Notes
    -----
    The decisions of all models and the outcome form one table with `2^S x 2` cells, whose shares have a Dirichlet
    posterior: net benefit is linear in the shares, so strategies stay paired.
    `EVPI = E[max_s NB_s] - max_s E[NB_s]`; a further sample x of m cases has
    `EVSI = E_x[max_s E(NB_s | x)] - max_s E[NB_s]`, which grows from 0 to EVPI. A difference that is not significant is
    no reason to keep the worse strategy; a large EVSI is a reason to look again before choosing.

    References
    ----------
    M. Sadatsafavi et al., Value-of-information analysis for external validation of risk prediction models, Medical
    Decision Making 43, 2023.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.beta(1, 6, 300)
    >>> y = rng.random(300) < risk
    >>> value = value_of_validation(y, {"model": risk}, threshold=0.1, sizes=(100, 1000))
    >>> bool(0 <= value.evsi[0] <= value.evsi[1] <= value.evpi)
    True
    """
    cut = check_level(threshold, name="threshold")
    level = check_level(confidence_level)
    per_cell = check_number(prior, name="prior", low=0, open_low=True)
    rows = check_event(y_true, event)
    is_event = rows.is_event
    if not 1 <= len(predictions) <= _MOST_MODELS:
        raise refuse("predictions", f"hold one to {_MOST_MODELS} models", f"{len(predictions)}")
    n = is_event.shape[0]
    acts = [
        check_event_risks(risk, rows, name=f"predictions[{str(name)!r}]") >= cut for name, risk in predictions.items()
    ]
    given = check_counts(sample_weight, n)
    weight = np.ones(n) if given is None else given
    draws = check_integer(n_draws, name="n_draws", low=100)
    further = np.array([check_integer(size, name="sizes") for size in sizes], dtype=np.intp)
    generator = check_rng(rng)
    counts, worth = _cells(acts, is_event, weight, cut)
    posterior = counts + per_cell
    shares = generator.dirichlet(posterior, size=draws)
    benefit = shares @ worth.T
    mean = worth @ posterior / posterior.sum()
    gain = benefit.max(axis=1) - benefit[:, int(mean.argmax())]
    tails = np.quantile(benefit, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ValidationValue(
        names=("treat none", "treat all", *map(str, predictions)),
        mean=mean,
        low=tails[0],
        high=tails[1],
        probability_best=np.bincount(benefit.argmax(axis=1), minlength=mean.size) / draws,
        probability_useful=(benefit > np.maximum(benefit[:, [0]], benefit[:, [1]])).mean(axis=0),
        evpi=float(gain.mean()),
        evpi_error=float(gain.std(ddof=1) / np.sqrt(draws)),
        sizes=further,
        evsi=np.array([_gain_of_sample(m, shares, posterior, worth, generator) for m in further.tolist()]),
        threshold=cut,
        n=int(weight.sum()),
        n_events=int(weight[is_event].sum()),
        confidence_level=level,
        n_draws=draws,
        frame_kind=frame_kind(y_true, *predictions.values()),
    )


def _cells(acts: list[BoolArray], is_event: BoolArray, weight: FloatArray, cut: float) -> tuple[FloatArray, FloatArray]:
    """Count the rows of each joint cell, and say what each cell is worth to each strategy."""
    n_models = len(acts)
    code = is_event.astype(np.intp)
    for act in acts:
        code = 2 * code + act
    counts = np.bincount(code, weights=weight, minlength=2 ** (n_models + 1)).astype(np.float64, copy=False)
    cells = np.arange(2 ** (n_models + 1))
    acted = [np.zeros(cells.size), np.ones(cells.size)]
    acted += [((cells >> (n_models - 1 - model)) & 1).astype(np.float64) for model in range(n_models)]
    value = np.where(cells >> n_models, 1.0, -cut / (1 - cut))
    return counts, np.array(acted) * value


def _gain_of_sample(
    size: int, shares: FloatArray, posterior: FloatArray, worth: FloatArray, generator: np.random.Generator
) -> float:
    """Give the expected gain from choosing after a further sample."""
    new = generator.multinomial(size, shares)
    after = (posterior + new) @ worth.T / (posterior.sum() + size)
    now = int((worth @ posterior).argmax())
    # Against the strategy chosen now in the same draw: its mean stays what it was, and most noise cancels.
    return float((after.max(axis=1) - after[:, now]).mean())
