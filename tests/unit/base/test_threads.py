"""One BLAS thread inside, the caller's setting outside; our own threads, and answers in order."""

from __future__ import annotations

import os
import threading
import time

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from riskdec._base import threads
from riskdec._base.threads import in_order, n_workers, one_blas_thread


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


def test_libraries_that_have_one_thread_are_only_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        num_threads: int | None

        def __init__(self, number: int | None) -> None:
            self.num_threads, self.told = number, []

        def set_num_threads(self, number: int) -> None:
            self.told.append(number)

    single, double, mute = libraries = (Library(1), Library(2), Library(None))
    monkeypatch.setattr(threads, "_blas_libraries", lambda: libraries)
    with one_blas_thread():
        assert (single.told, double.told, mute.told) == ([], [1], [])
    assert (single.told, double.told, mute.told) == ([], [1, 2], [])


@pytest.mark.parametrize("workers", [1, 3])
def test_answers_come_in_the_order_of_the_items(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr(threads, "n_workers", lambda: workers)
    names = set()

    def slow_at_first(item: int) -> int:
        names.add(threading.current_thread().name)
        time.sleep(0.02 if item == 0 else 0.001)
        return item * item

    assert list(in_order(slow_at_first, range(20))) == [i * i for i in range(20)]
    assert 1 <= len(names) <= workers


def test_one_item_needs_no_thread() -> None:
    assert list(in_order(lambda _: threading.current_thread(), ["alone"])) == [threading.current_thread()]


def test_error_in_a_thread_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "n_workers", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda item: 1 // item, [1, 0, 2]))


def test_number_of_threads_is_that_of_the_cores_or_what_openmp_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = n_workers()
    assert 1 <= cores <= (os.cpu_count() or 1)
    for told, expected in (("1", 1), ("1,4", 1), ("0", 1), ("100000", cores), ("many", cores)):
        monkeypatch.setenv("OMP_NUM_THREADS", told)
        assert n_workers() == expected
