"""Everything about the data of a fit: read once, unreadable files left out, a part set aside."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from riskdec._base.checks import refuse
from riskdec._base.codes import warn
from riskdec._base.findings import Finding
from riskdec._base.table import percent
from riskdec.errors import IncompleteRowsWarning
from riskdec.models.doors.fit_weights import count_classes
from riskdec.nn.held_out import hold_out
from riskdec.nn.images.door import open_for_training
from riskdec.nn.images.scan import channel_statistics, scan_images
from riskdec.nn.training.run import Rows

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray
    from riskdec.nn.images.door import ImageRows
    from riskdec.nn.images.scan import Scan

# So many unreadable files are no accident.
_MOST_UNREADABLE = 0.05


class OpenedRows(NamedTuple):
    """The data of a fit.

    Attributes
    ----------
    rows : ImageRows
        Readable images of positive weight.
    scan : Scan
        What reading them all showed.
    findings : tuple of Finding
        About images left out.
    """

    rows: ImageRows
    scan: Scan
    findings: tuple[Finding, ...]

    def digest(self, *more: str) -> str:
        """Give a digest of pixels (by their sums), outcomes, weights, groups, offsets, and of further text."""
        sha = hashlib.sha256()
        rows = self.rows
        given = (rows.places, rows.codes, rows.weight, rows.groups, rows.offset)
        for part in (self.scan.sums, self.scan.squares, *given):
            sha.update(b"-" if part is None else np.ascontiguousarray(part).tobytes())
        sha.update(repr((rows.classes.tolist(), rows.source.shape, *more)).encode())
        return sha.hexdigest()


class Parts(NamedTuple):
    """The data of a fit, divided.

    Attributes
    ----------
    training, held_out : Rows
        What the weights are fitted to; what chooses the epoch and calibrates.
    codes, held_out_codes : ndarray of int
        Their outcomes.
    held_out_weight, held_out_offset : ndarray or None
        Weights and offsets of the held-out part as they were given.
    counts : ndarray of shape (K,)
        Weight of each outcome in the training part.
    mean, scale : ndarray of shape (c,)
        Of the channels in the training part.
    """

    training: Rows
    held_out: Rows
    codes: IntArray
    held_out_codes: IntArray
    held_out_weight: FloatArray | None
    held_out_offset: FloatArray | None
    counts: FloatArray
    mean: FloatArray
    scale: FloatArray


def open_rows(
    options: Any, X: object, y: object, *, sample_weight: object, groups: object, offset: object
) -> OpenedRows:
    """Open and read the images of a fit; those that cannot be read are left out, with a warning that counts them.

    Raises
    ------
    InputError
        If more than one in 20 cannot be read, or the data do not fit together.
    """
    rows = open_for_training(
        X, y, sample_weight=sample_weight, groups=groups, offset=offset, image_size=options.image_size
    )
    scan = scan_images(rows.source)
    kept = scan.readable[rows.places]
    if kept.all():
        return OpenedRows(rows, scan, ())
    n_bad, share = int((~kept).sum()), float((~kept).mean())
    first = rows.source.name_of(int(rows.places[~kept][0]))
    if share > _MOST_UNREADABLE:
        got = f"{n_bad} of {len(kept)} that cannot be read ({first} is the first)"
        raise refuse("X", f"hold readable images, all but {percent(_MOST_UNREADABLE, 0)}", got, "Restore the files.")
    sentence = f"{n_bad} of {len(kept)} images cannot be read ({first} is the first); they are left out of the fit."
    warn("RD610", sentence, IncompleteRowsWarning)
    finding = Finding(code="RD610", severity="caution", sentence=sentence, todo="Look at which outcomes they had.")
    return OpenedRows(_keep(rows, kept), scan, (finding,))


def divide(opened: OpenedRows, *, fraction: float, rng: np.random.Generator) -> Parts:
    """Set the held-out part aside, and look at the channels of the rest."""
    rows = opened.rows
    held = hold_out(rows.codes, fraction, groups=rows.groups, rng=rng)
    _, height, width = rows.source.shape
    mean, scale = channel_statistics(opened.scan, rows.places[~held], n_pixels=height * width)
    weight = None if rows.weight is None else rows.weight[~held]
    return Parts(
        training=_part(rows, ~held),
        held_out=_part(rows, held),
        codes=rows.codes[~held],
        held_out_codes=rows.codes[held],
        held_out_weight=None if rows.weight is None else rows.weight[held],
        held_out_offset=None if rows.offset is None else rows.offset[held],
        counts=count_classes(rows.codes[~held], weight, len(rows.classes)),
        mean=mean,
        scale=scale,
    )


def _part(rows: ImageRows, chosen: BoolArray) -> Rows:
    # The gradient takes weights as ratios; a mean of one keeps the size of the steps what the learning rate says.
    weight: AnyArray | None = None
    if rows.weight is not None:
        weight = (rows.weight[chosen] / rows.weight[chosen].mean()).astype(np.float32)
    return Rows(
        rows.source,
        rows.places[chosen],
        torch.from_numpy(rows.codes[chosen].astype(np.int64)),
        None if weight is None else torch.from_numpy(weight),
        None if rows.offset is None else torch.from_numpy(rows.offset[chosen].astype(np.float32)),
    )


def _keep(rows: ImageRows, kept: BoolArray) -> ImageRows:
    left = rows.keep(kept)
    if len(np.unique(left.codes)) < len(rows.classes):
        raise refuse("X", "hold a readable image of each outcome", "an outcome without any")
    return left
