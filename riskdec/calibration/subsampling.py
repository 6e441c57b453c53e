"""Case-control samples of huge data: which rows to keep, and the offset with which a fit needs no correction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number, check_numbers, check_outcome, check_rng, refuse, refuse_rows
from riskdec._base.frames import frame_kind
from riskdec._base.result import Framed, with_frame_kind
from riskdec._base.table import Table, count, number, percent
from riskdec.calibration.undoing.columns import Columns, check_per_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, BoolArray, FloatArray, IntArray, RngLike


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CaseControlSample(Framed):
    """Rows kept by their outcome, and what a logistic fit of them needs.

    `frame` gives one line per row kept: index, sample_weight, offset.

    Attributes
    ----------
    index : ndarray of int, shape (m,)
        Positions of the rows kept, ascending.
    sample_weight : ndarray of shape (m,)
        Importance weights of the rows kept; 1 but where a row should have been kept more than once.
    offset : ndarray of shape (m,)
        Offset of the rows kept: with it the other part of the linear predictor is the log-odds among *all* rows.
    n, n_events : int
        Rows sampled from, and events among them.
    n_kept, n_kept_events : int
        Rows kept, and events among them.
    floor : float or None
        What pilot risks were raised to, and lowered to 1 less it; None without a pilot.
    n_floored : int
        Rows whose pilot risk the floor changed.
    """

    index: IntArray
    sample_weight: FloatArray
    offset: FloatArray
    n: int
    n_events: int
    n_kept: int
    n_kept_events: int
    floor: float | None
    n_floored: int

    def _headline(self) -> str:
        events = f"{count(self.n_kept_events)} of {count(self.n_events)} events"
        return f"{count(self.n_kept)} of {count(self.n)} rows, {events}"

    def summary(self) -> Table:
        """Give the numbers of rows before and after, and how to use the sample."""
        kept, events = self.n_kept, self.n_kept_events
        rows = [
            ("events", count(self.n_events), count(events), percent(events / max(self.n_events, 1))),
            (
                "non-events",
                count(self.n - self.n_events),
                count(kept - events),
                percent((kept - events) / max(self.n - self.n_events, 1)),
            ),
            ("all", count(self.n), count(kept), percent(kept / self.n)),
        ]
        notes = [
            "Fit the rows at .index with sample_weight=.sample_weight (importance weights) and offset=.offset;",
            "predict new rows with the offset 0.",
        ]
        if self.floor is not None:
            notes.append(f"The floor {number(self.floor)} changed the pilot risk of {count(self.n_floored)} rows.")
        return Table(
            title="Case-control sample", header=("", "rows", "kept", "share"), rows=tuple(rows), notes=tuple(notes)
        )

    def _columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("index", "sample_weight", "offset")}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and lists."""
        return self._plain_fields()


def local_case_control(
    y_true: ArrayLike,
    pilot_risk: ArrayLike,
    *,
    factor: float = 1.0,
    floor: float = 1e-6,
    event: object = None,
    rng: RngLike = None,
) -> CaseControlSample:
    """Keep the rows that surprise a pilot model: few of many millions, with hardly any loss.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels.
    pilot_risk : array-like of shape (n,)
        Risk of the event by a rough model fitted to *other* rows.
    factor : float
        The number c by which all chances of being kept are multiplied; positive. More rows, less variance.
    floor : float
        Pilot risks are moved into [floor, 1 - floor], so that no row is all but sure to be dropped.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    rng : int, Generator or None
        Seed or generator of the draw.

    Returns
    -------
    CaseControlSample

    Raises
    ------
    InputError
        For pilot risks outside [0, 1], a factor that is not positive, a floor outside (0, 0.5).

    See Also
    --------
    case_control : Keep shares of the outcomes, without a pilot.

    Notes
    -----
    A row is kept with probability ``a = c |y - p~(x)|``, or where that exceeds 1, for sure and with the weight a. Among
    the rows kept the log-odds are ``f(x) - logit p~(x)``, f those of all rows: so the offset is ``-logit p~(x)``, and
    the fitted part is f itself. (The same as fitting without an offset and adding the pilot's coefficients.)

    **When it is exact.** If the model can represent f; the pilot may be wrong. If it is right, the variance of the
    coefficients is at most ``1 + 1 / c`` times that of a fit of all rows (c >= 1): twice at c = 1, and less where risks
    are so high that both outcomes are kept for sure. Where the model cannot represent f, the fit
    is close to that of all rows, but not the same. New rows have the offset 0: pass ``offset=np.zeros(len(X))`` to
    `predict_risk`.

    References
    ----------
    W. Fithian and T. Hastie, Local case-control sampling: efficient subsampling in imbalanced data sets, Annals of
    Statistics 42 (2014), 1693-1724. doi:10.1214/14-AOS1220

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=200_000)
    >>> y = rng.random(200_000) < 1 / (1 + np.exp(5 - x))
    >>> pilot = 1 / (1 + np.exp(4.5 - 0.8 * x))
    >>> sample = local_case_control(y, pilot, rng=2)
    >>> sample
    <CaseControlSample: 4,920 of 200,000 rows, 2,092 of 2,152 events>
    """
    outcome = check_outcome(y_true, event=event).is_event
    risk = check_numbers(pilot_risk, name="pilot_risk", n=len(outcome))
    outside = (risk < 0) | (risk > 1)
    if outside.any():
        raise refuse_rows("pilot_risk", "lie in [0, 1]", risk, outside, "Pass probabilities, not scores or logits.")
    c = check_number(factor, name="factor", low=0, open_low=True)
    least = check_number(floor, name="floor", low=0, high=0.5, open_low=True)
    if least == 0.5:
        raise refuse("floor", "be below 0.5", repr(floor), "At 0.5 the pilot would say nothing.")
    pilot = np.clip(risk, least, 1 - least)
    chance = c * np.where(outcome, 1 - pilot, pilot)
    kept = _draw(chance, rng)
    sample = _sample(
        outcome,
        kept,
        weight=np.maximum(chance[kept], 1.0),
        offset=np.log1p(-pilot[kept]) - np.log(pilot[kept]),
        floor=least,
        n_floored=int((pilot != risk).sum()),
    )
    return with_frame_kind(sample, frame_kind(y_true, pilot_risk))


def case_control(
    y_true: ArrayLike,
    *,
    keep_rates: Mapping[Any, float] | ArrayLike,
    event: object = None,
    rng: RngLike = None,
) -> CaseControlSample:
    """Keep a share of the events and a share of the non-events.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels.
    keep_rates : mapping of {0, 1} to rate, or (rate of the non-event, rate of the event)
        Chances of being kept, in (0, 1].
    event : object, optional
        The label of the event; 1 or True by default.
    rng : int, Generator or None
        Seed or generator of the draw.

    Returns
    -------
    CaseControlSample
        With the offset ``log(rate of the event / rate of the non-event)`` in every row. A model that was fitted
        without it is undone by `undo_sampling` with the same rates.

    Raises
    ------
    InputError
        For rates outside (0, 1].

    Notes
    -----
    Exact if the model contains the true log-odds, and unpenalised (Prentice and Pyke 1979).

    References
    ----------
    R. L. Prentice and R. Pyke, Logistic disease incidence models and case-control studies, Biometrika 66 (1979),
    403-411.

    Examples
    --------
    >>> sample = case_control(np.repeat([0, 1], [9000, 100]), keep_rates=(0.01, 1), rng=0)
    >>> sample.n_kept_events, float(sample.offset[0].round(3))
    (100, 4.605)
    """
    outcome = check_outcome(y_true, event=event).is_event
    two = Columns(np.empty((0, 2)), are_risks=True)
    rates = check_per_column(keep_rates, two, name="keep_rates", noun="rate")
    if (rates > 1).any():
        raise refuse_rows("keep_rates", "be at most 1", rates, rates > 1, "Rows are dropped here, not repeated.")
    kept = _draw(np.where(outcome, rates[1], rates[0]), rng)
    offset = np.full(len(kept), np.log(rates[1] / rates[0]))
    sample = _sample(outcome, kept, weight=np.ones(len(kept)), offset=offset, floor=None, n_floored=0)
    return with_frame_kind(sample, frame_kind(y_true))


def _draw(chance: FloatArray, rng: RngLike) -> IntArray:
    return np.flatnonzero(check_rng(rng).random(len(chance)) < chance)


def _sample(
    outcome: BoolArray, kept: IntArray, *, weight: FloatArray, offset: FloatArray, floor: float | None, n_floored: int
) -> CaseControlSample:
    return CaseControlSample(
        index=kept,
        sample_weight=weight,
        offset=offset,
        n=len(outcome),
        n_events=int(outcome.sum()),
        n_kept=len(kept),
        n_kept_events=int(outcome[kept].sum()),
        floor=floor,
        n_floored=n_floored,
    )
