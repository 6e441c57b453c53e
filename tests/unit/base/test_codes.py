"""Warnings carry their code and point at the line that the reader can change."""

from __future__ import annotations

import functools
import inspect
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import riskdec
from riskdec import errors
from riskdec._base.codes import TITLES, each_once, warn
from riskdec.errors import ConvergenceWarning, RiskdecWarning

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = Path(riskdec.__file__).parent
USED = re.compile(r"\"(RD\d{3})\"")


def function_in(path: Path, module: str, code: str) -> Callable[..., None]:
    """Compile `def run(...)` as if it stood in that file of that module."""
    names: dict[str, Any] = {"__name__": module, "warn": warn, "category": ConvergenceWarning}
    exec(compile(code, path, "exec"), names)
    run: Callable[..., None] = names["run"]
    return run


SEND = "def run():\n    warn('RD103', 'x', category)\n"
PASS_ON = "def run(function):\n    function()\n"


def call_and_tell_line(function: Callable[[], None]) -> int:
    function()
    frame = inspect.currentframe()
    assert frame is not None
    return frame.f_lineno - 3


def test_codes_are_three_digits_with_a_title() -> None:
    assert TITLES
    for code, title in TITLES.items():
        assert re.fullmatch(r"RD[1-9]\d\d", code)
        assert title == title.strip()
        assert not title.endswith(".")
    assert list(TITLES) == sorted(TITLES)
    assert len(set(TITLES.values())) == len(TITLES)


def test_every_code_in_the_package_is_registered_and_used() -> None:
    files = [path for path in PACKAGE.rglob("*.py") if path.name != "codes.py"]
    found = {code for path in files for code in USED.findall(path.read_text(encoding="utf-8"))}
    assert found <= set(TITLES)
    assert set(TITLES) <= found


def test_warning_outside_the_package_points_at_its_own_line() -> None:
    with pytest.warns(ConvergenceWarning) as caught:
        warn("RD103", "too few steps.", ConvergenceWarning)
    assert str(caught[0].message) == "RD103 not converged: too few steps."
    assert caught[0].filename == __file__


@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_warning_passes_over_our_frames_and_scikit_learns(depth: int) -> None:
    facades = [
        function_in(PACKAGE / "models" / "facade.py", "riskdec.models.facade", PASS_ON),
        function_in(Path(sys.prefix) / "pipeline.py", "sklearn.pipeline", PASS_ON),
        function_in(Path(sys.prefix) / "parallel.py", "joblib.parallel", PASS_ON),
    ]
    send = function_in(PACKAGE / "models" / "sender.py", "riskdec.models.sender", SEND)
    for number in range(depth):
        send = functools.partial(facades[number % 3], send)
    with pytest.warns(ConvergenceWarning) as caught:
        line = call_and_tell_line(send)
    assert (caught[0].filename, caught[0].lineno) == (__file__, line)


def test_folder_with_a_longer_name_is_not_ours() -> None:
    # A neighbour such as .../riskdec_study/ is the reader's own code.
    place = PACKAGE.with_name(PACKAGE.name + "_study") / "fit.py"
    send = function_in(place, "study", SEND)
    with pytest.warns(ConvergenceWarning) as caught:
        send()
    assert caught[0].filename == str(place)


def test_every_warning_class_can_be_filtered_by_its_base() -> None:
    classes = [c for c in vars(errors).values() if inspect.isclass(c) and issubclass(c, Warning)]
    assert len(classes) > 3
    assert all(issubclass(c, RiskdecWarning) and issubclass(c, UserWarning) for c in classes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", RiskdecWarning)
        warn("RD103", "x", ConvergenceWarning)


def test_each_once_gives_repeated_warnings_once_at_their_line() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with each_once():
            for text in ("same", "same", "other"):
                warn("RD103", text, ConvergenceWarning)
            assert not seen
    assert [str(one.message) for one in seen] == ["RD103 not converged: same", "RD103 not converged: other"]
    assert {(one.category, one.filename) for one in seen} == {(ConvergenceWarning, __file__)}


def test_each_once_lets_warnings_be_errors() -> None:
    with pytest.raises(ConvergenceWarning), each_once():
        warn("RD103", "x", ConvergenceWarning)
