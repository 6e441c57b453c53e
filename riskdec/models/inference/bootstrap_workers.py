"""The same work for each of many numbers, in one process or several, with a line of progress."""

from __future__ import annotations

import warnings
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from riskdec._base.checks import refuse
from riskdec._base.progress import progress
from riskdec.errors import RiskdecWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

# Pieces of work that each worker gets at a time: few enough for a line of progress that moves.
_PIECES = 8


class _Done(NamedTuple):
    """What one piece of work gave, and what it warned of."""

    value: object
    warned: tuple[tuple[type[Warning], str], ...]


def check_jobs(n_jobs: object) -> int:
    """Give the number of workers; None means one, -1 one for each processor, as in scikit-learn."""
    if n_jobs is None:
        return 1
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0 or n_jobs < -1:
        raise refuse("n_jobs", "be None, -1 (all processors) or a whole number of at least 1", repr(n_jobs))
    return n_jobs


def check_executor(executor: object, n_jobs: object) -> Executor | None:
    """Give an executor, or None; one and `n_jobs` exclude each other."""
    if executor is None:
        return None
    if not isinstance(executor, Executor):
        cure = "For example ProcessPoolExecutor(4), or n_jobs=4."
        raise refuse("executor", "be an executor of concurrent.futures", f"a {type(executor).__name__}", cure)
    if n_jobs is not None:
        raise refuse("n_jobs", "be left out with an executor", repr(n_jobs), "The executor has its own workers.")
    return executor


def map_in_order(
    work: Callable[[int], T], numbers: Sequence[int], *, n_jobs: int, label: str, executor: Executor | None = None
) -> list[T]:
    """Give ``[work(number) for number in numbers]``, made by as many processes as asked for.

    Parameters
    ----------
    work : callable
        A function of one number; with several workers it must be possible to pickle it.
    numbers : sequence of int
        What to work on.
    n_jobs : int
        Workers, as `check_jobs` gives them.
    label : str
        What is being done, for the terminal.
    executor : concurrent.futures.Executor, optional
        Does the work instead of our own processes.

    Notes
    -----
    What the work warns of is held back and given once at the end. Warnings of riskdec itself are about one resample
    (that it is separated, say); the caller counts these cases, and they are not repeated here.
    """
    # It sends scikit-learn's settings along, which joblib's own does not.
    from sklearn.utils.parallel import Parallel, delayed

    if isinstance(executor, ThreadPoolExecutor):
        # Threads share what is held back: it is held once, around all of them.
        answers = progress(executor.map(work, numbers), label=label, total=len(numbers))
        values, warned = _watch(list, answers)
        done = [_Done(value, warned) for value in values]  # type: ignore[attr-defined]  # the list
    elif executor is not None:
        pieces = executor.map(_watch, [work] * len(numbers), numbers)
        done = list(progress(pieces, label=label, total=len(numbers)))
    elif n_jobs == 1:
        done = [_watch(work, number) for number in progress(numbers, label=label, total=len(numbers))]
    else:
        done = []
        with Parallel(n_jobs=n_jobs) as pool:
            size = _PIECES * pool._effective_n_jobs()  # noqa: SLF001 -- joblib has no public word for it
            parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
            for part in progress(parts, label=label, total=len(parts)):
                done += pool(delayed(_watch)(work, number) for number in part)
    for category, message in dict.fromkeys(said for one in done for said in one.warned):
        warnings.warn(message, category, stacklevel=2)
    return [one.value for one in done]  # type: ignore[misc]  # each value is what `work` gave


def _watch(work: Callable[[Any], object], number: object) -> _Done:
    with warnings.catch_warnings(record=True) as held:
        warnings.simplefilter("always")
        value = work(number)
    foreign = [one for one in held if not issubclass(one.category, RiskdecWarning)]
    return _Done(value, tuple((one.category, str(one.message)) for one in foreign))
