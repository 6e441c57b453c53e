"""The lines of an ANOVA by term, as rms prints them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskdec.models.formula.design import FormulaDesign
from riskdec.models.formula.grammar import parse_formula
from riskdec.models.formula.hypotheses import list_hypotheses

N = 120
FRAME = pd.DataFrame(
    {"a": np.arange(N), "b": np.arange(N) ** 2.0, "s": np.resize(["f", "m"], N), "w": np.resize(list("xyz"), N)}
)
HIGHER = " (Factor+Higher Order Factors)"


def lines(text: str) -> list[tuple[str, str]]:
    """Give label and names of columns."""
    design = FormulaDesign.learn(parse_formula(text), FRAME)
    names = design.names
    return [(line.label, " ".join(names[c] for c in line.columns)) for line in list_hypotheses(design)]


def test_main_effects_have_a_line_and_one_for_what_bends() -> None:
    assert lines("~ rcs(a, 4) + w + pol(log1p(b), 2) + s") == [
        ("a", "a a' a''"),
        (" Nonlinear", "a' a''"),
        ("w", "w[y] w[z]"),
        ("log1p(b)", "log1p(b) log1p(b)^2"),
        (" Nonlinear", "log1p(b)^2"),
        ("s", "s[m]"),
        ("TOTAL NONLINEAR", "a' a'' log1p(b)^2"),
        ("TOTAL", "a a' a'' w[y] w[z] log1p(b) log1p(b)^2 s[m]"),
    ]


def test_one_line_that_bends_has_no_total() -> None:
    assert lines("~ rcs(a, 3) + s")[-1] == ("TOTAL", "a a' s[m]")
    assert [label for label, _ in lines("~ rcs(a, 3) + s")] == ["a", " Nonlinear", "s", "TOTAL"]


def test_linear_interactions_have_no_nonlinear_lines() -> None:
    assert lines("~ a * s") == [
        ("a" + HIGHER, "a a:s[m]"),
        ("s" + HIGHER, "s[m] a:s[m]"),
        ("a * s", "a:s[m]"),
        ("TOTAL", "a s[m] a:s[m]"),
    ]


def test_factor_in_several_interactions_has_them_together() -> None:
    found = dict(lines("~ a*s + a*w"))
    assert found[" All Interactions"] == "a:s[m] a:w[y] a:w[z]"
    assert found["TOTAL INTERACTION"] == "a:s[m] a:w[y] a:w[z]"
    assert [label for label, _ in lines("~ a*s + a*w")].count(" All Interactions") == 1


def test_interaction_of_two_splines_is_taken_apart_as_in_rms() -> None:
    # anova(lrm(y ~ rcs(a, 3) * rcs(b, 3))): 3 nonlinear interactions of 4 columns, of which 1 bends in both.
    found = lines("~ rcs(a, 3) * rcs(b, 3)")
    assert found == [
        ("a" + HIGHER, "a a' a:b a':b a:b' a':b'"),
        (" Nonlinear" + HIGHER, "a' a':b a':b'"),
        ("b" + HIGHER, "b b' a:b a':b a:b' a':b'"),
        (" Nonlinear" + HIGHER, "b' a:b' a':b'"),
        ("a * b", "a:b a':b a:b' a':b'"),
        (" Nonlinear", "a':b a:b' a':b'"),
        (" Nonlinear Interaction : f(A,B) vs. AB", "a':b a:b' a':b'"),
        (" f(A,B) vs. Af(B) + Bg(A)", "a':b'"),
        (" Nonlinear Interaction in a vs. Af(B)", "a':b a':b'"),
        (" Nonlinear Interaction in b vs. Bg(A)", "a:b' a':b'"),
        ("TOTAL NONLINEAR", "a' b' a':b a:b' a':b'"),
        ("TOTAL NONLINEAR + INTERACTION", "a' b' a:b a':b a:b' a':b'"),
        ("TOTAL", "a a' b b' a:b a':b a:b' a':b'"),
    ]


def test_higher_interactions_count_for_the_lower_ones() -> None:
    found = dict(lines("~ a * s * w"))
    assert found["a * s" + HIGHER] == "a:s[m] a:s[m]:w[y] a:s[m]:w[z]"
    assert found["a * s * w"] == "a:s[m]:w[y] a:s[m]:w[z]"
    assert "a:w[y]" in found["a" + HIGHER].split()


def test_every_line_has_a_name_of_its_own() -> None:
    design = FormulaDesign.learn(parse_formula("~ rcs(a, 3) * rcs(b, 3) * s + rcs(log1p(b), 3)*w"), FRAME)
    names = [line.name for line in list_hypotheses(design)]
    assert len(set(names)) == len(names) > 20
    assert names[:2] == ["a" + HIGHER, "a All Interactions"]
    assert "log1p(b) Nonlinear" + HIGHER in names


@pytest.mark.parametrize("text", ["~ 1", "~ s"])
def test_small_models_have_what_there_is(text: str) -> None:
    assert lines(text) == ([] if text == "~ 1" else [("s", "s[m]"), ("TOTAL", "s[m]")])
