"""The next batch is read while the network works on this one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


def ahead(items: Iterator[T], *, in_background: bool) -> Iterator[T]:
    """Yield the items in order, each fetched while the one before it is worked on.

    Parameters
    ----------
    items : iterator
        What takes time to make.
    in_background : bool
        False passes the items through: for what is made at once a thread would only cost.
    """
    if not in_background:
        yield from items
        return
    end = object()
    with ThreadPoolExecutor(1, thread_name_prefix="riskdec-images") as pool:
        coming = pool.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, items, end)
            yield item  # type: ignore[misc]  # the end was the only foreign object
