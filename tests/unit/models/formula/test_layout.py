"""Order, names and number of the columns that terms give."""

from __future__ import annotations

import pytest

from riskdec.errors import InputError
from riskdec.models.formula.blocks import LevelBlock, PowerBlock
from riskdec.models.formula.factors import Quantity
from riskdec.models.formula.layout import check_size, lay_out, refuse_twins
from riskdec.models.tables.columns import CategoryColumn

BLOCKS = (PowerBlock(Quantity("x"), 2), LevelBlock(CategoryColumn(name="g", levels=("a", "b", "c"), n_missing=0)))


def test_first_factor_moves_fastest() -> None:
    columns = lay_out(BLOCKS, [(((0, True), (1, False)),)])
    assert [column.name for column in columns] == ["x:g[b]", "x^2:g[b]", "x:g[c]", "x^2:g[c]"]
    assert [column.parts for column in columns][:2] == [((0, 0), (1, 1)), ((0, 1), (1, 1))]


def test_terms_take_all_levels_or_all_but_the_first() -> None:
    columns = lay_out(BLOCKS, [(((1, True),),), (((1, False),), ((0, True),))])
    assert [column.name for column in columns] == ["g[a]", "g[b]", "g[c]", "g[b]", "g[c]", "x", "x^2"]
    assert [column.term for column in columns] == [0, 0, 0, 1, 1, 1, 1]


def test_size_is_checked_without_making_columns() -> None:
    many = LevelBlock(CategoryColumn(name="g", levels=tuple(map(str, range(1000))), n_missing=0))
    check_size((many,), [(((0, True),),)] * 5, ["g"] * 5)
    with pytest.raises(InputError, match="give at most 5000 columns; got 1000000000, of which 1000000000 from g:g:g"):
        check_size((many,), [(((0, True),) * 3,)], ["g:g:g"])


def test_two_columns_of_one_name_are_refused() -> None:
    refuse_twins(["a", "b"])
    with pytest.raises(InputError, match="give columns of different names; got 'a' twice"):
        refuse_twins(["a", "b", "a"])
