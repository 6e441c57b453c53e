"""A small table that prints as text, Markdown, HTML and LaTeX."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from html import escape
from math import isfinite, isnan

_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
# Signs that steer a terminal, or turn round the letters after them.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


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
        return self.to_text()

    def __repr__(self) -> str:
        return str(self)

    def to_text(self, width: int | None = None) -> str:
        """Give the table, its notes and its sections as lines of text.

        Parameters
        ----------
        width : int, optional
            Letters that fit on a line: sentences break between words, and columns that do not fit beside the first one
            follow below it. Without it lines are as long as they need to be.
        """
        lines = ([self.header] if self.header else []) + list(self.rows)
        if width is not None and self.header and _total(_widths(lines)) > width:
            lines = [*_break_header(self.header, self.rows), *self.rows]
        blocks = [*wrap_text(self.title, width), *_body(lines, width)]
        blocks += [line for note in self.notes for line in wrap_text(note, width)]
        parts = ["\n".join(blocks), *(section.to_text(width) for section in self.sections)]
        return unsteered("\n\n".join(part for part in parts if part))

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
        return unsteered(table + notes + "".join(section.to_html() for section in self.sections))

    def _repr_html_(self) -> str:
        return self.to_html()


def unsteered(text: str) -> str:
    r"""Give text in which signs that would steer a terminal, or turn round the letters after them, are not obeyed.

    Names come from anywhere.

    >>> unsteered("age\x1b[31m")
    'age�[31m'
    """
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def wrap_text(text: str, width: int | None) -> list[str]:
    """Break a sentence between words; the lines after the first stand a little to the right.

    >>> wrap_text("RD105 [caution] Few events.", 20)
    ['RD105 [caution] Few', '  events.']
    """
    if not text:
        return []
    if width is None:
        return [text]
    return textwrap.wrap(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _body(lines: list[tuple[str, ...]], width: int | None) -> list[str]:
    """Align columns; where they do not fit side by side, the first one is repeated before those that are left."""
    if not lines:
        return []
    widths = _widths(lines)
    if width is None or _total(widths) <= width:
        return [_align(line, widths) for line in lines]
    widths[0] = min(widths[0], max(width - _total([0, *widths[1:]]), width // 3, 12))
    blocks, room = [[0]], width - widths[0]
    for j, needed in enumerate(widths[1:], 1):
        taken = sum(widths[i] + 2 for i in blocks[-1][1:])
        if len(blocks[-1]) > 1 and taken + needed > room:
            blocks.append([0])
        blocks[-1].append(j)
    texts = []
    for k, block in enumerate(blocks):
        texts += [""] if k else []
        texts += [text for line in lines for text in _align_in_lines(line, block, widths)]
    return texts


def _widths(lines: list[tuple[str, ...]]) -> list[int]:
    widths = [max(len(line[j]) for line in lines if j < len(line)) for j in range(max(map(len, lines)))]
    return [widths[0] + 2, *widths[1:]]


def _total(widths: list[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 2)


def _break_header(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """Break heads that are wider than their columns into lines that end at one height."""
    heads = []
    for j, head in enumerate(header):
        widest = max((len(row[j]) for row in rows if j < len(row)), default=0)
        longest_word = max(map(len, head.split()), default=0)
        heads.append(textwrap.wrap(head, max(widest, longest_word, 1), break_on_hyphens=False) or [""])
    height = max(map(len, heads))
    filled = [[""] * (height - len(head)) + head for head in heads]
    return list(zip(*filled, strict=True))


def _align_in_lines(line: tuple[str, ...], block: list[int], widths: list[int]) -> list[str]:
    """Align some columns of a line; a first cell that is too long takes several lines, the others stand on its last."""
    indent = " " * (len(line[0]) - len(line[0].lstrip()))
    room = max(widths[0] - 2, len(indent) + 8)
    first = textwrap.wrap(line[0].strip(), room, initial_indent=indent, subsequent_indent=indent + "  ") or [""]
    cells = (first[-1], *(line[j] for j in block[1:] if j < len(line)))
    return [*first[:-1], _align(cells, [widths[j] for j in block])]


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
    # What could open a tag or a link is shown; "p < 0.001" and "ward[a]" stay as they are.
    shown = unsteered(text)
    return _TAG_START.sub("&lt;", shown.replace("|", "\\|").replace("](", "]\\(").replace("\n", " "))


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
