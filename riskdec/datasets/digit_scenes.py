"""Scenes made of real handwritten digits: one digit is the rare object, the others and strokes are background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

import numpy as np

from riskdec._base.checks import check_integer, check_number, check_numbers, check_option, refuse
from riskdec.datasets.digit_versions import BOX, draw_stroke, draw_versions, resize_drawing
from riskdec.datasets.scene import Scene

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, ArrayLike, BoolArray, FloatArray, IntArray

Rarity = Literal["1:5,000", "1:14,000"]
Pool = Literal["train", "calibration", "test", "held out"]

# Targets in a scene, on average, for windows of 16 pixels that lie 4 pixels apart.
RARITIES: dict[Rarity, float] = {"1:5,000": 3.0, "1:14,000": 1.0}
_POOLS: tuple[Pool, ...] = ("train", "calibration", "test", "held out")
# Boxes may overlap at their empty borders: their centres keep this share of their mean side.
_SPACING = 14 / BOX
_SMALLEST, _LARGEST = 0.5, 8.0
_NOISE, _RAMP = 0.06, 0.2
_TRIES = 200


class _Counts(NamedTuple):
    targets: float
    others: float
    strokes: float


class DigitScenes:
    """Scenes of scikit-learn's 1,797 real handwritten digits, with known truth and without a download.

    The digit *images* are divided first: no image that a training scene shows is seen in a held-out one. Each image is
    drawn in six random versions (turned by up to 12 degrees, sheared, 11 to 13 pixels high, contrast 0.6 to 1). A scene
    holds a Poisson number of targets, of other digits (40 on average) and of curved strokes (40), on a ramp of
    brightness with noise.

    Parameters
    ----------
    rarity : {"1:5,000", "1:14,000"}, default="1:5,000"
        Three targets in a scene on average, or one: their share of the windows of 16 pixels at stride 4.
    target : int, default=3
        The digit that is the rare object.
    side : int, default=512
        Height and width of a scene in pixels. The numbers of objects and strokes go with the area.
    sizes : sequence of float, default=(1.0,)
        Factors by which drawings are resized, each as likely as the others and whatever is drawn: at (1.0, 2.0) half of
        the targets, of the other digits and of the strokes are twice as large. `Scene.sizes` has the side of each
        target's box in pixels, 16 times its factor.
    shares : (float, float, float), default=(0.45, 0.28, 0.27)
        Shares of the digit images in the pools "train", "calibration" and "test".
    images, digits : array-like of shape (n, h, w) and (n,), optional
        Other digit images, such as a local copy of MNIST, with their labels. Their brightest pixel is the ink.
    seed : int, default=0
        A scene is a function of the seed, its pool and its number, and of nothing else.

    Examples
    --------
    >>> scenes = DigitScenes(side=128, seed=1).scenes("train", 2, n_targets=3)
    >>> scenes[0].image.shape, scenes[0].n_objects
    ((128, 128), 3)
    """

    def __init__(
        self,
        *,
        rarity: Rarity = "1:5,000",
        target: int = 3,
        side: int = 512,
        sizes: Sequence[float] = (1.0,),
        shares: tuple[float, float, float] = (0.45, 0.28, 0.27),
        images: ArrayLike | None = None,
        digits: ArrayLike | None = None,
        seed: int = 0,
    ) -> None:
        self.rarity = check_option(rarity, RARITIES, name="rarity")
        self.target = check_integer(target, name="target")
        self.sizes = _check_sizes(sizes)
        self.side = check_integer(side, name="side", low=int(np.ceil(4 * BOX * max(self.sizes))))
        self.seed = check_integer(seed, name="seed")
        area = (self.side / 512) ** 2
        self._counts = _Counts(RARITIES[self.rarity] * area, 40 * area, 40 * area)
        pixels, self._digits = _load_digits() if images is None else _check_digits(images, digits)
        if not (self._digits == self.target).any():
            raise refuse("target", "be one of the digits", self.target)
        self._pools = _divide(self._digits, shares, np.random.default_rng([self.seed, 0]))
        self._versions = draw_versions(pixels, np.random.default_rng([self.seed, 1]))

    @property
    def objects_per_scene(self) -> float:
        """Targets in a scene, on average."""
        return self._counts.targets

    def images_in(self, pool: Pool) -> IntArray:
        """Give the positions of the digit images that scenes of a pool are made of."""
        check_option(pool, _POOLS, name="pool")
        if pool == "held out":
            return np.sort(np.concatenate([self._pools["calibration"], self._pools["test"]]))
        return self._pools[pool]

    def scenes(self, pool: Pool, n: int, *, first: int = 0, n_targets: int | None = None) -> SceneList:
        """Give scenes of a pool; each is made when it is asked for.

        Parameters
        ----------
        pool : {"train", "calibration", "test", "held out"}
            Whose digit images are shown. "held out" is calibration and test together: scenes of other numbers are
            other scenes of the same digit images.
        n : int
            Number of scenes.
        first : int
            Number of the first scene.
        n_targets : int, optional
            So many targets in each scene, instead of a Poisson number: case-control scenes to train on.

        Returns
        -------
        SceneList
            A sequence of `Scene`.
        """
        check_option(pool, _POOLS, name="pool")
        fixed = None if n_targets is None else check_integer(n_targets, name="n_targets")
        start = check_integer(first, name="first")
        return SceneList(self, pool, range(start, start + check_integer(n, name="n")), fixed)

    def make(self, pool: Pool, number: int, *, n_targets: int | None = None) -> Scene:
        """Make one scene of a pool by its number."""
        fixed = 0 if n_targets is None else 1 + n_targets
        rng = np.random.default_rng([self.seed, 2, _POOLS.index(pool), number, fixed])
        members = self.images_in(pool)
        is_target = self._digits[members] == self.target
        wanted = int(rng.poisson(self._counts.targets)) if n_targets is None else n_targets
        targets = rng.choice(members[is_target], wanted)
        others = rng.choice(members[~is_target], rng.poisson(self._counts.others))
        n_strokes = int(rng.poisson(self._counts.strokes))
        # Sizes have a generator of their own: with one size the other draws what it would draw without any.
        size_rng = np.random.default_rng([self.seed, 3, _POOLS.index(pool), number, fixed])
        sides = np.round(BOX * size_rng.choice(self.sizes, wanted + len(others) + n_strokes))
        corners, is_placed = _place(sides, wanted, self.side, rng)
        sides = sides[is_placed].astype(int)
        canvas = np.zeros((self.side, self.side), dtype=np.float32)
        for corner, side, digit in zip(corners, sides, np.concatenate([targets, others]), strict=False):
            version = self._versions[digit, rng.integers(self._versions.shape[1])]
            _paste(canvas, corner, resize_drawing(version, side))
        strokes = slice(wanted + len(others), None)
        for corner, side in zip(corners[strokes], sides[strokes], strict=True):
            _paste(canvas, corner, resize_drawing(draw_stroke(rng), side))
        own = sides[:wanted].astype(np.float64)
        return Scene(image=_lit(canvas, rng), centres=corners[:wanted] + own[:, None] / 2, sizes=own, sources=targets)


class SceneList(Sequence[Scene]):
    """Scenes of a pool, made one by one when they are asked for: a thousand of them take no memory."""

    def __init__(self, made_by: DigitScenes, pool: Pool, numbers: range, n_targets: int | None) -> None:
        self._made_by = made_by
        self._pool: Pool = pool
        self._numbers = numbers
        self._n_targets = n_targets

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> Scene: ...

    @overload
    def __getitem__(self, place: slice) -> SceneList: ...

    def __getitem__(self, place: int | slice) -> Scene | SceneList:
        if isinstance(place, slice):
            return SceneList(self._made_by, self._pool, self._numbers[place], self._n_targets)
        return self._made_by.make(self._pool, self._numbers[place], n_targets=self._n_targets)


def _load_digits() -> tuple[FloatArray, IntArray]:
    from sklearn.datasets import load_digits

    found = load_digits()
    return np.asarray(found.images / 16.0), np.asarray(found.target, dtype=np.intp)


def _check_digits(images: ArrayLike, digits: ArrayLike | None) -> tuple[FloatArray, IntArray]:
    pixels = check_numbers(images, name="images", ndim=3)
    labels = check_numbers(digits, name="digits", n=len(pixels))
    if not len(pixels) or pixels.min() < 0 or pixels.max() == 0:
        raise refuse("images", "be of ink on a background of 0", f"{len(pixels)} images")
    return np.asarray(pixels / pixels.max()), labels.astype(np.intp)


def _divide(digits: IntArray, shares: tuple[float, float, float], rng: np.random.Generator) -> dict[Pool, IntArray]:
    """Divide the images of each digit by the shares."""
    parts = [check_number(share, name="shares", low=0, high=1, open_low=True) for share in shares]
    if len(parts) != 3 or abs(sum(parts) - 1) > 1e-9:
        raise refuse("shares", "be three numbers that add up to 1", repr(shares))
    pools: dict[Pool, list[IntArray]] = {pool: [] for pool in _POOLS[:3]}
    for digit in np.unique(digits):
        mixed = rng.permutation(np.flatnonzero(digits == digit))
        ends = np.round(np.cumsum(parts)[:2] * len(mixed)).astype(int)
        for pool, part in zip(pools, np.split(mixed, ends), strict=True):
            pools[pool].append(part)
    return {pool: np.sort(np.concatenate(members)) for pool, members in pools.items()}


def _check_sizes(sizes: object) -> tuple[float, ...]:
    if not isinstance(sizes, (tuple, list, np.ndarray)) or not len(sizes):
        raise refuse("sizes", "be a sequence of factors such as (1.0, 2.0)", repr(sizes))
    return tuple(check_number(size, name="each size", low=_SMALLEST, high=_LARGEST) for size in sizes)


def _place(sides: FloatArray, n_first: int, length: int, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
    """Draw corners of boxes that keep their distance; past the first ones, a box that finds no place is left out."""
    centres = np.empty((len(sides), 2))
    is_placed = np.zeros(len(sides), dtype=bool)
    for number, side in enumerate(sides):
        apart = _SPACING * (sides[is_placed] + side) / 2
        for _ in range(_TRIES):
            centre = rng.integers(0, length - int(side) + 1, 2) + side / 2
            if (np.abs(centres[is_placed] - centre).max(axis=1, initial=0) >= apart).all():
                centres[number], is_placed[number] = centre, True
                break
        else:
            if number < n_first:
                raise refuse("n_targets", f"fit into a scene of {length} pixels", n_first)
    return centres[is_placed] - sides[is_placed, None] / 2, is_placed


def _paste(canvas: AnyArray, corner: FloatArray, patch: AnyArray) -> None:
    top, left = corner.astype(int)
    part = canvas[top : top + len(patch), left : left + len(patch)]
    np.maximum(part, patch, out=part)


def _lit(canvas: AnyArray, rng: np.random.Generator) -> AnyArray:
    """Add a ramp of brightness in a random direction, and noise."""
    along = np.linspace(0, 1, len(canvas), dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = np.cos(angle) * along[:, None] + np.sin(angle) * along
    ramp = (ramp - ramp.min()) / (ramp.max() - ramp.min())
    noise = rng.standard_normal(canvas.shape, dtype=np.float32)
    return np.asarray(canvas + rng.uniform(0, _RAMP) * ramp + _NOISE * noise, dtype=np.float32)
