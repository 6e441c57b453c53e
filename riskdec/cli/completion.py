"""What the shell offers after a tab: files, and columns and labels of the table already named."""

from __future__ import annotations

import csv
import gzip
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem
from click.types import StringParamType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click

# A tab must not take longer than one notices.
_ROWS_LOOKED_AT = 5_000
_MOST_LABELS = 30


class _Column(StringParamType):
    """A column of the table; which one exists is checked by the command, with a better message."""

    name = "column"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the names in the header of the table."""
        return _items(next(_rows(ctx), ()), incomplete)


class _Label(StringParamType):
    """A value of the target."""

    name = "value"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the values that the target has in the first rows."""
        rows = _rows(ctx)
        names = list(next(rows, ()))
        target = ctx.params.get("target")
        if target not in names:
            return []
        place = names.index(target)
        labels = dict.fromkeys(row[place] for row in islice(rows, _ROWS_LOOKED_AT) if len(row) > place)
        return _items(islice(labels, _MOST_LABELS), incomplete)


class _Costs(StringParamType):
    """Pairs, or a file of costs."""

    name = "costs"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer a beginning and the files."""
        start = [CompletionItem("fp=1,fn=")] if "fp=1,fn=".startswith(incomplete) else []
        return [*start, CompletionItem(incomplete, type="file")]


COLUMN, LABEL, COSTS = _Column(), _Label(), _Costs()


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    # What cannot be printed must not reach the terminal from here either.
    return [CompletionItem(name) for name in names if name.startswith(incomplete) and name.isprintable()]


def _rows(ctx: click.Context) -> Iterator[tuple[str, ...]]:
    """Give the header and the rows of the table that the line names; nothing, if it cannot be read."""
    # An option that still waits for its value stops click before it hands out the arguments.
    given = ctx.params.get("files") or ctx.params.get("data") or tuple(ctx.args)
    path = Path(given[-1]) if isinstance(given, tuple) and given else given
    if not isinstance(path, Path):
        return
    try:
        if path.name.lower().endswith(".parquet"):
            yield from _parquet_rows(path)
        else:
            yield from _text_rows(path)
    except (OSError, ValueError, csv.Error, EOFError, ImportError):
        return


def _text_rows(path: Path) -> Iterator[tuple[str, ...]]:
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
        first = stream.readline()
        separator = "\t" if ".tsv" in path.name.lower() else ";" if "," not in first and ";" in first else ","
        stream.seek(0)
        yield from map(tuple, csv.reader(stream, delimiter=separator))


def _parquet_rows(path: Path) -> Iterator[tuple[str, ...]]:
    from pyarrow import parquet

    names = parquet.read_schema(path).names
    yield tuple(names)
    for batch in parquet.ParquetFile(path).iter_batches(batch_size=_ROWS_LOOKED_AT):
        yield from (tuple(str(row[name]) for name in names) for row in batch.to_pylist())
        return
