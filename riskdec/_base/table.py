"""A small table that prints as text, Markdown, HTML and LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from math import isfinite, isnan

_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")


@dataclass(frozen=True, kw_only=True)
class Table:
    """Title, header, rows of ready-made text, notes, and further tables below.

    Attributes
    ----------
    title : str
        One line above the table; may be empty.
    header : tuple of str
        Column heads; empty for a table of name and value.
    rows : tuple of tuple of str
        The cells. The first column is set flush left, the others flush right.
    notes : tuple of str
        Sentences below the table.
    sections : tuple of Table
        Tables that follow.

    Examples
    --------
    >>> print(Table(title="Costs", header=("", "no", "yes"), rows=(("healthy", "0", "1"), ("ill", "20", "0"))))
    Costs
             no  yes
    healthy   0    1
    ill      20    0
    """

    title: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    sections: tuple[Table, ...] = ()

    def __str__(self) -> str:
        blocks = [line for line in (self.title, self._body(), *self.notes) if line]
        parts = ["\n".join(blocks), *(str(section) for section in self.sections)]
        return "\n\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        return str(self)

    def _body(self) -> str:
        lines = ([self.header] if self.header else []) + list(self.rows)
        if not lines:
            return ""
        widths = [max(len(line[j]) for line in lines if j < len(line)) for j in range(max(map(len, lines)))]
        widths[0] += 2
        return "\n".join(_align(line, widths) for line in lines)

    def to_markdown(self) -> str:
        """Give the table, its notes and its sections as GitHub-flavoured Markdown."""
        parts = [f"**{_escape_markdown(self.title)}**"] if self.title else []
        if self.rows:
            width = max(map(len, self.rows))
            header = self.header or ("",) * width
            rule = ("---", *(["---:"] * (width - 1)))
            lines = [header, rule, *self.rows]
            parts.append("\n".join("| " + " | ".join(map(_escape_markdown, line)) + " |" for line in lines))
        parts += [_escape_markdown(note) for note in self.notes]
        parts += [section.to_markdown() for section in self.sections]
        return "\n\n".join(parts)

    def to_latex(self) -> str:
        """Give the table, its notes and its sections as LaTeX, every cell escaped; needs the package booktabs."""
        width = max(map(len, (self.header, *self.rows)))
        lines = [r"\begin{table}", *([rf"\caption{{{_escape_latex(self.title)}}}"] if self.title else [])]
        if self.rows:
            header = [_latex_line(self.header), r"\midrule"] if self.header else []
            body = [_latex_line(row) for row in self.rows]
            columns = "l" + "r" * (width - 1)
            lines += [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", *header, *body, r"\bottomrule", r"\end{tabular}"]
        lines += [rf"\par\footnotesize {_escape_latex(note)}" for note in self.notes]
        parts = ["\n".join([*lines, r"\end{table}"])] if self.rows or self.notes else []
        return "\n\n".join([*parts, *(section.to_latex() for section in self.sections)])

    def to_html(self) -> str:
        """Give the table, its notes and its sections as HTML, every cell escaped."""
        caption = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in self.header)
        head = f"<thead><tr>{head}</tr></thead>" if head else ""
        body = "".join(_html_row(row) for row in self.rows)
        table = f"<table>{caption}{head}<tbody>{body}</tbody></table>" if self.rows else caption
        notes = "".join(f'<p class="note">{escape(note)}</p>' for note in self.notes)
        return table + notes + "".join(section.to_html() for section in self.sections)

    def _repr_html_(self) -> str:
        return self.to_html()


def _align(line: tuple[str, ...], widths: list[int]) -> str:
    first = line[0].ljust(widths[0])
    rest = "  ".join(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=False))
    return (first + rest).rstrip()


def _html_row(row: tuple[str, ...]) -> str:
    first = f'<th scope="row">{escape(row[0])}</th>'
    return "<tr>" + first + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\n": " ",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def _escape_latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in text)


def _latex_line(cells: tuple[str, ...]) -> str:
    return f"{' & '.join(map(_latex_cell, cells))} \\\\"


def _latex_cell(text: str) -> str:
    # A minus sign, not a hyphen.
    return f"$-${_escape_latex(text[1:])}" if text[:1] == "-" and text[1:2].isdigit() else _escape_latex(text)


def _escape_markdown(text: str) -> str:
    # What could open a tag is shown; "p < 0.001" stays as it is.
    return _TAG_START.sub("&lt;", text.replace("|", "\\|").replace("\n", " "))


def number(value: float | None, digits: int = 4) -> str:
    """Write a number with `digits` significant digits, without exponent where it stays short.

    >>> number(0.123456), number(1234567.0), number(3.0), number(float("inf")), number(None)
    ('0.1235', '1234567', '3', 'inf', '')
    """
    if value is None:
        return ""
    value = float(value)
    if not isfinite(value):
        return "not available" if isnan(value) else ("inf" if value > 0 else "-inf")
    if abs(value) >= 1e9:
        return f"{value:.{max(digits - 2, 1)}e}"
    if abs(value) >= 10**digits - 0.5:
        return f"{value:.0f}"
    if value != 0 and abs(value) < 1e-4:
        return f"{value:.{max(digits - 2, 1)}e}"
    return f"{value:.{digits}g}"


def decimal(value: float, decimals: int = 4) -> str:
    """Write a number with fixed decimals, as columns of coefficients want it; tiny and huge ones by `number`.

    >>> decimal(-3.65214), decimal(0.0), decimal(0.00002), decimal(123456.7)
    ('-3.6521', '0.0000', '2.00e-05', '123457')
    """
    size = abs(float(value))
    if size == 0 or 10**-decimals <= size < 10**decimals:
        return f"{float(value):.{decimals}f}"
    return number(value)


def count(value: float) -> str:
    """Write a count with thin groups of three: ``20,190``; weighted counts keep one decimal."""
    value = float(value)
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.1f}"


def percent(value: float, digits: int = 1) -> str:
    """Write a share as a percentage; what is not zero and not all is not rounded to it.

    >>> percent(0.057), percent(0.0002), percent(0), percent(0.9999)
    ('5.7 %', '<0.1 %', '0.0 %', '>99.9 %')
    """
    share, least = 100 * float(value), 10.0**-digits
    text = f"{share:.{digits}f}"
    if share > 0 and float(text) == 0:
        return f"<{least:.{digits}f} %"
    if share < 100 and float(text) == 100:
        return f">{100 - least:.{digits}f} %"
    return f"{text} %"


def p_value(value: float) -> str:
    """Write a p-value: three decimals, ``<0.001`` below."""
    value = float(value)
    if isnan(value):
        return "not available"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def interval(low: float, high: float, digits: int = 4) -> str:
    """Write an interval: ``0.12 to 0.34``."""
    return f"{number(low, digits)} to {number(high, digits)}"
