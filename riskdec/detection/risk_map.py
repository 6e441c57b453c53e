"""The risks of all windows of one scale of a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.detection.windows import WindowGrid

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RiskMap(Result):
    """Window by window, the probability that the window holds an object.

    Positions are in pixels of the image, measured at the edges of pixels. A window holds an object if the object's
    centre lies in the window's cell, which is the square of one stride around the window's centre: each object has one
    window, and risks add up to the expected number of objects.

    Attributes
    ----------
    risk : ndarray of shape (rows, columns)
        In [0, 1].
    row_centres : ndarray of shape (rows,)
        Row of the centre of each row of windows.
    column_centres : ndarray of shape (columns,)
        Column of the centre of each column of windows.
    window : (int, int)
        Height and width of a window in pixels of the resized image.
    stride : int
        Pixels between neighbouring windows of the resized image.
    scale : float
        Factor by which the image was resized.
    image_shape : (int, int)
        Height and width of the image.
    evaluation : {"dense", "crops"}
        Whether the network went once over the image or over each window.
    train_prevalence, deploy_prevalence : float or None
        Shares of positive windows between which the risks were shifted; None where they are as the model gave them.
    """

    risk: FloatArray
    row_centres: FloatArray
    column_centres: FloatArray
    window: tuple[int, int]
    stride: int
    scale: float
    image_shape: tuple[int, int]
    evaluation: str
    train_prevalence: float | None
    deploy_prevalence: float | None

    @property
    def grid(self) -> WindowGrid:
        """The windows."""
        return WindowGrid(self.image_shape, self.window, self.stride, self.scale)

    @property
    def n_windows(self) -> int:
        """Number of windows."""
        return int(self.risk.size)

    @property
    def expected_objects(self) -> float:
        """Sum of the risks: as many objects are expected, if the risks are right."""
        return float(self.risk.sum())

    def boxes(self, cells: IntArray) -> FloatArray:
        """Give top, left, bottom and right of some windows in pixels of the image.

        Parameters
        ----------
        cells : ndarray of int, shape (m, 2)
            Row and column of each window on the map.

        Returns
        -------
        ndarray of shape (m, 4)
            In pixels of the image.
        """
        return self.grid.boxes(np.asarray(cells, dtype=np.intp).reshape(-1, 2))

    def _headline(self) -> str:
        rows, columns = self.risk.shape
        return (
            f"{rows} x {columns} windows at scale {self.scale:g}, {number(self.expected_objects, 3)} objects expected"
        )

    def summary(self) -> Table:
        """Give the size of the map, what the risks add up to, and their spread."""
        rows: list[tuple[str, str]] = [
            ("windows", count(self.n_windows)),
            ("window (pixels)", f"{self.window[0]} x {self.window[1]}, stride {self.stride}, scale {self.scale:g}"),
            ("expected objects", number(self.expected_objects, 3)),
        ]
        if self.n_windows:
            rows.append(("largest risk", percent(float(self.risk.max()))))
            rows.append(("median risk", f"{float(np.median(self.risk)):.2g}"))
        if self.deploy_prevalence is not None and self.train_prevalence is not None:
            shift = f"from {self.train_prevalence:.3g} to {self.deploy_prevalence:.3g}"
            rows.append(("prevalence", shift))
        rows.append(("evaluation", self.evaluation))
        height, width = self.image_shape
        return Table(title=f"Risk map of an image of {height} x {width} pixels", rows=tuple(rows))

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and lists."""
        return {name: jsonable(getattr(self, name)) for name in self.__slots__} | {
            "expected_objects": jsonable(self.expected_objects)
        }
