"""Read the user's tables, with errors that show what was meant."""

from __future__ import annotations

import warnings
import zlib
from difflib import get_close_matches
from gzip import BadGzipFile
from typing import TYPE_CHECKING

import pandas as pd

from riskdec._base.checks import refuse
from riskdec._base.optional import require
from riskdec.cli.dialects import Dialect, find_dialect, header, refuse_encoding
from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TEXT_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
ENDINGS = (*TEXT_ENDINGS, ".parquet")
# Where a frame keeps how its rows are counted by whoever looks into the file.
_FIRST_ROW = "riskdec_first_row"


def check_input(path: Path) -> None:
    """Refuse a path that is no file, and name files that may be meant."""
    if path.is_file():
        return
    if path.is_dir():
        raise refuse(str(path), "be a file", "a folder", "Name a file in it.")
    names = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    cure = suggest(path.name, names) or " Check the path."
    raise InputError(f"{path} must exist; got no such file.{cure}")


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV, TSV or Parquet file with at least one row; types are kept, whole numbers stay whole.

    Raises
    ------
    InputError
        If the file is missing, has another ending, cannot be read, holds no row, or names two columns alike.
    """
    check_input(path)
    name = path.name.lower()
    if not name.endswith(ENDINGS):
        cure = _other_kind(name)
        raise refuse(str(path), f"end with {', '.join(ENDINGS)}", repr(path.name), cure)
    if path.stat().st_size == 0:
        raise refuse(str(path), "hold a header and at least one row", "an empty file")
    try:
        frame = _read_parquet(path) if name.endswith(".parquet") else _read_text(path)
    except UnicodeDecodeError as err:
        raise refuse_encoding(path) from err
    except (EOFError, zlib.error, BadGzipFile) as err:
        cure = "The file is cut off, damaged or not packed by gzip: copy it again."
        raise refuse(str(path), f"be readable as {_kind(name)}", _unended(err), cure) from err
    except (ValueError, pd.errors.ParserWarning) as err:
        if isinstance(err, InputError):
            raise
        raise refuse(str(path), f"be readable as {_kind(name)}", _unended(err), _cure(name)) from err
    if frame.shape[0] == 0:
        raise refuse(str(path), "hold at least one row", "a header without rows")
    return frame


def read_as_written(path: Path) -> tuple[pd.DataFrame, Dialect]:
    """Read a CSV or TSV file that `read_table` has read as the text it is: ``007`` stays ``007``."""
    dialect = find_dialect(path)
    frame = pd.read_csv(path, sep=dialect.separator, index_col=False, dtype=str, keep_default_na=False)
    return frame, dialect


def row_name(frame: pd.DataFrame, place: int) -> str:
    """Name a row as the reader of the file counts it: in CSV the header is row 1, as in a spreadsheet.

    Examples
    --------
    >>> row_name(pd.DataFrame({"a": [5, 6]}), 1)
    'row 2'
    """
    return f"row {place + frame.attrs.get(_FIRST_ROW, 1)}"


def suggest(name: str, known: Iterable[str]) -> str:
    """Give a sentence with the names that may be meant, capitals or not; nothing, where none is near."""
    folded: dict[str, str] = {}
    for one in known:
        folded.setdefault(one.casefold(), one)
    close = [folded[one] for one in get_close_matches(name.casefold(), list(folded), n=3)]
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""


def _read_text(path: Path) -> pd.DataFrame:
    dialect = find_dialect(path)
    _refuse_twins(path, header(path, dialect.separator))
    with warnings.catch_warnings():
        # Rows longer than the header lose data: an error here.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(
            path,
            sep=dialect.separator,
            decimal=dialect.decimal,
            index_col=False,
            low_memory=False,
            dtype_backend="numpy_nullable",
        )
    frame.attrs[_FIRST_ROW] = 2
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    parquet = require("pyarrow.parquet", extra="parquet", caller="reading Parquet")
    _refuse_twins(path, parquet.read_schema(path).names)
    return pd.read_parquet(path, dtype_backend="numpy_nullable").reset_index(drop=True)


def _refuse_twins(path: Path, names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        shown = ", ".join(map(repr, twins[:5]))
        raise refuse(str(path), "name each column once", f"two columns named {shown}", "Rename one of them.")


def _kind(name: str) -> str:
    return "Parquet" if name.endswith(".parquet") else "CSV or TSV"


def _other_kind(name: str) -> str:
    if name.endswith((".xlsx", ".xls", ".ods")):
        return 'In the spreadsheet, save it as "CSV UTF-8".'
    if name.endswith((".riskdec", ".json")):
        return "This may be a model or a certificate: the model comes first, the rows second."
    return "Save it as one of these."


def _cure(name: str) -> str:
    if name.endswith(".parquet"):
        return "Write it again, or check that it is a Parquet file at all."
    return "Check its ending, and that each line has as many fields as the header and closes its quotes."


def _unended(err: Exception) -> str:
    return " ".join(str(err).split()).rstrip(".") or type(err).__name__
