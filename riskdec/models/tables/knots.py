"""What has to be said where a restricted cubic spline gets fewer knots than were asked for."""

from __future__ import annotations

from riskdec._base.codes import warn
from riskdec.errors import RiskdecWarning


def warn_fewer_knots(notes: list[str]) -> None:
    """Warn that columns got fewer knots than were asked for; each note tells one column."""
    message = (
        f"{'; '.join(notes)}: there are too few distinct values, or too many equal ones. The columns are right "
        "for the knots they have; other places can be given as numbers."
    )
    warn("RD107", message, RiskdecWarning)


def note_fewer_knots(name: str, wanted: int, placed: int) -> str:
    """Tell of one column how many knots it got.

    >>> note_fewer_knots("column 'beds'", 4, 0)
    "column 'beds' stays a straight line instead of 4 knots"
    """
    got = f"has {placed} knots" if placed else "stays a straight line"
    return f"{name} {got} instead of {wanted}" + ("" if placed else " knots")
