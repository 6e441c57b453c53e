"""A scene with known truth: one image, and where its objects are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_labels, check_numbers, refuse, refuse_rows

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """An image and the objects in it.

    Attributes
    ----------
    image : ndarray of shape (h, w) or (h, w, c)
        The pixels.
    centres : ndarray of shape (n, 2)
        Row and column of the centre of each object, in pixels; pixel i covers [i, i + 1).
    sizes : ndarray of shape (n,) or None
        Side of the square around each object in pixels; None where nobody measured them. Needed where windows of
        several scales are looked at.
    sources : ndarray of shape (n,) or None
        Which original each object was copied from, where scenes share originals.
    """

    image: AnyArray
    centres: FloatArray
    sizes: FloatArray | None = None
    sources: AnyArray | None = None

    @property
    def n_objects(self) -> int:
        """Number of objects."""
        return len(self.centres)


def make_scene(
    image: AnyArray, centres: ArrayLike, *, sizes: ArrayLike | None = None, sources: ArrayLike | None = None
) -> Scene:
    """Put an image and the centres of its objects together.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, c)
        The pixels.
    centres : array-like of shape (n, 2)
        Row and column of each object's centre in pixels; an empty list if there is no object.
    sizes : array-like of shape (n,), optional
        Side of the square around each object in pixels, above 0. It says at which of several scales the object has its
        window; at one scale it is not used.
    sources : array-like of shape (n,), optional
        Label of the original that each object is a copy of.

    Raises
    ------
    InputError
        For an image that has not two or three dimensions, centres outside it, and sizes that are none.

    Examples
    --------
    >>> make_scene(np.zeros((64, 64)), [(20.0, 31.5)], sizes=[12]).n_objects
    1
    """
    pixels = np.asarray(image)
    if pixels.ndim not in (2, 3):
        raise refuse("image", "have shape (h, w) or (h, w, c)", f"shape {pixels.shape}")
    places = check_numbers(np.reshape(centres, (0, 2)) if np.size(centres) == 0 else centres, name="centres", ndim=2)
    if places.shape[1] != 2:
        raise refuse("centres", "have a row and a column for each object", f"shape {places.shape}")
    outside = (places < 0) | (places >= np.array(pixels.shape[:2]))
    if outside.any():
        raise refuse_rows("centres", f"lie in the image of shape {pixels.shape[:2]}", places, outside)
    sides = None if sizes is None else check_numbers(sizes, name="sizes", n=len(places))
    if sides is not None and (sides <= 0).any():
        raise refuse_rows("sizes", "be above 0", sides, sides <= 0, "They are sides in pixels.")
    labels = None if sources is None else check_labels(sources, name="sources", n=len(places))
    return Scene(image=pixels, centres=places, sizes=sides, sources=labels)
