"""Progress: silent for short work and outside a terminal; the line goes away at the end."""

from __future__ import annotations

import io
import sys
import time
from typing import TYPE_CHECKING

import pytest

from riskdec._base.progress import progress

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def show_on(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    # Not a fixture: pytest puts its own stream in place between set-up and call.
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: Iterator[float] = iter(range(0, 10_000, 2))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))


def test_short_work_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = show_on(Terminal(), monkeypatch)
    assert list(progress("abc", label="work", total=3)) == ["a", "b", "c"]
    assert terminal.getvalue() == ""


@pytest.mark.usefixtures("clock")
def test_long_work_shows_a_line_and_removes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = show_on(Terminal(), monkeypatch)
    assert list(progress(range(4), label="refits", total=4)) == [0, 1, 2, 3]
    text = terminal.getvalue()
    # Two seconds for each item on this clock; after two of four, six seconds have passed.
    assert "refits: 2 of 4, about 6 s left" in text
    assert "\n" not in text
    last = text.rsplit("\r", 2)
    assert last[-1] == ""
    assert last[-2].strip() == ""
    assert len(last[-2]) >= max(len(line) for line in text.split("\r")[:-2])


@pytest.mark.usefixtures("clock")
def test_nothing_is_written_outside_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = show_on(io.StringIO(), monkeypatch)
    assert list(progress(range(4), label="refits", total=4)) == [0, 1, 2, 3]
    assert stream.getvalue() == ""


@pytest.mark.usefixtures("clock")
def test_line_is_removed_after_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = show_on(Terminal(), monkeypatch)

    def work() -> None:
        for number in progress(range(9), label="refits", total=9):
            if number == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert terminal.getvalue().endswith("\r")


def test_line_changes_at_most_ten_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = show_on(Terminal(), monkeypatch)
    ticks: Iterator[float] = iter(k / 128 for k in range(10_000))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    # Five seconds on this clock, the first of them silent.
    assert sum(1 for _ in progress(range(640), label="steps", total=640)) == 640
    assert 30 <= terminal.getvalue().count("left") <= 40
