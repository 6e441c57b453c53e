"""Clusters in decision curves: weights of each cluster by outcome and by the cuts reached, and their products."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from riskdec._base.typing import BoolArray, FloatArray, IntArray

    ClusterTable: TypeAlias = csr_array[np.float64]


def cluster_table(
    groups: IntArray, is_event: BoolArray, place: IntArray, weight: FloatArray | None, n_cuts: int
) -> ClusterTable:
    """Add up the weights of each cluster by the number of cuts reached, events in the first half of the columns.

    Parameters
    ----------
    groups : ndarray of int, shape (n,)
        Numbers 0, 1, ... of clusters.
    is_event : ndarray of bool, shape (n,)
        Outcomes.
    place : ndarray of int, shape (n,)
        Number of cuts that the row reaches, at most `n_cuts`.
    weight : ndarray of shape (n,) or None
        Weights; None for ones.
    n_cuts : int
        Number of cuts, C.

    Returns
    -------
    sparse array of shape (G, 2 (C + 1))
        A cluster of m rows fills m cells at most, however many cuts there are.
    """
    from scipy.sparse import coo_array

    column = place + np.where(is_event, 0, n_cuts + 1)
    values = np.ones(groups.shape[0]) if weight is None else weight
    shape = (int(groups.max()) + 1, 2 * (n_cuts + 1))
    return coo_array((values, (groups, column)), shape=shape).tocsr()


def cluster_covariance(one: ClusterTable, other: ClusterTable) -> FloatArray:
    """Sum, over clusters, the products of the cells of two tables.

    Whatever is linear in the cells has a clustered covariance that follows from this small matrix.
    """
    return np.asarray((one.T @ other).toarray())
