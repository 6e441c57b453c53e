"""One BLAS thread inside our own loops, whatever the caller has set, and the caller's setting back afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = Lock()
_users: list[Any] = []


@cache
def _controller() -> Any:
    # Finding the libraries costs a millisecond, so it is done once; scipy brings a BLAS of its own.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run BLAS on one thread inside this context.

    Our products are short; threads that spin for the next one cost more than they bring, and one thread gives the
    same bits on every machine of a kind. Where contexts overlap in several Python threads, the first one in sets
    the limit and the last one out gives back what the first one found.
    """
    with _lock:
        _users.append(_users[0] if _users else _controller().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            limiter = _users.pop()
            if not _users:
                limiter.restore_original_limits()
