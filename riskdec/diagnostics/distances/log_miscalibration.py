"""The part of the logarithmic score that a perfect monotone recalibration would gain, beside what chance gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.diagnostics.distances.errors import judge
from riskdec.scores.isotonic import pool_blocks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.draws import Resamples
    from riskdec.scores.sums import ForecastSums


class LogMiscalibrationStatistic:
    """Miscalibration of the logarithmic score (CORP), in nats, as if certainties had proved right."""

    __slots__ = ("_log_odds", "_log_rest", "_total", "_weight")

    def __init__(self, sums: ForecastSums) -> None:
        self._weight, self._total = sums.weight, sums.total
        inside = (sums.risk > 0) & (sums.risk < 1)
        risk = np.where(inside, sums.risk, 0.5)
        # Certainties that prove right add nothing to the score.
        log_rest = np.where(inside, np.log1p(-risk), 0.0)
        self._log_odds = np.where(inside, np.log(risk), 0.0) - log_rest
        self._log_rest = float((sums.weight * log_rest).sum())

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the miscalibration as an array of one number."""
        from scipy.special import xlogy

        given = -self._log_rest - float((events * self._log_odds).sum())
        _, hits, rows = pool_blocks(events, self._weight)
        # Draws with a multiplier per group may leave the range of event sums in the outermost blocks.
        hits = np.clip(hits, 0, rows)
        best = -float((xlogy(hits, hits / rows) + xlogy(rows - hits, 1 - hits / rows)).sum())
        return np.array([(given - best) / self._total])

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give them as they are."""
        return reduced


def judge_log_miscalibration(sums: ForecastSums, draws: Resamples) -> CalibrationError:
    """Set the miscalibration of the log score beside its draws; it is infinite where a certainty proved wrong."""
    null = draws.null[LogMiscalibrationStatistic][:, 0].copy()
    estimate = float(draws.observed[LogMiscalibrationStatistic][0])
    if sums.events[sums.risk == 0].any() or sums.nonevents[sums.risk == 1].any():
        estimate = null[0] = np.inf
    return judge(
        "miscalibration (log score)",
        null,
        method="isotonic regression (CORP)",
        is_valid_test=draws.is_valid_test,
        estimate=estimate,
    )
