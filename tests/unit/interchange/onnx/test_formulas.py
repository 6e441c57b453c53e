"""What no runtime computes in double precision is written out, to the last digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskdec.interchange.onnx import formulas
from riskdec.interchange.onnx.graph import Graph
from riskdec.likelihood.splines.basis import spline_basis

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec.interchange.onnx.graph import Value

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SIZES = np.concatenate([[0.0], np.logspace(-320, 300, 2000), np.linspace(0, 40, 500)])
NUMBERS = np.concatenate([SIZES, -SIZES])[:, np.newaxis]


def compute(formula: Callable[[Value], Value], x: np.ndarray) -> np.ndarray:
    graph = Graph(onnx, outputs=("y",))
    value = formula(graph.add_input("x", width=x.shape[1]))
    output = graph.add_output("y", value, kind=onnx.TensorProto.DOUBLE, shape=["n", None])
    body = onnx.helper.make_graph(graph.nodes, "formula", list(graph.inputs.values()), [output], graph.constants)
    proto = onnx.helper.make_model(body, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": x})
    return y


@pytest.mark.parametrize(
    ("formula", "expected", "rtol"),
    [
        (formulas.log1p, lambda x: np.log1p(np.maximum(x, -1)), 1e-15),
        (formulas.softplus, lambda x: np.logaddexp(0, x), 1e-15),
        (formulas.asinh, np.arcsinh, 2e-15),
        (formulas.risk_of, lambda x: np.where(x >= 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x))), 4e-16),
    ],
    ids=["log1p", "softplus", "asinh", "risk"],
)
def test_formula_has_all_its_digits(formula: Any, expected: Any, rtol: float) -> None:
    x = NUMBERS[NUMBERS[:, 0] > -1] if formula is formulas.log1p else NUMBERS
    np.testing.assert_allclose(compute(formula, x), expected(x), rtol=rtol, atol=1e-300)


def test_log1p_at_its_ends() -> None:
    np.testing.assert_array_equal(compute(formulas.log1p, np.array([[-1.0], [0.0]])), [[-np.inf], [0.0]])


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40, unique=True).map(sorted),
    st.lists(st.floats(-2e3, 2e3), min_size=1, max_size=20),
)
def test_places_and_lines_are_those_of_numpy(knots: list[float], scores: list[float]) -> None:
    places, x = np.array(knots), np.array([*scores, *knots, np.nan, np.inf, -np.inf])
    levels = np.sort(np.abs(np.sin(places)))
    for side in ("left", "right"):
        counted = compute(
            lambda v, side=side: v.graph.cast(formulas.count_passed(v, places, side=side), "DOUBLE"), x[:-3, np.newaxis]
        )
        np.testing.assert_array_equal(counted[:, 0], np.searchsorted(places, x[:-3], side=side))
    line = compute(lambda v: formulas.interpolate(v, places, levels), x[:, np.newaxis])[:, 0]
    np.testing.assert_allclose(line, np.interp(x, places, levels), rtol=1e-12, atol=1e-12)


def test_no_place_is_passed_where_there_is_none() -> None:
    none = np.empty(0)
    counted = compute(lambda v: v.graph.cast(formulas.count_passed(v, none, side="left"), "DOUBLE"), NUMBERS[:5])
    np.testing.assert_array_equal(counted, np.zeros((5, 1)))


@pytest.mark.parametrize("n_knots", [0, 3, 5])
def test_spline_columns_are_those_of_the_basis(n_knots: int) -> None:
    knots = np.array([np.linspace(-1, 2, n_knots), np.linspace(0, 7, n_knots) ** 2 / 7])
    x = np.linspace([-50, 80], [50, -90], 997)
    found = compute(lambda v: formulas.spline_columns(v, knots), x)
    expected = np.hstack([spline_basis(x[:, j], knots[j]) for j in range(2)])
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)
