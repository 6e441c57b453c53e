"""All that a comparison has to say, scheme by scheme, and what limits it."""

from __future__ import annotations

from math import isclose, isinf, isnan
from typing import TYPE_CHECKING

from riskdec.weighting.conclusions.cautions import (
    say_certain,
    say_fallback,
    say_hidden,
    say_no_weights,
    say_none_above,
    say_not_assessable,
    say_not_recalibrated,
    say_same_fit,
    say_sampling,
)
from riskdec.weighting.conclusions.clauses import join_clauses
from riskdec.weighting.conclusions.schemes import draw_conclusions
from riskdec.weighting.conclusions.verdicts import about_cost, about_flexible, about_loss, about_ranking, about_worth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec._base.findings import Finding
    from riskdec.weighting.comparison.coefficients import CoefficientShift, ShapeTest
    from riskdec.weighting.comparison.fits import Fits
    from riskdec.weighting.comparison.flexible import FlexibleCheck
    from riskdec.weighting.comparison.loss_parts import LossParts
    from riskdec.weighting.comparison.rows import WeightingRow
    from riskdec.weighting.conclusions.clauses import Clause
    from riskdec.weighting.judging import HeldOut, Judged
    from riskdec.weighting.schemes import Scheme


def conclude(
    fits: Fits,
    rows: Sequence[WeightingRow],
    judged: Sequence[Judged],
    held_out: HeldOut,
    coefficients: Sequence[CoefficientShift],
    shape_tests: Sequence[ShapeTest],
    parts: Sequence[LossParts],
    helped: Sequence[WeightingRow],
    checks: Sequence[FlexibleCheck],
) -> Iterator[Finding]:
    """Say what each scheme did, and what limits the comparison.

    Parameters
    ----------
    fits : Fits
        The schemes, "none" first, with the numbers of rows that they fitted.
    rows, judged : sequence
        Figures and risks, one for each scheme and state.
    held_out : HeldOut
        The rows that were judged.
    coefficients, shape_tests, parts, helped, checks : sequence
        What else was found, each with the name of its scheme; `helped` holds the rows of decisions made cheaper.
    """
    yield from join_clauses(_scheme_by_scheme(fits, rows, coefficients, shape_tests, parts, helped, checks))
    yield from _cautions(fits, rows, judged, held_out)


def _scheme_by_scheme(
    fits: Fits,
    rows: Sequence[WeightingRow],
    coefficients: Sequence[CoefficientShift],
    shape_tests: Sequence[ShapeTest],
    parts: Sequence[LossParts],
    helped: Sequence[WeightingRow],
    checks: Sequence[FlexibleCheck],
) -> Iterator[Clause | Finding]:
    for j, scheme in enumerate(fits.schemes[1:], start=1):
        shifts = [shift for shift in coefficients if shift.scheme == scheme.name]
        if scheme.way != "weights":
            yield say_sampling(scheme, fits.sizes[j], fits.sizes[0], shifts)
        twin = _twin(scheme, fits.schemes[1:j])
        if isclose(scheme.ratio, 1, rel_tol=1e-9):
            yield say_no_weights(scheme)
        elif twin is not None:
            yield say_same_fit(scheme.name, twin.name)
        else:
            states = {row.repair: row for row in rows if row.scheme == scheme.name}
            mended = states.get("undone", states.get("recentred"))
            shape_test = next((test for test in shape_tests if test.scheme == scheme.name), None)
            yield from draw_conclusions(scheme, rows[0], states["raw"], states.get("undone"), shifts, shape_test)
            yield about_ranking(scheme, rows[0], states["raw"])
            yield from (about_loss(scheme, part) for part in parts if part.scheme == scheme.name)
            cheaper = next((row for row in helped if row.scheme == scheme.name), None)
            yield from about_cost(scheme, rows[0], states["raw"], mended, shape_test)
            check = next((check for check in checks if check.scheme == scheme.name), None)
            if check is not None:
                yield about_flexible(check)
            yield about_worth(scheme, rows[0], states["raw"], cheaper, check)


def _twin(scheme: Scheme, earlier: Sequence[Scheme]) -> Scheme | None:
    """Find an earlier scheme that is the same fit: weights of the same ratio."""
    if scheme.way != "weights":
        return None
    return next((one for one in earlier if one.way == "weights" and isclose(one.ratio, scheme.ratio)), None)


def _cautions(
    fits: Fits, rows: Sequence[WeightingRow], judged: Sequence[Judged], held_out: HeldOut
) -> Iterator[Finding]:
    separated = [
        scheme.name
        for scheme, estimate in zip(fits.schemes, fits.estimates, strict=True)
        if estimate is not None and estimate.fit.separation is not None
    ]
    if separated:
        yield say_fallback(separated)
    if fits.is_hidden:
        yield say_hidden()
    low = [row for row in rows if row.flagged_at_half == 0]
    if low:
        yield say_none_above(low)
    certain = [row for row in rows if isinf(row.log_score)]
    if certain:
        yield say_certain(certain)
    if not any(row.repair == "recalibrated" for row in rows):
        yield say_not_recalibrated(held_out.n_events, held_out.n)
    obstacles = [
        one.hierarchy.obstacle or ("too few events or non-events" if isnan(row.citl.low) else "")
        for row, one in zip(rows, judged, strict=True)
    ]
    for obstacle in dict.fromkeys(filter(None, obstacles)):
        names = [row.name for row, found in zip(rows, obstacles, strict=True) if found == obstacle]
        yield say_not_assessable(names, obstacle)
