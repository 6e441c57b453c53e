"""One BLAS thread inside, the caller's setting outside."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from riskdec._base.threads import one_blas_thread


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture
def two_threads() -> object:
    with threadpool_limits(2, user_api="blas") as limits:
        if blas_threads() != {2}:
            pytest.skip("this BLAS has one thread only")
        yield limits


@pytest.mark.usefixtures("two_threads")
def test_blas_has_one_thread_inside_and_the_old_number_after() -> None:
    with one_blas_thread():
        assert blas_threads() == {1}
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == {2}


@pytest.mark.usefixtures("two_threads")
def test_old_number_comes_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        raise ZeroDivisionError
    assert blas_threads() == {2}


@pytest.mark.usefixtures("two_threads")
def test_old_number_comes_back_after_uses_that_overlap() -> None:
    # Two fits in two threads of one process: the first to begin is not always the last to end.
    first, second = one_blas_thread(), one_blas_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert blas_threads() == {2}
