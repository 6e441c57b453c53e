"""Hard negatives: keep what a pilot finds suspicious, at rates that are known and can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from riskdec._base.checks import check_level, check_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.detection.risk_map import RiskMap


class ScansScenes(Protocol):
    """What gives the risks of all windows of a scene, such as `SlidingWindowDetector`."""

    def risk_map(self, image: AnyArray) -> Sequence[RiskMap]:
        """Give one risk map per scale."""
        ...


class HardNegatives:
    r"""Keep rates ``a0(x) = clip(factor * pilot risk, floor * base rate, 1)``.

    Any rates serve as long as they are recorded: a network trained with the offset ``-log a0(x)`` gives the log odds
    among *all* windows, and mining does not destroy its calibration. Without the offset it would be too high by the
    odds at which it saw hard negatives.

    Parameters
    ----------
    pilot : SlidingWindowDetector
        A rough detector whose risks are corrected for the prevalence of the scenes; of the same scales as the sampler.
    base_rate : float
        Share of objects among the windows of the scenes, those of all scales.
    factor : float, default=3.0
        Negatives kept per object that the pilot expects.
    floor : float, default=0.5
        Of the base rate: so many negatives per object come from the windows that the pilot finds harmless.

    Notes
    -----
    With a calibrated pilot about ``factor + floor`` negatives are kept for each object. The floor keeps the variance
    finite where the pilot is wrong.
    """

    def __init__(self, pilot: ScansScenes, base_rate: float, *, factor: float = 3.0, floor: float = 0.5) -> None:
        self.pilot = pilot
        self.base_rate = check_level(base_rate, name="base_rate")
        self.factor = check_number(factor, name="factor", low=0, open_low=True)
        self.floor = check_number(floor, name="floor", low=0, open_low=True)

    def __call__(self, image: AnyArray) -> FloatArray | tuple[FloatArray, ...]:
        """Give the rates of the windows of a scene, shape (rows, columns); for several scales an array for each."""
        rates = tuple(
            keep_rates_from_risk(one.risk, self.base_rate, factor=self.factor, floor=self.floor)
            for one in self.pilot.risk_map(image)
        )
        return rates[0] if len(rates) == 1 else rates


def keep_rates_from_risk(risk: FloatArray, base_rate: float, *, factor: float = 3.0, floor: float = 0.5) -> FloatArray:
    """Give the rates of `HardNegatives` from pilot risks.

    Examples
    --------
    >>> keep_rates_from_risk(np.array([0.0, 0.01, 0.9]), 0.001).tolist()
    [0.0005, 0.03, 1.0]
    """
    return np.clip(factor * risk, min(floor * base_rate, 1.0), 1.0)
