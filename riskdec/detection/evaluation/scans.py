"""Many scenes, each read once: everything that an evaluation, a calibrator or a certificate needs of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_level, check_number, refuse
from riskdec._base.codes import warn
from riskdec._base.kept import Kept, counts, each, flag, number_and_text, numbers, real
from riskdec._base.progress import progress
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number
from riskdec.detection.evaluation.reading import EDGES, FALSE, N_BINS, REPEATED, SceneReading, log_odds, read_scene
from riskdec.errors import IncompleteRowsWarning, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from riskdec._base.kept import Rule
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.datasets.scene import Scene
    from riskdec.detection.mining import ScansScenes
    from riskdec.detection.risk_map import RiskMap


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class SceneScans(Kept, Result):
    """What a detector said about scenes with known truth, a few kilobytes for each scene.

    Attributes
    ----------
    negatives, negative_risk : ndarray of shape (S, B)
        Per scene and bin of log odds (0.05 wide, one bin below -14 and one above 14): windows without an object, and
        the sum of their risks.
    object_scene : ndarray of int, shape (n,)
        Scene of each object.
    object_score : ndarray of shape (n,)
        Log odds of the object's window; nan where it has none of its own (near the border, or two in one cell).
    object_source : ndarray of int, shape (n,)
        Number of the original that the object is a copy of; each object is its own where the scenes do not tell.
    region_scene : ndarray of int, shape (r,)
        Scene of each region.
    region_risk : ndarray of shape (r,)
        Probability that the region holds an object, as the detector says.
    region_object : ndarray of int, shape (r,)
        Number of the object it found, counted over all scenes; -1 for none, -2 for one that was found before.
    n_windows : ndarray of int, shape (S,)
        Windows of each scene that count.
    ignore, separation, min_risk : float
        Settings of the scan.
    has_sources : bool
        Whether the scenes told which original an object is a copy of.
    refused : tuple of (int, str)
        Places of scenes that could not be scanned, with the reason; they count nowhere above.
    """

    negatives: FloatArray
    negative_risk: FloatArray
    object_scene: IntArray
    object_score: FloatArray
    object_source: IntArray
    region_scene: IntArray
    region_risk: FloatArray
    region_object: IntArray
    n_windows: IntArray
    ignore: float
    separation: float
    min_risk: float
    has_sources: bool
    refused: tuple[tuple[int, str], ...] = ()

    @classmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give what a model file may hold in each field."""
        return {
            "n_windows": counts("S", low=1),
            **dict.fromkeys(("negatives", "negative_risk"), numbers("S", "B", low=0, high=2.0**53)),
            "object_scene": counts("n"),
            "object_score": numbers("n", may_lack=True),
            "object_source": counts("n", low=-(2**53)),
            "region_scene": counts("r"),
            "region_risk": numbers("r", low=0, high=1),
            "region_object": counts("r", low=REPEATED),
            "ignore": real(0),
            **dict.fromkeys(("separation", "min_risk"), real(0)),
            "has_sources": flag(),
            "refused": each(number_and_text(), "refused"),
        }

    def check_agreement(self) -> None:
        """Refuse scenes and objects that are not there, and bins of another width."""
        if self.negatives.shape[1:] != (N_BINS,) or not self.n_scenes:
            raise refuse("negatives", f"have {N_BINS} bins for each scene", f"shape {self.negatives.shape}")
        if (self.negative_risk > self.negatives * (1 + 1e-9)).any():
            raise refuse("negative_risk", "be at most the number of windows", "more")
        limits = (("object_scene", self.n_scenes), ("region_scene", self.n_scenes), ("region_object", self.n_objects))
        for name, limit in limits:
            if getattr(self, name).max(initial=-1) >= limit:
                raise refuse(name, f"be below {limit}", int(getattr(self, name).max()))

    @property
    def n_scenes(self) -> int:
        """Number of scenes."""
        return len(self.n_windows)

    @property
    def n_objects(self) -> int:
        """Number of objects, those without a window of their own included."""
        return len(self.object_scene)

    @property
    def expected_objects(self) -> float:
        """Sum of the risks of all windows."""
        own = self.object_score[~np.isnan(self.object_score)]
        return float(self.negative_risk.sum() + (1 / (1 + np.exp(-own))).sum())

    def part(self, first: int, last: int) -> SceneScans:
        """Give the scans of the scenes ``first`` to ``last - 1``."""
        objects = (self.object_scene >= first) & (self.object_scene < last)
        regions = (self.region_scene >= first) & (self.region_scene < last)
        number_of = np.cumsum(objects) - 1
        found = self.region_object[regions]
        return SceneScans(
            negatives=self.negatives[first:last].copy(),
            negative_risk=self.negative_risk[first:last].copy(),
            object_scene=self.object_scene[objects] - first,
            object_score=self.object_score[objects],
            object_source=self.object_source[objects],
            region_scene=self.region_scene[regions] - first,
            region_risk=self.region_risk[regions],
            region_object=np.where(found >= 0, number_of[np.maximum(found, 0)], found) if len(found) else found,
            n_windows=self.n_windows[first:last].copy(),
            ignore=self.ignore,
            separation=self.separation,
            min_risk=self.min_risk,
            has_sources=self.has_sources,
        )

    def _headline(self) -> str:
        return f"{count(self.n_scenes)} scenes, {count(self.n_objects)} objects, {count(self.n_windows.sum())} windows"

    def summary(self) -> Table:
        """Give the sizes."""
        rows = (
            ("scenes", count(self.n_scenes)),
            ("windows", count(int(self.n_windows.sum()))),
            ("objects", count(self.n_objects)),
            ("objects expected by the risks", number(self.expected_objects)),
            ("objects without a window of their own", count(int(np.isnan(self.object_score).sum()))),
            ("regions", count(len(self.region_risk))),
            ("regions without an object", count(int((self.region_object == FALSE).sum()))),
        )
        notes = tuple(f"Left out, scene {place}: {reason}" for place, reason in self.refused[:10])
        return Table(title="Scans of scenes", rows=rows, notes=notes)

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and lists."""
        return {name: jsonable(getattr(self, name)) for name in self.__slots__}


def scan_scenes(
    detector: ScansScenes | Sequence[Sequence[RiskMap]],
    scenes: Sequence[Scene],
    *,
    ignore: float = 0.0,
    object_size: float | None = None,
    separation: float = 0.5,
    min_risk: float = 1e-4,
) -> SceneScans:
    """Scan scenes with known truth and keep what can be learned from them.

    Parameters
    ----------
    detector : SlidingWindowDetector, or sequence of what `risk_map` gave
        The detector, or the maps of all scenes in their order.
    scenes : sequence of Scene
        Read one by one.
    ignore : float
        Half-width of the ignore band in pixels; the same as in training.
    object_size : float, optional
        Side in pixels of the objects that the model was trained on, measured as the sizes of the scenes are; by default
        that of a window. Used where the detector scans at several scales: see Notes.
    separation : float
        As in `SlidingWindowDetector.detect`. A region finds an object whose centre lies so near its peak.
    min_risk : float
        Regions of smaller risk are left out.

    Returns
    -------
    SceneScans

    Raises
    ------
    InputError
        Without scenes, for maps that do not fit, for several scales where scenes have no sizes of their objects, and
        where no scene can be scanned. A scene that cannot be scanned among others is left out with the warning RD715,
        and nothing of the others is lost.

    Notes
    -----
    At several scales an object's window is one of the scale at which its size is nearest to `object_size`, by ratio:
    there, the window whose cell of one stride holds its centre. All other windows, of that scale and of the others, are
    negatives. So each object still has one window, the risks of all windows of all scales add up to the expected number
    of objects, and prevalence is objects over windows of all scales. That says nothing of each scale by itself: a model
    that does not know the scale gives the risks of one prevalence to all (see `deploy_prevalence` of
    `SlidingWindowDetector`).
    """
    if not len(scenes):
        raise refuse("scenes", "hold at least one scene", "none")
    settings = {
        "ignore": check_number(ignore, name="ignore", low=0),
        "separation": check_number(separation, name="separation", low=0, open_low=True),
        "min_risk": check_level(min_risk, name="min_risk"),
    }
    size = None if object_size is None else check_number(object_size, name="object_size", low=0, open_low=True)
    maps_of = _maps(detector, len(scenes))
    readings, sources = [], []
    refused: list[tuple[int, str]] = []
    for place in progress(range(len(scenes)), label="scenes", total=len(scenes)):
        scene = scenes[place]
        try:
            reading = read_scene(maps_of(place, scene.image), scene, object_size=size, **settings)
        except InputError as err:
            # What is wrong with the detector is wrong for every scene.
            if str(err).startswith("the detector") or place == len(refused) == len(scenes) - 1:
                raise
            refused.append((place, str(err)))
            continue
        readings.append(reading)
        sources.append(scene.sources)
    if refused:
        _warn_refused(refused, len(scenes))
    return _join(readings, sources, settings, refused=tuple(refused))


def _warn_refused(refused: list[tuple[int, str]], n: int) -> None:
    place, reason = refused[0]
    message = (
        f"{count(len(refused))} of {count(n)} scenes could not be scanned and are left out; the first, at place "
        f"{place}: {reason} What is reported is about the others; `refused` has the reasons."
    )
    warn("RD715", message, IncompleteRowsWarning)


def _maps(detector: ScansScenes | Sequence[Sequence[RiskMap]], n: int) -> Callable[[int, AnyArray], Sequence[RiskMap]]:
    if isinstance(detector, Sequence):
        if len(detector) != n:
            raise refuse("maps", f"have one entry per scene ({n})", f"{len(detector)} entries")
        given = detector
        return lambda place, _: given[place]
    scanner = detector
    return lambda _, image: scanner.risk_map(image)


def _join(
    readings: list[SceneReading],
    sources: list[AnyArray | None],
    settings: dict[str, float],
    *,
    refused: tuple[tuple[int, str], ...],
) -> SceneScans:
    n_objects = np.array([len(one.object_score) for one in readings])
    before = np.cumsum(n_objects) - n_objects
    found = [
        np.where(one.region_object >= 0, one.region_object + start, one.region_object)
        for one, start in zip(readings, before, strict=True)
    ]
    has_sources = all(one is not None for one in sources)
    labels = np.concatenate([one for one in sources if one is not None]) if has_sources else np.arange(n_objects.sum())
    scenes = np.arange(len(readings))
    return SceneScans(
        negatives=np.stack([one.negatives for one in readings]),
        negative_risk=np.stack([one.negative_risk for one in readings]),
        object_scene=np.repeat(scenes, n_objects),
        object_score=np.concatenate([one.object_score for one in readings]),
        object_source=np.unique(labels, return_inverse=True)[1].reshape(-1).astype(np.intp),
        region_scene=np.repeat(scenes, [len(one.region_risk) for one in readings]),
        region_risk=np.concatenate([one.region_risk for one in readings]),
        region_object=np.concatenate(found).astype(np.intp),
        n_windows=np.array([one.n_windows for one in readings]),
        has_sources=has_sources,
        refused=refused,
        **settings,
    )


def bin_log_odds(scans: SceneScans) -> FloatArray:
    """Give the log odds of the mean risk of each bin, shape (B,); empty bins have that of their middle."""
    own = scans.object_score[~np.isnan(scans.object_score)]
    place = np.searchsorted(EDGES, own, side="right")
    n = scans.negatives.sum(axis=0) + np.bincount(place, minlength=N_BINS)
    risk = scans.negative_risk.sum(axis=0) + np.bincount(place, weights=1 / (1 + np.exp(-own)), minlength=N_BINS)
    width = EDGES[1] - EDGES[0]
    middle = np.concatenate([EDGES - width / 2, [EDGES[-1] + width / 2]])
    mean = np.divide(risk, n, out=np.full(N_BINS, 0.5), where=n > 0)
    return np.where(n > 0, log_odds(mean), middle)
