"""Read the user's tables and pick columns, with errors that show what was meant."""

from __future__ import annotations

import warnings
import zlib
from difflib import get_close_matches
from gzip import BadGzipFile
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype

from riskdec._base.checks import choose_event, refuse, sorted_labels
from riskdec._base.optional import require
from riskdec._base.table import count
from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from riskdec._base.typing import AnyArray

TEXT_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
ENDINGS = (*TEXT_ENDINGS, ".parquet")


def check_input(path: Path) -> None:
    """Refuse a path that is no file, and name files that may be meant."""
    if path.is_file():
        return
    if path.is_dir():
        raise refuse(str(path), "be a file", "a folder", "Name a file in it.")
    names = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    cure = _suggest(path.name, names) or " Check the path."
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
        raise refuse(str(path), f"end with {', '.join(ENDINGS)}", repr(path.name))
    try:
        frame = _read_parquet(path) if name.endswith(".parquet") else _read_text(path)
    except UnicodeDecodeError as err:
        cure = "Save it as UTF-8, for example with iconv."
        raise refuse(str(path), "be text in UTF-8", str(err), cure) from err
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


def read_as_written(path: Path) -> pd.DataFrame:
    """Read a CSV or TSV file that `read_table` has read as the text it is: ``007`` stays ``007``."""
    return pd.read_csv(path, sep=_separator(path), index_col=False, dtype=str, keep_default_na=False)


def take_column(frame: pd.DataFrame, name: str, *, option: str) -> pd.Series[Any]:
    """Give one column, or name the columns that may be meant."""
    if name not in frame.columns:
        known = [str(column) for column in frame.columns]
        shown = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
        raise InputError(f"{option} must name a column; got {name!r}.{_suggest(name, known)} The columns are: {shown}.")
    return frame[name]


def take_other(frame: pd.DataFrame, name: str, *, option: str, target: str) -> pd.Series[Any]:
    """Give one column that is not the target: what happened neither groups, nor weights, nor is left out."""
    if name == target:
        raise refuse(option, "name another column than the target", repr(name))
    return take_column(frame, name, option=option)


def take_target(frame: pd.DataFrame, name: str) -> AnyArray:
    """Give the outcome as an array of plain labels, none missing."""
    values = take_column(frame, name, option="--target")
    n_missing = int(values.isna().sum())
    if n_missing:
        found = f"{n_missing} of {len(values)} rows without one"
        raise refuse(f"the target {name!r}", "have a value in each row", found, "Drop these rows first, and say so.")
    return plain_array(values)


def plain_array(values: pd.Series[Any]) -> AnyArray:
    """Give a column without missing values as an array of numbers, booleans or Python objects."""
    if is_bool_dtype(values):
        return values.to_numpy(dtype=bool)
    if is_integer_dtype(values):
        return values.to_numpy(dtype="int64")
    if is_float_dtype(values):
        return values.to_numpy(dtype="float64")
    return values.to_numpy(dtype=object)


def find_event(labels: AnyArray, text: str | None, *, target: str) -> object:
    """Give the label that the text of `--event` means; without it, the event of 0/1 and true/false."""
    cure = "Make a column that says whether the event happened, and name its value with --event."
    known = _check_two_values(labels, target=target, cure=cure)
    if text is None and set(known.tolist()) <= {0, 1}:
        return choose_event(known, None)
    if text is None:
        rule = f"be given when the values of {target!r} are not 0/1 or true/false"
        cure = f"Say which of them is the event, for example --event {known[-1]}."
        raise refuse("--event", rule, " and ".join(str(label) for label in known.tolist()), cure)
    for label in known.tolist():
        if str(label) == text or _same_number(label, text):
            return label
    shown = ", ".join(str(label) for label in known.tolist()[:8])
    raise refuse("--event", f"be one of the values of {target!r} ({shown})", repr(text))


def check_outcomes(model: Any, labels: AnyArray, *, target: str) -> None:
    """Refuse a target of more values than the model has outcomes to set its risks against."""
    if len(model.classes_) == 2:
        one, other = model.classes_.tolist()
        cure = f"The model was trained on {one} and {other}: name the column that holds them."
        _check_two_values(labels, target=target, cure=cure)


def _check_two_values(labels: AnyArray, *, target: str, cure: str) -> AnyArray:
    """Give the sorted values of the target, two at most: what happened and what did not."""
    known = sorted_labels(labels, name=f"the target {target!r}")
    if len(known) > 2:
        shown = ", ".join(str(label) for label in known.tolist()[:3])
        found = f"{count(len(known))} different values ({shown}, ...)"
        raise refuse(f"the target {target!r}", "have two different values", found, cure)
    return known


def features_for(model: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns that the model was trained on, in its order; the others are left out."""
    names = vars(model).get("feature_names_in_")
    if names is None:
        cure = "Train it on a table with column names to use it here."
        raise refuse("the model", "know its columns by name", "a model trained on an array", cure)
    known = [str(column) for column in frame.columns]
    absent = [str(name) for name in names if name not in known]
    if absent:
        shown = ", ".join(map(repr, absent[:5]))
        found = f"none named {shown} ({len(absent)} of {len(names)} missing)"
        raise refuse("the data", "have the columns of training", found, _suggest(absent[0], known).strip())
    return frame[list(names)]


def _read_text(path: Path) -> pd.DataFrame:
    separator = _separator(path)
    head = pd.read_csv(path, sep=separator, header=None, nrows=1, dtype=str, keep_default_na=False)
    names = head.iloc[0].tolist()
    _refuse_twins(path, names)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        cure = "Save it with commas, or with tabs as .tsv."
        raise refuse(str(path), f"separate its columns with {separator!r}", f"one column {names[0]!r:.60}", cure)
    with warnings.catch_warnings():
        # Rows longer than the header lose data: an error here.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            path,
            sep=separator,
            index_col=False,
            low_memory=False,
            dtype_backend="numpy_nullable",
        )


def _read_parquet(path: Path) -> pd.DataFrame:
    parquet = require("pyarrow.parquet", extra="parquet", caller="reading Parquet")
    _refuse_twins(path, parquet.read_schema(path).names)
    return pd.read_parquet(path, dtype_backend="numpy_nullable").reset_index(drop=True)


def _separator(path: Path) -> str:
    return "\t" if path.name.lower().endswith((".tsv", ".tsv.gz")) else ","


def _refuse_twins(path: Path, names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        shown = ", ".join(map(repr, twins[:5]))
        raise refuse(str(path), "name each column once", f"two columns named {shown}", "Rename one of them.")


def _kind(name: str) -> str:
    return "Parquet" if name.endswith(".parquet") else "CSV or TSV"


def _cure(name: str) -> str:
    if name.endswith(".parquet"):
        return "Write it again, or check that it is a Parquet file at all."
    return "Check its ending, and that each line has as many fields as the header and closes its quotes."


def _unended(err: Exception) -> str:
    return " ".join(str(err).split()).rstrip(".") or type(err).__name__


def _same_number(label: object, text: str) -> bool:
    try:
        return not isinstance(label, str) and label == float(text)
    except ValueError:
        return False


def _suggest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=3)
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
