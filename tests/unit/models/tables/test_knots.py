"""What is said where there are fewer knots than asked for."""

from __future__ import annotations

import pytest

from riskdec.models.tables.knots import note_fewer_knots, warn_fewer_knots


def test_warning_lists_the_columns() -> None:
    notes = [note_fewer_knots("column 'a'", 4, 3), note_fewer_knots("rcs(b, 5)", 5, 0)]
    with pytest.warns(UserWarning, match="RD107.*column 'a' has 3 knots instead of 4; rcs.b, 5. stays a straight"):
        warn_fewer_knots(notes)
