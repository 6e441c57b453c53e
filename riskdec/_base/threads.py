"""One BLAS thread inside our own loops, whatever the caller has set, and the caller's setting back afterwards."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


@cache
def _controller() -> Any:
    # Finding the libraries costs a millisecond, so it is done once; scipy brings a BLAS of its own.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Give a context in which BLAS runs on one thread.

    Our products are short; threads that spin for the next one cost more than they bring, and one
    thread gives the same bits on every machine of a kind.
    """
    limiter: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limiter
