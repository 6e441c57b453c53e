"""Tables print as text, Markdown, HTML and LaTeX; numbers keep their digits and need no exponent."""

from __future__ import annotations

import pytest

from riskdec._base import table
from riskdec._base.table import Table

COSTS = Table(
    title="Costs",
    header=("", "no", "yes"),
    rows=(("healthy", "0", "1"), ("ill", "20", "0")),
    notes=("in euros",),
    sections=(Table(title="More", rows=(("n", "3"),)),),
)


def test_text_is_aligned_and_sections_follow() -> None:
    assert str(COSTS).splitlines() == [
        "Costs",
        "         no  yes",
        "healthy   0    1",
        "ill      20    0",
        "in euros",
        "",
        "More",
        "n  3",
    ]
    assert repr(COSTS) == str(COSTS)


def test_text_leaves_out_what_is_empty() -> None:
    assert str(Table()) == ""
    assert str(Table(title="Findings", notes=("none",))) == "Findings\nnone"
    assert str(Table(rows=(("a", "1"), ("bcd", "22")))) == "a     1\nbcd  22"


def test_markdown_is_one_table_and_escapes_bars() -> None:
    lines = COSTS.to_markdown().splitlines()
    assert lines[:6] == [
        "**Costs**",
        "",
        "|  | no | yes |",
        "| --- | ---: | ---: |",
        "| healthy | 0 | 1 |",
        "| ill | 20 | 0 |",
    ]
    assert "in euros" in lines
    assert "**More**" in lines
    assert Table(header=("a|b", "c"), rows=(("x\ny", "1|2"),)).to_markdown().splitlines() == [
        "| a\\|b | c |",
        "| --- | ---: |",
        "| x y | 1\\|2 |",
    ]


def test_latex_is_a_booktabs_table_with_notes_and_sections() -> None:
    assert COSTS.to_latex().splitlines() == [
        r"\begin{table}",
        r"\caption{Costs}",
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r" & no & yes \\",
        r"\midrule",
        r"healthy & 0 & 1 \\",
        r"ill & 20 & 0 \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\footnotesize in euros",
        r"\end{table}",
        "",
        r"\begin{table}",
        r"\caption{More}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"n & 3 \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    assert Table().to_latex() == ""
    assert Table(title="Findings", notes=("none",)).to_latex().splitlines()[1:3] == [
        r"\caption{Findings}",
        r"\par\footnotesize none",
    ]


def test_latex_escapes_every_text_and_sets_minus_signs() -> None:
    text = Table(
        rows=(("a_b & 5 % $x$ #1 {c} ~^", "-1.5", "-", "<0.001"), ("\\input{x}", "a|b", "x\ny", "-x"))
    ).to_latex()
    assert (
        r"a\_b \& 5 \% \$x\$ \#1 \{c\} \textasciitilde{}\textasciicircum{} & $-$1.5 & - & \textless{}0.001 \\" in text
    )
    assert r"\textbackslash{}input\{x\} & a\textbar{}b & x y & -x \\" in text


def test_html_escapes_every_text() -> None:
    evil = "<script>alert('x')</script>&"
    html = Table(title=evil, header=(evil, "b"), rows=((evil, evil),), notes=(evil,)).to_html()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5
    assert '<th scope="row">' in html
    assert '<th scope="col">' in html
    assert COSTS._repr_html_() == COSTS.to_html()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (-0.123456, "-0.1235"),
        (12.3456, "12.35"),
        (1234.4, "1234"),
        (9999.4, "9999"),
        (9999.6, "10000"),
        (-9999.6, "-10000"),
        (99_999.6, "100000"),
        (1_234_567.0, "1234567"),
        (3.0, "3"),
        (0, "0"),
        (0.99999, "1"),
        (0.0001, "0.0001"),
        (0.000012345, "1.23e-05"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (float("nan"), "not available"),
        (None, ""),
    ],
)
def test_number_keeps_four_digits_without_exponent(value: float | None, text: str) -> None:
    assert table.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-3.65214, "-3.6521"),
        (0.0, "0.0000"),
        (0.00005, "5.00e-05"),
        (9999.99, "9999.9900"),
        (12345.6, "12346"),
        (float("nan"), "not available"),
        (float("-inf"), "-inf"),
    ],
)
def test_decimal_keeps_four_decimals(value: float, text: str) -> None:
    assert table.decimal(value) == text


def test_decimal_of_few_places_writes_small_numbers_out() -> None:
    assert table.decimal(-3.917, 2) == "-3.92"
    assert table.decimal(0.004, 2) == "0.004"
    assert table.decimal(150.25, 2) == "150.2"


@pytest.mark.parametrize(
    ("value", "text"), [(20190, "20,190"), (0, "0"), (1234.56, "1,234.6"), (999, "999"), (1e6, "1,000,000")]
)
def test_count_groups_thousands(value: float, text: str) -> None:
    assert table.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0.200"),
        (0.001, "0.001"),
        (0.00099, "<0.001"),
        (0, "<0.001"),
        (1, "1.000"),
        (float("nan"), "not available"),
    ],
)
def test_p_value_has_three_decimals(value: float, text: str) -> None:
    assert table.p_value(value) == text


def test_percent_and_interval() -> None:
    assert table.percent(0.05726) == "5.7 %"
    assert table.percent(1) == "100.0 %"
    assert table.percent(0.05726, 2) == "5.73 %"
    assert table.interval(0.12345, 0.34567) == "0.1235 to 0.3457"
    assert table.interval(float("-inf"), 2) == "-inf to 2"


WIDE = Table(
    title="A title that is longer than the terminal is wide",
    header=("cause of it all", "95 % interval", "p", "a head of many words"),
    rows=(("first row with a long name", "0.1 to 0.2", "0.5", "1"), ("  second", "0.3 to 0.45", "0.01", "22")),
    notes=("A sentence that must not be cut in the middle of a word.",),
)


@pytest.mark.parametrize("width", [30, 40, 50, 60, 79, 200])
def test_text_of_a_width_keeps_to_it_and_loses_nothing(width):
    text = WIDE.to_text(width)
    assert max(map(len, text.splitlines())) <= width
    words = " ".join(text.split())
    for cell in (cell for row in WIDE.rows for cell in row[1:]):
        assert cell in words
    whole = set(" ".join((WIDE.title, *WIDE.header, *(c for row in WIDE.rows for c in row), *WIDE.notes)).split())
    assert set(text.split()) == whole


def test_text_without_a_width_is_the_text():
    assert WIDE.to_text() == str(WIDE) == WIDE.to_text(500)


def test_names_do_not_steer_a_terminal_nor_turn_letters_round() -> None:
    name = "age\x1b[31m\u202egnp"
    table = Table(title=name, header=("", name), rows=((name, "1"),), notes=(name,), sections=(Table(title=name),))
    for text in (str(table), repr(table), table.to_text(40), table.to_html(), table.to_markdown()):
        assert not {"\x1b", "\u202e"} & set(text)
        assert text.count("age\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}gnp") == 5
