"""Windows to train on: every object, and negatives that are kept at recorded rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_integer, check_number, check_rng, refuse
from riskdec._base.result import Result
from riskdec._base.table import Table, count, number
from riskdec.detection.labelling import check_sizes, label_scales
from riskdec.detection.pyramid import ScaledImage
from riskdec.detection.windows import WindowGrid, check_scales, check_window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray, RngLike
    from riskdec.datasets.scene import Scene
    from riskdec.detection.labelling import WindowLabels

# From the pixels of a scene to the rate at which each of its windows is kept as a negative; one array for each scale
# where there are several.
KeepRates = Callable[["AnyArray"], "FloatArray | Sequence[FloatArray]"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WindowSample(Result):
    """Windows drawn from scenes, and what a fit of them needs to speak about all windows.

    Attributes
    ----------
    images : ndarray of shape (m, h, w) or (m, h, w, c)
        The windows; of one size at every scale.
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
    scales : sequence of float, default=(1.0,)
        Factors by which a scene is resized, as those of the detector. At several, scenes need the sizes of their
        objects, and an object's window is one of the scale that fits its size best (see `scan_scenes`).
    object_size : float, optional
        Side in pixels that objects have in their windows; by default that of a window. Use the same in the evaluation.

    Examples
    --------
    >>> from riskdec.datasets import DigitScenes
    >>> scenes = DigitScenes(side=128, seed=1).scenes("train", 3, n_targets=4)
    >>> WindowSampler(16).sample(scenes, keep_rates=0.01, rng=0).n_objects
    12
    """

    def __init__(
        self,
        window: int | tuple[int, int],
        *,
        stride: int = 4,
        ignore: float = 0.0,
        scales: Sequence[float] = (1.0,),
        object_size: float | None = None,
    ) -> None:
        self.window = check_window(window)
        self.stride = check_integer(stride, name="stride", low=1)
        self.ignore = check_number(ignore, name="ignore", low=0)
        self.scales = check_scales(scales)
        self.object_size = (
            None if object_size is None else check_number(object_size, name="object_size", low=0, open_low=True)
        )

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
            shape (rows, columns), such as `HardNegatives`. For several scales it gives one array for each.
        rng : int, Generator or None
            Seed or generator of the draw.

        Returns
        -------
        WindowSample

        Raises
        ------
        InputError
            For rates outside (0, 1], scenes smaller than a window, several scales where scenes have no sizes of their
            objects, and scenes without any object.
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
        grids = [WindowGrid((height, width), self.window, self.stride, scale) for scale in self.scales]
        if not any(grid.n for grid in grids):
            raise refuse("scenes", f"be at least as large as a window {self.window}", f"a scene of {height} x {width}")
        check_sizes(scene, len(grids), name="the sampler")
        labels = label_scales(grids, scene, ignore=self.ignore, object_size=self.object_size)
        rates = _rates(keep_rates, scene.image, grids)
        drawn = [_draw_at(scene.image, *one, rng) for one in zip(grids, labels, rates, strict=True) if one[0].n]
        chosen, is_object, rate = (np.concatenate(part) for part in zip(*drawn, strict=True))
        n_windows = sum(grid.n - int(truth.ignored.sum()) for grid, truth in zip(grids, labels, strict=True))
        return chosen, is_object, rate, n_windows, scene.n_objects - int(is_object.sum())


def _draw_at(
    image: AnyArray, grid: WindowGrid, labels: WindowLabels, rates: FloatArray, rng: np.random.Generator
) -> tuple[AnyArray, BoolArray, FloatArray]:
    """Draw windows of one scale: pixels, whether they are objects, and the rates."""
    kept = labels.is_object | (~labels.ignored & (rng.random(grid.shape) < rates))
    cells = np.argwhere(kept)
    patches = np.lib.stride_tricks.sliding_window_view(_resized(image, grid.scaled_shape), grid.window, axis=(0, 1))
    chosen = patches[cells[:, 0] * grid.stride, cells[:, 1] * grid.stride]
    if image.ndim == 3:
        chosen = np.moveaxis(chosen, 1, -1)
    return chosen, labels.is_object[kept], rates[kept]


def _resized(image: AnyArray, shape: tuple[int, int]) -> AnyArray:
    """Give a scene at the size of a scale, as the detector sees it."""
    if shape == image.shape[:2]:
        return image
    made = ScaledImage(image[..., np.newaxis] if image.ndim == 2 else image, shape)
    pixels = made.take(slice(0, shape[0]), slice(0, shape[1]))
    return pixels[..., 0] if image.ndim == 2 else pixels


def _rates(keep_rates: float | KeepRates, image: AnyArray, grids: list[WindowGrid]) -> list[FloatArray]:
    """Give the keep rates of the windows of each scale."""
    if not callable(keep_rates):
        return [_check_rates(np.full(grid.shape, keep_rates), grid) for grid in grids]
    found = keep_rates(image)
    by_scale = [found] if len(grids) == 1 and not isinstance(found, tuple) else list(found)
    if len(by_scale) != len(grids):
        cure = "The pilot scans at the scales of the sampler."
        raise refuse("keep_rates", f"give rates at each of {len(grids)} scale(s)", f"rates at {len(by_scale)}", cure)
    return [_check_rates(one, grid) for one, grid in zip(by_scale, grids, strict=True)]


def _check_rates(found: object, grid: WindowGrid) -> FloatArray:
    rates: FloatArray = np.asarray(found, dtype=np.float64)
    if rates.shape != grid.shape:
        raise refuse("keep_rates", f"have one rate per window, shape {grid.shape}", f"shape {rates.shape}")
    if rates.size and not (rates.min() > 0 and rates.max() <= 1):
        got = f"{rates.min():g} to {rates.max():g}"
        raise refuse("keep_rates", "lie in (0, 1]", got, "A rate of 0 could never be undone.")
    return rates
