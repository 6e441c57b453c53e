"""Model matrices as R has them, on frames of every library, and what is refused."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec.errors import InputError, RiskdecWarning
from riskdec.models.formula.design import FormulaDesign
from riskdec.models.formula.grammar import parse_formula
from riskdec.models.tables.splines import RestrictedCubicSpline

# d <- data.frame(x = c(1, 2, 4, 8), k = c(10, 9, 10, 11), s = c("m", "f", "m", "f"), w = c("b", "a", "c", "b"))
FRAME = pd.DataFrame(
    {
        "y": [0, 1, 1, 0],
        "x": [1.0, 2, 4, 8],
        "k": [10, 9, 10, 11],
        "s": ["m", "f", "m", "f"],
        "w": ["b", "a", "c", "b"],
        "t": [True, False, False, True],
    }
)


def learned(text: str, frame: object = FRAME, **options: Any) -> FormulaDesign:
    return FormulaDesign.learn(parse_formula(text), frame, **options)


@pytest.mark.parametrize(
    ("text", "names", "matrix"),
    [
        # model.matrix(~ x + s, d)[, -1]
        ("~ x + s", ["x", "s[m]"], [[1, 1], [2, 0], [4, 1], [8, 0]]),
        # model.matrix(~ w, d)[, -1]
        ("~ w", ["w[b]", "w[c]"], [[1, 0], [0, 0], [0, 1], [1, 0]]),
        # model.matrix(~ 0 + w, d)
        ("~ 0 + w", ["w[a]", "w[b]", "w[c]"], [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]),
        # model.matrix(~ 0 + s + w, d)
        ("~ 0 + s + w", ["s[f]", "s[m]", "w[b]", "w[c]"], [[0, 1, 1, 0], [1, 0, 0, 0], [0, 1, 0, 1], [1, 0, 1, 0]]),
        # model.matrix(~ x * s, d)[, -1]
        ("~ x * s", ["x", "s[m]", "x:s[m]"], [[1, 1, 1], [2, 0, 0], [4, 1, 4], [8, 0, 0]]),
        # model.matrix(~ x:s, d)[, -1]
        ("~ x:s", ["x:s[f]", "x:s[m]"], [[0, 1], [2, 0], [0, 4], [8, 0]]),
        # model.matrix(~ s * w, d)[, -1]: the first factor moves fastest
        (
            "~ s * w",
            ["s[m]", "w[b]", "w[c]", "s[m]:w[b]", "s[m]:w[c]"],
            [[1, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 0, 1, 0, 1], [0, 1, 0, 0, 0]],
        ),
        # model.matrix(~ w + w:s, d)[, -1]
        (
            "~ w + w:s",
            ["w[b]", "w[c]", "w[a]:s[m]", "w[b]:s[m]", "w[c]:s[m]"],
            [[1, 0, 0, 1, 0], [0, 0, 0, 0, 0], [0, 1, 0, 0, 1], [1, 0, 0, 0, 0]],
        ),
        # model.matrix(~ poly(x, 2, raw = TRUE) * t, d)[, -1]
        (
            "~ pol(x, 2) * t",
            ["x", "x^2", "t", "x:t", "x^2:t"],
            [[1, 1, 1, 1, 1], [2, 4, 0, 0, 0], [4, 16, 0, 0, 0], [8, 64, 1, 8, 64]],
        ),
        # model.matrix(~ log2(x) + relevel(factor(k), "10"), d)[, -1]
        ("~ log2(x) + C(k, ref=10)", ["log2(x)", "k[9]", "k[11]"], [[0, 0, 0], [1, 1, 0], [2, 0, 0], [3, 0, 1]]),
        # Hmisc::rcspline.eval(d$x, c(1, 2, 5), inclx = TRUE): (x - 1)+^3 / 16, and so on
        (
            "~ rcs(x, [1, 2, 5])",
            ["x", "x'"],
            [[1, 0], [2, 1 / 16], [4, (27 - 8 * 4 / 3) / 16], [8, (64 - 27 * 4 / 3 + 3 * 4 * 1 * 3) / 16]],
        ),
        ("~ 1", [], np.empty((4, 0))),
    ],
)
def test_columns_are_those_of_model_matrix(text: str, names: list[str], matrix: Any) -> None:
    design = learned(text)
    assert list(design.names) == names
    np.testing.assert_allclose(design.encode(FRAME).matrix, matrix, rtol=1e-15)


@pytest.mark.parametrize("turn", [pl.from_pandas, lambda f: pl.from_pandas(f).to_arrow()])
def test_every_library_gives_the_same_design(turn: Any) -> None:
    text = "y ~ rcs(x, [1, 2, 3]) * s + C(k):w + t + log(k)"
    design = learned(text)
    assert learned(text, turn(FRAME)) == design
    np.testing.assert_array_equal(design.encode(turn(FRAME)).matrix, design.encode(FRAME).matrix)


def test_columns_of_an_array_are_called_x0_and_so_on() -> None:
    X = FRAME[["x", "k"]].to_numpy()
    design = learned("~ .", X)
    assert design.names == ("x0", "x1")
    np.testing.assert_array_equal(design.encode(X).matrix, X)


def test_dot_is_all_columns_but_the_outcome_and_is_settled_in_training() -> None:
    design = learned("y ~ . - k + C(w, ref='c')")
    assert design.variables == ("x", "s", "t", "w")
    assert design.labels == ("x", "s", "t", 'C(w, ref="c")')
    wider = FRAME.assign(new=["?"] * 4)[["new", "t", "w", "x", "s"]]
    np.testing.assert_array_equal(design.encode(wider).matrix, design.encode(FRAME).matrix)


def test_columns_know_their_terms() -> None:
    design = learned("y ~ x*w + pol(k)")
    assert design.labels == ("x", "w", "pol(k, 2)", "x:w")
    assert design.assign.tolist() == [0, 1, 1, 2, 2, 3, 3]
    last = design.columns[-1]
    assert last.name == "x:w[c]"
    assert [(design.blocks[i].names[place]) for i, place in last.parts] == ["x", "w[c]"]
    assert (design.outcome, design.intercept) == ("y", True)
    assert not learned("y ~ x - 1").intercept


def test_declared_order_of_categories_sets_the_reference() -> None:
    stage = pd.Categorical(["II", "I", "III", "I"], categories=["III", "II", "I", "IV"])
    assert learned("~ g", FRAME.assign(g=stage)).names == ("g[II]", "g[I]")
    enum = pl.from_pandas(FRAME).with_columns(g=pl.Series(["II", "I", "III", "I"], dtype=pl.Enum(["III", "II", "I"])))
    assert learned("~ g", enum).names == ("g[II]", "g[I]")


def test_rows_that_lack_a_value_come_back_as_nan_with_their_number() -> None:
    design = learned("y ~ log(x) * s")
    holes = FRAME.assign(x=[1.0, None, 4, 8], s=["m", "f", None, "f"], y=[None] * 4, w=None)
    found = design.encode(holes)
    assert np.isnan(found.matrix[1:3]).all()
    np.testing.assert_array_equal(found.matrix[[0, 3]], design.encode(FRAME).matrix[[0, 3]])
    np.testing.assert_array_equal(found.rows.keep, [True, False, False, True])
    assert found.rows.sentence == "2 of 4 rows lack a value (1 in 'x', 1 in 's')"
    empty = design.encode(FRAME.assign(x=[None] * 4))
    assert np.isnan(empty.matrix).all()


def test_missing_values_are_refused_in_training() -> None:
    with pytest.raises(InputError, match=r"missing='error'; got 1 of 4 rows lack a value \(1 in 'x'\)"):
        learned("~ x", FRAME.assign(x=[1.0, None, 4, 8]))
    learned("~ k", FRAME.assign(x=[1.0, None, 4, 8], y=[None] * 4))


def test_levels_that_training_did_not_have_are_refused_or_the_reference() -> None:
    design = learned("~ x:w + s")
    other = FRAME.assign(w=["b", "z", "q", None])
    message = r"column 'w' must hold a level seen in training; got 'z' at position 1 \(2 of 4\). .* read it as 'a'"
    with pytest.raises(InputError, match=message):
        design.encode(other)
    with pytest.warns(RiskdecWarning, match="RD106.* 2 of 4 rows in column 'w' hold values") as caught:
        found = design.encode(other, unseen="reference")
    assert len(caught) == 1
    np.testing.assert_array_equal(found.matrix[1:3], design.encode(FRAME.assign(w="a")).matrix[1:3])
    assert found.rows.keep.tolist() == [True, True, True, False]
    with pytest.raises(InputError, match="unseen must be one of 'error', 'reference'; got 'drop'"):
        design.encode(FRAME, unseen="drop")  # type: ignore[arg-type]


def test_no_rows_give_an_empty_design_but_teach_nothing() -> None:
    assert learned("~ x * w").encode(FRAME.head(0)).matrix.shape == (0, 5)
    with pytest.raises(InputError, match="the data must have at least one row; got 0 rows"):
        learned("~ x", FRAME.head(0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y ~ x + age", r"have the columns that the formula names; got none named 'age' \(1 missing\)"),
        ("~ lambda:x + __import__", r"got none named 'lambda', '__import__' \(2 missing\)"),
        ("~ \u0445", "got none named '\u0445'"),
        ("~ rcs(s, 4)", r"column 's' must hold numbers for rcs\(s, 4\); got text"),
        ("~ x + rcs(x, [1, 2, 3])", "give columns of different names; got 'x' twice. Two terms use it"),
        ("~ s + C(s)", r"give columns of different names; got 's\[m\]' twice"),
    ],
)
def test_formulas_that_do_not_fit_the_frame_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        learned(text)


def test_columns_of_training_must_be_there_with_their_kind() -> None:
    design = learned("~ x + s")
    with pytest.raises(InputError, match="the data must have the 2 columns of training; got none named 's'"):
        design.encode(FRAME.drop(columns="s"))
    with pytest.raises(InputError, match="column 'x' must hold numbers, as in training; got a at position 0"):
        design.encode(FRAME.assign(x=["a", "b", "c", "d"]))
    with pytest.raises(InputError, match=r"column 'x' must be finite \(no inf\)"):
        design.encode(FRAME.assign(x=[1.0, np.inf, 2, 3]))


def test_values_outside_the_domain_of_a_function_are_refused_but_missing_ones_are_not() -> None:
    design = learned("~ log(x)")
    with pytest.raises(InputError, match=r"column 'x' must be above 0 for log\(x\); got -4.0 at position 2 \(1 of 4\)"):
        design.encode(FRAME.assign(x=[1.0, None, -4, 8]))
    assert design.encode(FRAME.assign(x=[1.0, None, 4, 8])).rows.n_missing == 1


def test_products_that_overflow_are_refused() -> None:
    huge = FRAME.assign(x=1e200)
    with pytest.raises(
        InputError, match=r"column 'x\^2' of the design must be finite; got inf at position 0 \(4 of 4\)"
    ):
        learned("~ pol(x)").encode(huge)
    with pytest.raises(InputError, match="column 'x:z' of the design must be finite"):
        learned("~ x:z", huge.assign(z=1e200)).encode(huge.assign(z=1e200))


def test_designs_of_very_many_columns_are_refused_before_any_is_made() -> None:
    levels = pd.DataFrame({"a": [f"a{i}" for i in range(900)], "b": [f"b{i}" for i in range(900)]})
    message = r"formula must give at most 5000 columns; got 809999, of which 808201 from a:b. Join rare levels"
    with pytest.raises(InputError, match=message):
        learned("~ a * b", levels)


HOSTILE = ["a b", "~", "1", "x + y", "`", "<script>", "a:b", "x'", "rcs(x, 4)", "", "\n", "{x}", "π≈3", "__class__"]


def test_hostile_names_of_columns_are_just_names() -> None:
    frame = pd.DataFrame({name: np.arange(1.0, 5.0) ** (i + 1) for i, name in enumerate(HOSTILE)})
    design = learned("~ .", frame)
    assert list(design.names) == HOSTILE
    np.testing.assert_array_equal(design.encode(frame).matrix, frame.to_numpy())
    again = learned("~ " + " + ".join(design.labels), frame)
    assert again == design


def test_hostile_levels_are_just_levels() -> None:
    frame = pd.DataFrame({"g": HOSTILE})
    design = learned('~ C(g, ref="<script>")', frame)
    assert design.blocks[0].column.levels[0] == "<script>"
    assert len(design.names) == len(HOSTILE) - 1


def test_splines_in_a_design_are_those_of_the_transformer(rng: np.random.Generator) -> None:
    frame = pd.DataFrame({"u": rng.normal(size=300), "v": rng.gamma(2, size=300)})
    spline = RestrictedCubicSpline(n_knots=5).fit(frame)
    design = learned("~ rcs(u, 5) + rcs(v, 5)", frame)
    assert list(design.names) == spline.get_feature_names_out().tolist()
    np.testing.assert_array_equal(design.encode(frame).matrix, spline.transform(frame))


def test_splines_of_few_values_say_so_once() -> None:
    frame = pd.DataFrame({"beds": np.resize([1.0, 2, 3, 4, 5], 60), "z": np.resize([0.0, 1], 60)})
    message = r"RD107.*rcs\(beds, 4\) has 3 knots instead of 4; rcs\(z, 3\) stays a straight line instead of 3 knots"
    with pytest.warns(RiskdecWarning, match=message) as caught:
        design = learned("~ rcs(beds, 4) + rcs(z, 3)", frame)
    assert len(caught) == 1
    assert design.names == ("beds", "beds'", "z")


def test_counts_stand_for_repeated_rows(rng: np.random.Generator) -> None:
    frame = pd.DataFrame({"u": rng.normal(size=80).round(1), "g": rng.choice(["a", "b"], size=80)})
    counts = rng.integers(1, 5, size=80)
    repeated = frame.loc[frame.index.repeat(counts)]
    text = "~ rcs(u, 4) * g"
    assert learned(text, frame, counts=counts.astype(float)) == learned(text, repeated)
    assert learned(text, frame) != learned(text, repeated)


def test_state_goes_through_json_and_pickle_and_holds_no_rows(rng: np.random.Generator) -> None:
    frame = pd.DataFrame({"u": rng.normal(size=200), "g": rng.choice(["a", "ü"], size=200), "w": True})
    frame["v"] = frame["u"]
    design = learned("out ~ rcs(u, 4) * C(g, ref='ü') + log(abs(u)) + pol(v):w - 1", frame.assign(out=1))
    text = json.dumps(design.to_state(), allow_nan=False)
    for again in (FormulaDesign.from_state(json.loads(text)), pickle.loads(pickle.dumps(design))):
        assert again == design
        assert again.names == design.names
        np.testing.assert_array_equal(again.encode(frame).matrix, design.encode(frame).matrix)
    assert len(text) < 1500


@pytest.mark.parametrize(
    "change",
    [
        {"blocks": [{"kind": "number", "name": "x", "functions": ["__import__"]}]},
        {"blocks": []},
        {"pieces": [[[[5, True]]]]},
        {"labels": []},
        {"blocks": [{"kind": "category", "name": "x", "levels": ["a"] * 6000, "n_missing": 0}]},
    ],
)
def test_state_that_no_design_has_is_refused(change: dict[str, Any]) -> None:
    state = learned("y ~ x").to_state() | change
    with pytest.raises((InputError, LookupError)):
        FormulaDesign.from_state(state)


def test_a_loaded_design_parses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state = learned("y ~ rcs(x, [1, 2, 3]) * s").to_state()

    def never(*args: object) -> None:
        raise AssertionError

    for name in ("parse_formula", "tokenize"):
        for module in ("grammar", "tokens", "reader"):
            monkeypatch.setattr(f"riskdec.models.formula.{module}.{name}", never, raising=False)
    assert FormulaDesign.from_state(state).encode(FRAME).matrix.shape == (4, 5)
