"""Write a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that takes its place when the block ends well.

    The file is synced before it is renamed; after an error or Ctrl-C it is removed and the old file stays.

    Parameters
    ----------
    path : Path
        A regular file, or a name that is free, in a folder that exists.

    Yields
    ------
    binary file
        Where to write.

    Raises
    ------
    OSError
        If the folder is missing or full, or `path` is a device or a folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with replacing(Path(folder, "note.txt")) as stream:
    ...         _ = stream.write(b"done")
    ...     Path(folder, "note.txt").read_text()
    'done'
    """
    # A link keeps pointing where it did: what it points to is replaced.
    target = path.resolve()
    if target.exists() and not target.is_file():
        # Renaming over a device such as /dev/null would remove the device.
        message = f"{path} must be a regular file or a free name; got a folder or a device."
        raise FileExistsError(message)
    temporary = target.with_name(f".riskdec-{secrets.token_hex(8)}.tmp")
    try:
        with _opened(temporary, path) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _opened(temporary: Path, path: Path) -> BinaryIO:
    try:
        return temporary.open("xb")
    except OSError as err:
        # Nobody knows the temporary name: the error is about the one that was asked for.
        err.filename = str(path)
        raise
