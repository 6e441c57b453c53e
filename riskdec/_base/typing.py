"""Array aliases and the closed sets of option names."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "AnyArray",
    "ArrayLike",
    "BoolArray",
    "FloatArray",
    "FrameKind",
    "IntArray",
    "RngLike",
    "Severity",
    "WeightKind",
]

AnyArray = NDArray[Any]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
RngLike = np.random.Generator | np.random.SeedSequence | int | None

WeightKind = Literal["frequency", "importance"]
FrameKind = Literal["pandas", "polars", "pyarrow"]
Severity = Literal["issue", "caution", "good", "not applicable"]
