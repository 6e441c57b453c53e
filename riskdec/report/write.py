"""Writing a page to a file, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from riskdec._base.checks import refuse
from riskdec._base.files import replacing
from riskdec.report.page import Page
from riskdec.report.pages import page_of
from riskdec.report.render import render_page


def write_page(result: object, path: str | Path) -> Path:
    """Write an answer as one offline HTML page.

    The page takes the place of an older file in one step: whoever has the old one open never sees half of the new.

    Parameters
    ----------
    result : Result or Page
        An answer that has a page, or a page.
    path : str or Path
        Where to write, in a folder that exists.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the answer has no page, the folder does not exist, or `path` is a folder.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise refuse("path", "lie in a folder that exists", f"{str(target)!r}", "Make the folder first.")
    if target.is_dir():
        raise refuse("path", "name a file", f"the folder {str(target)!r}", "Add a file name such as report.html.")
    html = render_page(result if isinstance(result, Page) else page_of(result))
    with replacing(target) as stream:
        stream.write(html.encode("utf-8"))
    return target
