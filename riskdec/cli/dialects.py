"""How a text file writes its columns, its decimals and its letters: found out, or refused with the place."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, NamedTuple

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_WITH_COMMA = r"\s*[+-]?\d*,\d+\s*"
# Whether 1.234 is a thousand and something or a bit more than one cannot be told.
_WITH_POINT = r"\s*[+-]?(?:\d*\.\d+|\d{1,3}(?:\.\d{3})+,\d+)(?:[eE][+-]?\d+)?\s*"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CURE = (
    'Save it as UTF-8: spreadsheets call that "CSV UTF-8"; in a shell: iconv -f {code} -t UTF-8 {name} > utf8_{name}'
)


class Dialect(NamedTuple):
    """What stands between columns and within numbers."""

    separator: str = ","
    decimal: str = "."


def find_dialect(path: Path) -> Dialect:
    """Tell the separator by the ending of the file and its header, and the decimal mark by its cells.

    Spreadsheets in many languages write .csv files with semicolons and decimal commas; that is read as it is meant.

    Raises
    ------
    InputError
        If the columns are separated by something else, or decimals are written in two ways.
    """
    import pandas as pd

    separator = "\t" if path.name.lower().endswith((".tsv", ".tsv.gz")) else ","
    names = header(path, separator)
    if len(names) > 1 or not any(mark in names[0] for mark in ";\t|"):
        return Dialect(separator)
    if separator == "\t" or ";" not in names[0]:
        cure = "Save it with commas, or with tabs as .tsv."
        raise refuse(str(path), f"separate its columns with {separator!r}", f"one column {names[0]!r:.60}", cure)
    cells = pd.read_csv(path, sep=";", index_col=False, dtype=str, keep_default_na=False)
    commas, points = _first_match(cells, _WITH_COMMA), _first_match(cells, _WITH_POINT)
    if commas and points:
        cure = "Write decimals one way, and thousands without a mark."
        raise refuse(str(path), "write its decimals one way", f"{commas} and {points}", cure)
    return Dialect(";", "," if commas else ".")


def header(path: Path, separator: str) -> list[str]:
    """Give the names in the first line."""
    import pandas as pd

    head = pd.read_csv(path, sep=separator, header=None, nrows=1, dtype=str, keep_default_na=False)
    return [str(name) for name in head.iloc[0].tolist()]


def refuse_encoding(path: Path) -> Exception:
    """Make the error of text that is not UTF-8: it names the first line and what stands there."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
        for place, line in enumerate(stream, start=1):
            if place == 1 and line.startswith(_UTF16):
                return refuse(str(path), "be text in UTF-8", "UTF-16", _CURE.format(code="UTF-16", name=path.name))
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as err:
                near = line[max(err.start - 10, 0) : err.end + 10].decode("latin-1").strip()
                got = f"another encoding in line {place}, near {near!r}"
                return refuse(str(path), "be text in UTF-8", got, _CURE.format(code="LATIN1", name=path.name))
    return refuse(str(path), "be text in UTF-8", "another encoding")


def _first_match(cells: pd.DataFrame, pattern: str) -> str:
    """Give the first cell that is written so, and its column; nothing, if there is none."""
    for name, column in cells.items():
        found = column[column.str.fullmatch(pattern)]
        if len(found):
            return f"{found.iloc[0].strip()!r} in column {name!r}"
    return ""


def is_number(text: object) -> bool:
    """Tell whether a text is a number as Python writes it.

    Examples
    --------
    >>> [is_number(text) for text in ("12", " 1.5e3", "old", "nan", "1_000")]
    [True, True, False, False, False]
    """
    return isinstance(text, str) and re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", text) is not None
