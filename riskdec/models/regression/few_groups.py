"""With few groups of dependent rows a cluster covariance is itself uncertain: t takes the place of the normal."""

FEW_GROUPS = 40


def few_groups_df(kind: str, n_groups: int | None) -> int | None:
    """Give G - 1 with the cluster covariance of fewer than 40 groups; None otherwise.

    >>> few_groups_df("cluster", 12), few_groups_df("cluster", 400), few_groups_df("model", None)
    (11, None, None)
    """
    few = kind == "cluster" and n_groups is not None and n_groups < FEW_GROUPS
    return n_groups - 1 if few and n_groups is not None else None
