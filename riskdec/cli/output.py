"""What a command gives back: text or JSON on the terminal, tables and pages in files, one line per problem."""

from __future__ import annotations

import json
import re
import sys
import warnings
from contextlib import contextmanager
from gzip import GzipFile
from itertools import chain
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from riskdec.errors import InputError, RiskdecError, RiskdecWarning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    import pandas as pd

    from riskdec._base.table import Table

# Spreadsheets run text cells that start so (CWE-1236).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# A column name in a file must not steer the terminal, nor turn round the letters after it.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Tables are not squeezed into less.
_LEAST_WIDTH = 40


@contextmanager
def plain_messages(ctx: click.Context) -> Iterator[None]:
    """Show errors and warnings of riskdec as one line each on standard error; errors end with exit code 2."""
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show_one_line(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, RiskdecWarning):
                _complain(f"warning: {one_line(message)}")
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.simplefilter("always", RiskdecWarning)
        warnings.showwarning = show_one_line
        try:
            yield
        except BrokenPipeError:
            # The reader of our output went away, for example `head`: click ends quietly.
            raise
        except (RiskdecError, OSError) as err:
            _complain(f"error: {one_line(err)}")
            ctx.exit(2)


def _complain(line: str) -> None:
    """Print one line on standard error; on a terminal it breaks between words."""
    from riskdec._base.table import wrap_text

    width = max(get_terminal_size().columns, _LEAST_WIDTH) if sys.stderr.isatty() else None
    click.echo("\n".join(wrap_text(line, width)), err=True)


def one_line(message: object) -> str:
    """Give a message without line breaks and without what could steer the terminal."""
    return _CONTROL.sub("�", " ".join(str(message).split()))


def show(text: str | Sequence[Table | str], answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the text, or tables and sentences below each other, or the answer as one JSON object."""
    if as_json:
        click.echo(json.dumps(answer, indent=2, allow_nan=False))
    else:
        click.echo(_CONTROL.sub("�", text if isinstance(text, str) else lay_out(*text)))


def lay_out(*parts: Table | str) -> str:
    """Put tables and sentences below each other; on a terminal lines end where it ends, between words."""
    from riskdec._base.table import Table, wrap_text

    width = max(get_terminal_size().columns, _LEAST_WIDTH) if sys.stdout.isatty() else None
    return "\n\n".join(
        part.to_text(width) if isinstance(part, Table) else "\n".join(wrap_text(part, width)) for part in parts
    )


def check_output(path: Path | None, *, endings: Iterable[str] = (), inputs: Iterable[Path] = ()) -> None:
    """Refuse an output path that cannot work, before any work is done.

    Raises
    ------
    InputError
        If the folder is missing, the ending is not one of `endings` (any, if there are none), the path is a folder,
        or the file is one of the inputs.
    """
    if path is None:
        return
    if not path.parent.is_dir():
        message = f"{path} must lie in a folder that exists; got no folder {path.parent}. Make it first."
        raise InputError(message)
    if path.is_dir():
        message = f"{path} must be a file to write; got a folder. Add a file name."
        raise InputError(message)
    allowed = tuple(endings)
    if allowed and not path.name.lower().endswith(allowed):
        message = f"{path} must end with {' or '.join(allowed)}; got {path.name!r}."
        raise InputError(message)
    if path.exists() and any(one.exists() and path.samefile(one) for one in inputs):
        message = f"{path} must not be one of the files that are read. Write to another name."
        raise InputError(message)
    if path.name.lower().endswith(".parquet"):
        from riskdec._base.optional import require

        require("pyarrow", extra="parquet", caller="writing Parquet")


def write_table(frame: pd.DataFrame, path: Path, *, numbers: Collection[str] = ()) -> None:
    """Write a frame as CSV, TSV (also gzipped) or Parquet, whole or not at all.

    In CSV and TSV, text cells that a spreadsheet would run as a formula get a leading apostrophe; numbers, and the
    columns named in `numbers`, are left as they are.
    """
    from riskdec._base.files import replacing

    name = path.name.lower()
    with replacing(path) as stream:
        if name.endswith(".parquet"):
            frame.to_parquet(stream, index=False)
            return
        quiet = neutralise(frame, numbers=numbers)
        options: dict[str, Any] = {"index": False, "sep": "\t" if name.endswith((".tsv", ".tsv.gz")) else ","}
        # Python's csv writer quotes a lone carriage return only where line ends have one.
        options["lineterminator"] = "\r\n" if _holds_return(quiet) else "\n"
        if not name.endswith(".gz"):
            quiet.to_csv(stream, **options)
            return
        # Without a time stamp and a name the same table is the same bytes.
        with GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
            quiet.to_csv(packed, **options)


def neutralise(frame: pd.DataFrame, *, numbers: Collection[str] = ()) -> pd.DataFrame:
    """Give a copy in which text that starts like a formula starts with an apostrophe; column names too.

    Columns of numbers are left alone, and so are those of `numbers`, which hold numbers as text.

    Examples
    --------
    >>> import pandas as pd
    >>> neutralise(pd.DataFrame({"note": ["=1+1", "fine"], "change": [-5, 3]}))
        note  change
    0  '=1+1      -5
    1   fine       3
    """
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    columns = {}
    for name, values in frame.items():
        if name in numbers or is_numeric_dtype(values) or is_bool_dtype(values):
            columns[_quoted(name)] = values
        else:
            columns[_quoted(name)] = values.astype(object).map(_quoted, na_action="ignore")
    return type(frame)(columns, index=frame.index)


def _holds_return(frame: pd.DataFrame) -> bool:
    texts = frame.select_dtypes(include=["object", "string"])
    cells = chain(frame.columns, *(texts[name] for name in texts))
    return any("\r" in cell for cell in cells if isinstance(cell, str))


def _quoted(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
