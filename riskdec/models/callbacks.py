"""Fits that tell scikit-learn's callbacks of their folds, epochs and sub-estimators (scikit-learn 1.9 and later)."""

from __future__ import annotations

import functools
import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from riskdec._base.progress import LISTENER

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:
    # Before scikit-learn 1.9 nobody can be told.
    CallbackSupportMixin, with_callbacks = object, None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

# What scikit-learn keeps on an estimator: callbacks of its own, and the task of another estimator that it is fitted in.
_OWN, _TASK_OF_PARENT = "_skl_callbacks", "_parent_callback_ctx"


class CallbackSupport(CallbackSupportMixin):
    """Lets ``set_callbacks(ProgressBar())`` of scikit-learn follow the fit of an estimator.

    A subclass decorates `fit` with `tells_callbacks`, and says by `_n_tasks` into how many tasks it falls.
    """

    def _n_tasks(self) -> int:
        """Give the number of tasks that a fit falls into; 0 where it has no parts."""
        return 0


class FitTask:
    """A task of a fit, and what is left of its subtasks.

    Parameters
    ----------
    estimator : estimator
        Being fitted.
    context : sklearn.callback.CallbackContext
        Its place in scikit-learn's tree of tasks.
    room : int
        Subtasks that it may have.
    """

    def __init__(self, estimator: Any, context: Any, room: int) -> None:
        self._estimator = estimator
        self._context = context
        self._room = room
        self._has_begun = False
        self.is_to_stop = False

    def subtask(self, name: str, *, room: int = 0) -> FitTask | None:
        """Give a new subtask, or None where there is no room for one."""
        if self._room == 0:
            return None
        self._room -= 1
        return FitTask(self._estimator, self._context.subcontext(task_name=name, max_subtasks=room), room)

    def begin(self, **data: Any) -> None:
        """Tell that work on it begins, unless that was told."""
        if not self._has_begun:
            self._has_begun = True
            self._context.call_on_fit_task_begin(estimator=self._estimator, **data)

    def end(self, **data: Any) -> None:
        """Tell that work on it is done; somebody may ask that no further ones follow."""
        self.begin()
        self.is_to_stop = self._context.call_on_fit_task_end(estimator=self._estimator, **data)

    def follow(self, items: Iterable[T], *, label: str, total: int, are_fits: bool) -> Iterator[T]:
        """Yield items, each as a subtask of one new task; `are_fits` leaves it to `lend_callbacks` to begin them."""
        loop = self.subtask(label, room=total)
        if loop is None:
            yield from items
            return
        before = LISTENER.get()
        loop.begin()
        for item in items:
            step = loop.subtask(label)
            LISTENER.set(step)
            try:
                if step is not None and not are_fits:
                    step.begin()
                yield item
                if step is not None:
                    step.end()
            finally:
                # A loop that an error ended may be closed late, when others listen.
                if LISTENER.get() is step:
                    LISTENER.set(before)
        loop.end()

    @contextmanager
    def lend(self, estimator: Any) -> Iterator[None]:
        """Lend the callbacks to an estimator whose fit is this task."""
        with self._context.propagate_callback_context(estimator):
            # For callbacks that are lent the fit itself tells; this reaches the others.
            self.begin()
            yield


@contextmanager
def subtask(name: str) -> Iterator[FitTask | None]:
    """Do what the block does as a subtask of the task at hand; give it, or None where nobody is told."""
    task = current_task()
    found = None if task is None else task.subtask(name)
    if found is None:
        with _listening(None):
            yield None
        return
    with _listening(found):
        yield found
        found.end()


@contextmanager
def lend_callbacks(estimator: Any) -> Iterator[None]:
    """Let an estimator that can tell callbacks do so while it is fitted as the task at hand."""
    task = current_task()
    if task is None:
        yield
    elif with_callbacks is not None and isinstance(estimator, CallbackSupportMixin):
        with task.lend(estimator):
            yield
    else:
        task.begin()
        yield


def current_task() -> FitTask | None:
    """Give the task at hand, of the estimator that is being fitted."""
    listener = LISTENER.get()
    return listener if isinstance(listener, FitTask) else None


def tells_callbacks(fit: Callable[P, R]) -> Callable[P, R]:
    """Decorate `fit` of a `CallbackSupport`: its tasks are told to the callbacks that it was given."""
    told = fit if with_callbacks is None else with_callbacks(_telling(fit))

    @functools.wraps(fit)
    def fit_and_tell(*args: P.args, **kwargs: P.kwargs) -> R:
        if {_OWN, _TASK_OF_PARENT} & vars(args[0]).keys():
            answer: R = told(*args, **kwargs)
            return answer
        with _listening(None):
            return fit(*args, **kwargs)

    return fit_and_tell


def _telling(fit: Callable[P, R]) -> Callable[P, R]:
    def fit_in_tasks(*args: P.args, **kwargs: P.kwargs) -> R:
        estimator: Any = args[0]
        given = inspect.signature(fit).bind(*args, **kwargs).arguments
        weight = given.get("sample_weight")
        data = {
            "X": given["X"],
            "y": given.get("y"),
            "metadata": None if weight is None else {"sample_weight": weight},
        }
        room = estimator._n_tasks()  # noqa: SLF001 -- for those who implement estimators
        context = estimator._init_callback_context(max_subtasks=room)  # noqa: SLF001 -- the same
        task = FitTask(estimator, context, room)
        task.begin(**data)
        with _listening(task):
            answer = fit(*args, **kwargs)
        # Nothing needs to be added to a copy of what is fitted now.
        task.end(**data, reconstruction_attributes={})
        return answer

    return fit_in_tasks


@contextmanager
def _listening(task: FitTask | None) -> Iterator[None]:
    before = LISTENER.get()
    LISTENER.set(task)
    try:
        yield
    finally:
        LISTENER.set(before)
