"""What a command gives back: text or JSON on the terminal, tables and pages in files, one line per problem."""

from __future__ import annotations

import errno
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

from riskdec.cli.shell_words import in_shell_table, in_shell_words
from riskdec.errors import InputError, RiskdecError, RiskdecWarning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    import pandas as pd

    from riskdec._base.table import Table

# Spreadsheets run text cells that start so (CWE-1236), some of them also in full width or small, and after blanks and
# signs that nobody sees: those that Unicode calls ignorable, controls, and letters that are drawn as nothing.
_UNSEEN = (
    "\\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff"
)
_FORMULA = re.compile(f"[\t\r\n]|[{_UNSEEN}]*[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]")
_CURES = {
    errno.ENOSPC: "Free some space or write elsewhere; nothing was written, and an older file of that name is kept.",
    errno.EACCES: "Ask for the right to read or write it, or choose another place.",
    errno.EPERM: "Ask for the right to read or write it, or choose another place.",
    errno.EROFS: "Choose a place that can be written to.",
}
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
                _complain(f"warning: {in_shell_words(one_line(message))}")
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.simplefilter("always", RiskdecWarning)
        warnings.showwarning = show_one_line
        try:
            yield
        except KeyboardInterrupt:
            _complain("stopped: files already written stay, and none is left half-written.")
            # What shells report of a command ended by Ctrl-C; 1 would say that a check failed.
            ctx.exit(130)
        except BrokenPipeError:
            # The reader of our output went away, for example `head`: click ends quietly.
            raise
        except click.UsageError as err:
            if err.ctx is not None:
                click.echo(err.ctx.get_usage(), err=True)
                _complain(f"Try '{err.ctx.command_path} --help'.")
            _complain(f"error: {one_line(err.format_message())}")
            ctx.exit(2)
        except RiskdecError as err:
            _complain(f"error: {in_shell_words(one_line(err))}")
            ctx.exit(2)
        except OSError as err:
            _complain(f"error: {one_line(_of_system(err))}")
            ctx.exit(2)


def _complain(line: str) -> None:
    """Print one line on standard error; on a terminal it breaks between words."""
    from riskdec._base.table import wrap_text

    width = max(get_terminal_size().columns, _LEAST_WIDTH) if _is_terminal(sys.stderr) else None
    click.echo("\n".join(wrap_text(line, width)), err=True)


def _of_system(err: OSError) -> str:
    """Say what the system refused, with the file where it names one, and what to do."""
    what = f"{err.filename}: {err.strerror}" if err.filename is not None and err.strerror else err.strerror or str(err)
    return f"{what}. {_CURES[err.errno]}" if err.errno in _CURES else what


def _is_terminal(stream: TextIO | None) -> bool:
    """Tell whether somebody reads along; a stream may be closed from the start."""
    return stream is not None and stream.isatty()


def one_line(message: object) -> str:
    """Give a message without line breaks and without what could steer the terminal."""
    from riskdec._base.table import unsteered

    return unsteered(" ".join(str(message).split()))


def show(text: str | Sequence[Table | str], answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the text, or tables and sentences below each other, or the answer as one JSON object."""
    from riskdec._base.table import unsteered

    if as_json:
        click.echo(json.dumps(answer, indent=2, allow_nan=False))
    else:
        click.echo(unsteered(text if isinstance(text, str) else lay_out(*text)))


def lay_out(*parts: Table | str) -> str:
    """Put tables and sentences below each other; on a terminal lines end where it ends, between words."""
    from riskdec._base.table import Table, wrap_text

    width = max(get_terminal_size().columns, _LEAST_WIDTH) if _is_terminal(sys.stdout) else None
    return "\n\n".join(
        in_shell_table(part).to_text(width) if isinstance(part, Table) else "\n".join(wrap_text(part, width))
        for part in parts
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
    if path.exists() and any(one.exists() and path.samefile(one) for one in inputs):
        message = f"{path} must not be one of the files that are read. Write to another name."
        raise InputError(message)
    allowed = tuple(endings)
    if allowed and not path.name.lower().endswith(allowed):
        message = f"{path} must end with {' or '.join(allowed)}; got {path.name!r}."
        raise InputError(message)
    if path.name.lower().endswith(".parquet"):
        from riskdec._base.optional import require

        require("pyarrow", extra="parquet", caller="writing Parquet")


def write_table(
    frame: pd.DataFrame, path: Path, *, numbers: Collection[str] = (), dialect: tuple[str, str] = (",", ".")
) -> None:
    """Write a frame as CSV, TSV (also gzipped) or Parquet, whole or not at all; .csv files in the dialect given.

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
        separator, decimal = dialect
        if name.endswith((".tsv", ".tsv.gz")):
            separator = "\t"
        elif separator == "\t":
            separator = ","
        options: dict[str, Any] = {"index": False, "sep": separator, "decimal": decimal}
        # Python's csv writer quotes a lone carriage return only where line ends have one.
        options["lineterminator"] = "\r\n" if _holds_return(quiet) else "\n"
        if not name.endswith(".gz"):
            quiet.to_csv(stream, **options)
            return
        # Without a time stamp and a name the same table is the same bytes.
        with GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
            quiet.to_csv(packed, **options)


def write_figure(figure: Any, path: Path) -> None:
    """Write a figure, whole or not at all."""
    from riskdec._base.files import replacing

    with replacing(path) as stream:
        figure.savefig(stream, format=path.suffix[1:].lower(), dpi=150)


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
    for place, (name, values) in enumerate(frame.items()):
        as_it_is = name in numbers or is_numeric_dtype(values) or is_bool_dtype(values)
        columns[place] = values if as_it_is else values.astype(object).map(_quoted, na_action="ignore")
    quiet = type(frame)(columns, index=frame.index)
    # Two names may be the same with the apostrophe.
    quiet.columns = [_quoted(name) for name in frame.columns]
    return quiet


def _holds_return(frame: pd.DataFrame) -> bool:
    texts = frame.select_dtypes(include=["object", "string"])
    cells = chain(frame.columns, *(texts[name] for name in texts))
    return any("\r" in cell for cell in cells if isinstance(cell, str))


def _quoted(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
