"""Our own threads, and one BLAS thread inside them, whatever the caller has set."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import ThreadPoolExecutor

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# A library, and the number of threads that it had before.
_Limited = tuple[Any, int]

_lock = Lock()
_users: list[list[_Limited]] = []


@cache
def _blas_libraries() -> tuple[Any, ...]:
    # Finding the libraries costs a millisecond, so it is done once; scipy brings a BLAS of its own.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return tuple(library for library in ThreadpoolController().lib_controllers if library.user_api == "blas")


def _limit() -> list[_Limited]:
    """Give each BLAS library one thread, and tell what the others had: asking is cheaper than setting."""
    found = [(library, library.num_threads) for library in _blas_libraries()]
    limited = [(library, number) for library, number in found if number is not None and number != 1]
    for library, _ in limited:
        library.set_num_threads(1)
    return limited


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run BLAS on one thread inside this context.

    Our products are short; threads that spin for the next one cost more than they bring, and one thread gives the
    same bits on every machine of a kind. Where contexts overlap in several Python threads, the first one in sets
    the limit and the last one out gives back what the first one found.
    """
    with _lock:
        _users.append(_users[0] if _users else _limit())
    try:
        yield
    finally:
        with _lock:
            limited = _users.pop()
            if not _users:
                for library, number in limited:
                    library.set_num_threads(number)


def n_workers() -> int:
    """Give how many threads our own loops may use: the cores of this process, or ``OMP_NUM_THREADS`` if that is less.

    Tools that start several processes (joblib, dask) set this variable, so that nested loops do not fight for cores.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = os.cpu_count() or 1 if affinity is None else len(affinity(0))
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return min(cores, max(int(asked), 1)) if asked.isdecimal() else cores


@cache
def _pool(process: int, workers: int) -> ThreadPoolExecutor:
    # Threads do not outlive a fork, so a child process makes a pool of its own.
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(workers, thread_name_prefix=f"riskdec-{process}")


def in_order(function: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
    """Call a function on every item, on as many threads as there are cores, and yield the answers in item order.

    What is added up in this order has the same bits whatever the number of threads. The function must not call
    `in_order` itself: it would wait for threads that wait for it.
    """
    if len(items) <= 1 or (workers := n_workers()) <= 1:
        return map(function, items)
    return _pool(os.getpid(), workers).map(function, items)
