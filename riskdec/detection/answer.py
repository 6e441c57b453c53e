"""What was found in a scene, what to do about each place, and what the scene as a whole holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import Finding, findings_table
from riskdec._base.result import Framed, Report, Result, jsonable
from riskdec._base.table import Table, count, number, percent

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.decisions import Decisions

# Lines of the summary; `frame` has them all.
_SHOWN = 10
# Pixels along the longer side of an image that is kept for a picture.
_PREVIEW = 1200


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Detections(Framed, Report):
    """Regions of a scene with their risks and actions, the largest window risk first.

    `frame` gives one line per region: box, centre, scale, risks, action and expected cost.

    Attributes
    ----------
    boxes : ndarray of shape (n, 4)
        Top, left, bottom and right of the window at the peak of each region, in pixels of the image measured at the
        edges of pixels: where the object is, if there is one.
    scale : ndarray of shape (n,)
        Scale of the pyramid on which the peak lies.
    peak_risk : ndarray of shape (n,)
        Risk of the window at the peak.
    risk : ndarray of shape (n,)
        Probability that some window of the region holds an object, ``1 - prod(1 - p)``.
    expected_in_region : ndarray of shape (n,)
        Sum of the risks of its windows.
    decisions : Decisions
        The action for each region, from `risk` and the costs.
    scene_risk : float
        Probability that the scene holds an object, ``1 - prod(1 - p)`` over all windows.
    expected_objects : float
        Sum of the risks of all windows.
    expected_cleared : float
        Part of it in windows that are neither alarmed nor handed on: objects that are expected to be missed.
    clearing : str
        The action that clears a place.
    n_windows : int
        Windows that were scanned.
    image_shape : (int, int)
        Height and width of the image.
    min_risk : float
        Regions of smaller risk are not listed; they are cleared.
    evaluation : str
        How windows were evaluated.
    findings : tuple of Finding
        What a reader must know.

    Notes
    -----
    Overlapping windows see the same pixels, and their outcomes are far from independent. ``1 - prod(1 - p)`` is close
    to the truth nevertheless where each object has one window (see `RiskMap`): window outcomes around an object then
    exclude each other, and the product, which falls below the sum of their risks, gives a little less than the truth.
    Where objects had several positive windows each, it would be far too large.
    """

    boxes: FloatArray
    scale: FloatArray
    peak_risk: FloatArray
    risk: FloatArray
    expected_in_region: FloatArray
    decisions: Decisions
    scene_risk: float
    expected_objects: float
    expected_cleared: float
    clearing: str
    n_windows: int
    image_shape: tuple[int, int]
    min_risk: float
    evaluation: str
    findings: tuple[Finding, ...]

    @property
    def n(self) -> int:
        """Number of regions that are listed."""
        return len(self.risk)

    @property
    def centres(self) -> FloatArray:
        """Row and column of the centre of each region: shape (n, 2)."""
        found: FloatArray = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        return found

    @property
    def action(self) -> AnyArray:
        """Name of the action for each region."""
        return self.decisions.action

    @property
    def expected_cost(self) -> FloatArray:
        """Expected cost of each region's action."""
        kept = self.decisions.expected_cost
        return np.empty(0) if kept is None else kept

    def plot(self, ax: Any = None, *, image: AnyArray | None = None) -> Any:
        """Draw the regions at their places, coloured by action; on the image if it is given.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default. Without `image` what is there stays behind the boxes.
        image : ndarray of shape (h, w) or (h, w, c), optional
            The scene.
        """
        shown: Result = self
        if image is not None:
            shown = SceneOverlay(detections=self, preview=make_preview(np.asanyarray(image)))
        return Result.plot(shown, ax)

    def _headline(self) -> str:
        counts = zip(self.decisions.actions, self.decisions.counts.tolist(), strict=True)
        parts = ", ".join(f"{k} {name}" for name, k in counts if k) or "nothing listed"
        return f"{parts}; scene risk {percent(self.scene_risk)}, {number(self.expected_objects, 3)} objects expected"

    def summary(self) -> Table:
        """Give the scene's risk, the regions with their actions, and the findings."""
        rows = tuple(
            (
                f"({self.centres[i, 0]:.0f}, {self.centres[i, 1]:.0f})",
                str(self.action[i]),
                percent(self.risk[i]),
                percent(self.peak_risk[i]),
                number(self.expected_cost[i], 3),
            )
            for i in range(min(self.n, _SHOWN))
        )
        notes = [] if self.n <= _SHOWN else [f"... and {count(self.n - _SHOWN)} more: see .frame()."]
        notes += [
            f"Scene risk {percent(self.scene_risk)}; {number(self.expected_objects, 3)} objects expected, "
            f"{number(self.expected_cleared, 3)} of them in what is cleared.",
            f"{count(self.n_windows)} windows, {self.evaluation}.",
        ]
        height, width = self.image_shape
        return Table(
            title=f"Detections in an image of {height} x {width} pixels",
            header=("centre (row, column)", "action", "risk", "peak", "expected cost"),
            rows=rows,
            notes=tuple(notes),
            sections=(findings_table(self.findings),) if self.findings else (),
        )

    def _columns(self) -> dict[str, Any]:
        names = ("top", "left", "bottom", "right")
        return {
            **{name: self.boxes[:, k] for k, name in enumerate(names)},
            "row": self.centres[:, 0],
            "column": self.centres[:, 1],
            "scale": self.scale,
            "peak_risk": self.peak_risk,
            "risk": self.risk,
            "expected_in_region": self.expected_in_region,
            "action": self.action,
            "expected_cost": self.expected_cost,
        }

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers, text and lists."""
        special = ("decisions", "findings")
        return {name: jsonable(getattr(self, name)) for name in self.__slots__ if name not in special} | {
            "action": jsonable(self.action),
            "expected_cost": jsonable(self.expected_cost),
            "decisions": self.decisions.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class SceneOverlay(Result):
    """Detections on the scene that they were found in; what `Detections.plot` draws when it is given the image.

    Attributes
    ----------
    detections : Detections
        What was found.
    preview : ndarray of uint8, shape (h, w) or (h, w, 3)
        The scene, thinned out to at most 1,200 pixels along a side.
    """

    detections: Detections
    preview: AnyArray

    def _headline(self) -> str:
        height, width = self.preview.shape[:2]
        return f"{self.detections.n} regions on a picture of {height} x {width} pixels"

    def summary(self) -> Table:
        """Give the summary of the detections."""
        return self.detections.summary()

    def to_dict(self) -> dict[str, Any]:
        """Give the detections as plain numbers, text and lists, without the picture."""
        return self.detections.to_dict()


def make_preview(image: AnyArray) -> AnyArray:
    """Give a scene as a picture: gray or colour of 8 bits, its darkest pixel 0 and its brightest 255.

    >>> make_preview(np.array([[0.0, 0.5], [1.0, 1.0]])).tolist()
    [[0, 128], [255, 255]]
    """
    every = max(-(-max(image.shape[:2]) // _PREVIEW), 1)
    pixels = np.asarray(image[::every, ::every], dtype=np.float64)
    if pixels.ndim == 3 and pixels.shape[2] != 3:
        pixels = pixels[..., 0]
    if image.dtype == np.uint8:
        return pixels.astype(np.uint8)
    low, high = float(pixels.min()), float(pixels.max())
    return np.round((pixels - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
