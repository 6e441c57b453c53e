"""Walking over tokens: one ahead, never past the end."""

from __future__ import annotations

import pytest

from riskdec.errors import InputError
from riskdec.models.formula.reader import Reader


def test_reader_stays_at_the_end() -> None:
    reader = Reader("a")
    assert reader.take().value == "a"
    for _ in range(3):
        assert reader.take().kind == "end"


def test_signs_inside_marks_are_no_signs() -> None:
    assert Reader("+").sees("-", "+")
    assert not Reader("`+`").sees("+")
    assert not Reader("'+'").sees("+")


def test_numbers_may_have_a_sign_where_they_are_arguments() -> None:
    assert Reader("-1.5e2").take_number() == -150
    assert Reader(".5").take_number() == 0.5
    with pytest.raises(InputError, match="go on with a number; got 'x' at position 1"):
        Reader("-x").take_number()


@pytest.mark.parametrize("text", ["2", "2.0", "11", "x", "-3", "1e1", ""])
def test_whole_numbers_are_taken_within_limits(text: str) -> None:
    with pytest.raises(InputError, match="formula must give k a whole number from 3 to 10; got .* Say how many."):
        Reader(text).take_integer("give k", 3, 10, "Say how many.")
    assert Reader("10").take_integer("give k", 3, 10) == 10


def test_expected_sign_is_read_or_named() -> None:
    reader = Reader(") x")
    reader.expect(")")
    with pytest.raises(InputError, match=r"formula must go on with '\)'; got 'x' at position 2\. Close it\."):
        reader.expect(")", "Close it.")
