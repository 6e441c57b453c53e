"""Windows to train on: every object, and negatives that are kept at recorded rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_integer, check_number, check_rng, refuse
from riskdec._base.result import Result
from riskdec._base.table import Table, count, number
from riskdec.detection.labelling import label_windows
from riskdec.detection.windows import WindowGrid, check_window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray, RngLike
    from riskdec.datasets.scene import Scene

# From the pixels of a scene to the rate at which each of its windows is kept as a negative.
KeepRates = Callable[["AnyArray"], "FloatArray"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WindowSample(Result):
    """Windows drawn from scenes, and what a fit of them needs to speak about all windows.

    Attributes
    ----------
    images : ndarray of shape (m, h, w) or (m, h, w, c)
        The windows.
    is_object : ndarray of bool, shape (m,)
        Whether the window is the one of an object.
    keep_rate : ndarray of shape (m,)
        Rate at which a negative that looks like the window is kept; recorded in the rows of objects too.
    scene : ndarray of int, shape (m,)
        Number of the scene.
    n_windows : int
        Windows of all scenes, those of an ignore band left out.
    n_objects : int
        Windows of objects among them; all are kept.
    n_out_of_reach : int
        Objects without a window of their own, near the border or two in one cell.
    """

    images: AnyArray
    is_object: BoolArray
    keep_rate: FloatArray
    scene: IntArray
    n_windows: int
    n_objects: int
    n_out_of_reach: int

    @property
    def offset(self) -> FloatArray:
        """Offset of each row, ``-log keep_rate``: with it a fit gives the log odds among all windows."""
        return np.asarray(-np.log(self.keep_rate))

    @property
    def prevalence(self) -> float:
        """Share of objects among all windows of these scenes: what a fit with the offset is calibrated to."""
        return self.n_objects / self.n_windows

    def _headline(self) -> str:
        kept = f"{count(len(self.is_object))} of {count(self.n_windows)} windows"
        return f"{kept}, {count(self.n_objects)} objects, 1 in {number(1 / self.prevalence)}"

    def summary(self) -> Table:
        """Give the numbers of windows and the keep rates."""
        rates = self.keep_rate[~self.is_object]
        negatives = self.n_windows - self.n_objects
        rows: list[tuple[str, str]] = [
            ("objects, all kept", count(self.n_objects)),
            ("negatives", count(negatives)),
            ("negatives kept", count(len(rates))),
            ("objects out of reach", count(self.n_out_of_reach)),
        ]
        if len(rates):
            rows.append(("keep rates of those", f"{rates.min():.2g} to {rates.max():.2g}"))
            rows.append(("negatives that they stand for", count(round(float((1 / rates).sum())))))
        note = "Train with offset=.offset; the prevalence of the result is .prevalence."
        return Table(title="Sample of windows", rows=tuple(rows), notes=(note,))

    def to_dict(self) -> dict[str, Any]:
        """Give the sizes; pixels stay where they are."""
        return {
            "n": len(self.is_object),
            "n_windows": self.n_windows,
            "n_objects": self.n_objects,
            "n_out_of_reach": self.n_out_of_reach,
            "prevalence": self.prevalence,
        }


class WindowSampler:
    """Draws windows from scenes: all objects, and negatives at recorded rates.

    A window is positive if and only if its cell of one stride holds the centre of an object; near misses are negatives
    like any other, unless an ignore band leaves them out.

    Parameters
    ----------
    window : int or (int, int)
        Height and width in pixels.
    stride : int, default=4
        Distance of neighbouring windows.
    ignore : float, default=0.0
        Half-width of the ignore band in pixels; use the same in the evaluation.

    Examples
    --------
    >>> from riskdec.datasets import DigitScenes
    >>> scenes = DigitScenes(side=128, seed=1).scenes("train", 3, n_targets=4)
    >>> WindowSampler(16).sample(scenes, keep_rates=0.01, rng=0).n_objects
    12
    """

    def __init__(self, window: int | tuple[int, int], *, stride: int = 4, ignore: float = 0.0) -> None:
        self.window = check_window(window)
        self.stride = check_integer(stride, name="stride", low=1)
        self.ignore = check_number(ignore, name="ignore", low=0)

    def sample(
        self, scenes: Iterable[Scene], *, keep_rates: float | KeepRates = 0.001, rng: RngLike = None
    ) -> WindowSample:
        """Draw the windows.

        Parameters
        ----------
        scenes : iterable of Scene
            Read one by one.
        keep_rates : float in (0, 1], or callable
            Rate at which negatives are kept; or a function from the pixels of a scene to the rates of its windows,
            shape (rows, columns), such as `HardNegatives`.
        rng : int, Generator or None
            Seed or generator of the draw.

        Returns
        -------
        WindowSample

        Raises
        ------
        InputError
            For rates outside (0, 1], scenes smaller than a window, and scenes without any object.
        """
        generator = check_rng(rng)
        drawn = [self._draw(scene, keep_rates, generator) for scene in scenes]
        n_objects = sum(int(one[1].sum()) for one in drawn)
        if not n_objects:
            raise refuse("scenes", "hold an object", f"{len(drawn)} scenes without any")
        images, is_object, rate, n_windows, lost = zip(*drawn, strict=True)
        return WindowSample(
            images=np.concatenate(images),
            is_object=np.concatenate(is_object),
            keep_rate=np.concatenate(rate),
            scene=np.repeat(np.arange(len(drawn)), [len(one) for one in is_object]),
            n_windows=sum(n_windows),
            n_objects=n_objects,
            n_out_of_reach=sum(lost),
        )

    def _draw(
        self, scene: Scene, keep_rates: float | KeepRates, rng: np.random.Generator
    ) -> tuple[AnyArray, BoolArray, FloatArray, int, int]:
        height, width = scene.image.shape[:2]
        grid = WindowGrid((height, width), self.window, self.stride)
        if not grid.n:
            raise refuse("scenes", f"be at least as large as a window {self.window}", f"a scene of {height} x {width}")
        labels = label_windows(grid, scene.centres, ignore=self.ignore)
        rates = _rates(keep_rates, scene.image, grid)
        kept = labels.is_object | (~labels.ignored & (rng.random(grid.shape) < rates))
        cells = np.argwhere(kept)
        patches = np.lib.stride_tricks.sliding_window_view(scene.image, self.window, axis=(0, 1))
        chosen = patches[cells[:, 0] * self.stride, cells[:, 1] * self.stride]
        if scene.image.ndim == 3:
            chosen = np.moveaxis(chosen, 1, -1)
        n_windows = grid.n - int(labels.ignored.sum())
        n_lost = int((labels.cell[:, 0] < 0).sum())
        return chosen, labels.is_object[kept], rates[kept], n_windows, n_lost


def _rates(keep_rates: float | KeepRates, image: AnyArray, grid: WindowGrid) -> FloatArray:
    found = keep_rates(image) if callable(keep_rates) else np.full(grid.shape, keep_rates)
    rates: FloatArray = np.asarray(found, dtype=np.float64)
    if rates.shape != grid.shape:
        raise refuse("keep_rates", f"have one rate per window, shape {grid.shape}", f"shape {rates.shape}")
    low, high = float(rates.min()), float(rates.max())
    if not (low > 0 and high <= 1):
        raise refuse("keep_rates", "lie in (0, 1]", f"{low:g} to {high:g}", "A rate of 0 could never be undone.")
    return rates
