"""SVG pictures without what nobody sees: groups without a use, names of groups, digits beyond a hundredth."""

from __future__ import annotations

import re

# What matplotlib says about the file; the page around it says more.
_UNSEEN = re.compile(rb"<!DOCTYPE[^>]*>|<metadata>.*?</metadata>", re.DOTALL)
_TAG = re.compile(rb"<(/?)g\b([^>]*?)(/?)>")
_ID = re.compile(rb'\sid="([^"]*)"')
_POINTER = re.compile(rb'(?<="#)[^"]+(?=")|(?<=url\(#)[^)]+')
# A hundredth of a point is less than anybody sees.
_COORDINATES = re.compile(rb'(?<= )(?:d|x|y)="[^"]*"')
_DIGITS = re.compile(rb"(\.\d\d)\d+")
_PATH = re.compile(rb'(?<= d=")[^"]*')
_END_ZEROS = re.compile(rb"\.0+(?!\d)|(\.\d*[1-9])0+(?!\d)")
# A line goes on without being told so; a move is followed by lines anyway.
_MORE_LINES = re.compile(rb"([ML])((?: -?[\d.]+){2})((?: L(?: -?[\d.]+){2})+)")
_LETTER = re.compile(rb'(<use xlink:href="[^"]*") transform="translate\(([-\d.]+) 0\)"/>')
_STYLE = re.compile(rb'(?<= style=")[^"]*')
# Marks of one look, one after the other.
_MARKS = re.compile(rb'<use [^<>]*?( style="[^"]*")/>(?:<use [^<>]*?\1/>)+')


def compact_svg(picture: bytes) -> bytes:
    """Give the same picture in fewer bytes; ids become numbers in the order in which they are pointed at.

    Parameters
    ----------
    picture : bytes
        An SVG document as matplotlib writes it, its letters as outlines.

    Returns
    -------
    bytes
        The SVG document. matplotlib makes ids from the layout, which is solved anew each time up to rounding; numbers
        are the same each time.

    Examples
    --------
    >>> compact_svg(b'<svg><g id="one"><path d="M 0 0 L 1.50 2.678 L 3 4 "/></g></svg>')
    b'<svg><path d="M0 0 1.5 2.67 3 4"/></svg>'
    """
    small = _drop_groups(_rename_ids(_UNSEEN.sub(b"", picture)))
    small = _COORDINATES.sub(lambda found: _DIGITS.sub(rb"\1", found.group()), small)
    small = _LETTER.sub(lambda found: b'%s x="%s"/>' % (found.group(1), _tenth(found.group(2))), small)
    small = _PATH.sub(lambda found: _shorten_path(found.group()), small)
    small = _STYLE.sub(lambda found: re.sub(rb"([:;]) ", rb"\1", found.group()), small)
    small = re.sub(rb"(?<=>)\s+(?=<)", b"", small)
    return _MARKS.sub(_style_once, small)


def _rename_ids(picture: bytes) -> bytes:
    numbers: dict[bytes, bytes] = {}
    for name in _POINTER.findall(picture):
        numbers.setdefault(name, b"i%d" % len(numbers))
    named = _POINTER.sub(lambda found: numbers[found.group()], picture)
    return _ID.sub(lambda found: b' id="%s"' % numbers[found.group(1)] if found.group(1) in numbers else b"", named)


def _drop_groups(picture: bytes) -> bytes:
    """Leave out the groups that neither move nor paint what is in them."""
    kept: list[bool] = []

    def judge(found: re.Match[bytes]) -> bytes:
        if found.group(3):
            return b""
        if not found.group(1):
            kept.append(bool(found.group(2).strip()))
            return found.group() if kept[-1] else b""
        return found.group() if kept.pop() else b""

    return _TAG.sub(judge, picture)


def _style_once(found: re.Match[bytes]) -> bytes:
    look = found.group(1)
    return b"<g%s>%s</g>" % (look, found.group().replace(look, b""))


def _tenth(number: bytes) -> bytes:
    # Places of letters are in hundredths of their height.
    return b"%g" % round(float(number), 1)


def _shorten_path(path: bytes) -> bytes:
    short = _END_ZEROS.sub(rb"\1", b" ".join(path.split()))
    short = _MORE_LINES.sub(lambda found: found.group(1) + found.group(2) + found.group(3).replace(b" L", b""), short)
    return re.sub(rb" ?([A-Za-z]) ?", rb"\1", short)
