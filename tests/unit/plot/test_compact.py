"""Compact pictures look the same: only what nobody sees is gone."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from riskdec.plot.compact import compact_svg

HEAD = b'<svg xmlns:xlink="http://www.w3.org/1999/xlink">'


def test_groups_that_do_something_stay_and_others_go() -> None:
    svg = b'<svg><g id="a"><g id="b" clip-path="url(#p)"><g id="c"/><path d="M 0 0 "/></g></g><clipPath id="p"/></svg>'
    small = compact_svg(svg)
    ET.fromstring(small)
    assert small == b'<svg><g clip-path="url(#i0)"><path d="M0 0"/></g><clipPath id="i0"/></svg>'


def test_lines_keep_their_points_breaks_and_curves() -> None:
    path = b'<svg><path d="M 0.00 1.509 L -1 2 L 3 100 M 4 4 L 5 5 Q 1 2 3 4 L 6 6 z "/></svg>'
    assert compact_svg(path) == b'<svg><path d="M0 1.5 -1 2 3 100M4 4 5 5Q1 2 3 4L6 6z"/></svg>'


def test_letters_stand_where_they_stood_and_marks_share_their_look() -> None:
    letter = b'<path id="A-1" d="M 0 0 "/><use xlink:href="#A-1" transform="translate(63.625 0)"/>'
    assert b'<use xlink:href="#i0" x="63.6"/>' in compact_svg(HEAD + letter + b"</svg>")
    marks = b"".join(b'<use xlink:href="#m" x="%d" y="2" style="fill: red"/>' % k for k in range(3))
    small = compact_svg(HEAD + b'<path id="m"/>' + marks + b"</svg>")
    assert small.count(b"fill:red") == 1
    assert [one.get("x") for one in ET.fromstring(small).iter("use")] == ["0", "1", "2"]
