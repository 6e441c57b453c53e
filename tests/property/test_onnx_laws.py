"""Whatever the formula and the table: a graph gives the probabilities of its model, and none where that refuses."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskdec as rd
from riskdec.errors import InputError

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

N = 80
FACTORS = ["a", "b", "rcs(a, 3)", "pol(b, 3)", "log(c)", "sqrt(abs(b))", "rcs(log1p(c), 4)", "s", "t", "C(k)"]
TERMS = st.builds(
    lambda factors, sign: sign.join(factors),
    st.lists(st.sampled_from(FACTORS), min_size=1, max_size=3, unique=True),
    st.sampled_from("*:"),
)
FORMULAS = st.builds(
    lambda terms, intercept: f"~ {intercept} + {' + '.join(terms)}",
    st.lists(TERMS, min_size=1, max_size=3),
    st.sampled_from("01"),
)


def make_table(rng: np.random.Generator, *, holes: float) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "a": rng.normal(size=N),
            "b": rng.normal(3, 2, N),
            "c": rng.lognormal(size=N),
            "k": rng.integers(0, 3, N).astype(float),
            "s": rng.choice(["x", "y", "z"], N),
            "t": rng.choice(["", "u"], N),
        }
    )
    for name in table.columns:
        table.loc[rng.random(N) < holes, name] = None
    return table


def run_graph(model: Any, rows: pd.DataFrame) -> np.ndarray:
    """Write the graph and ask the runtime."""
    with TemporaryDirectory() as folder:
        content = rd.to_onnx(model, Path(folder, "model.onnx")).read_bytes()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    fed = {}
    for one in session.get_inputs():
        column = rows[[one.name]]
        # "" is a level here, so what is missing is written out.
        fed[one.name] = column.astype(str).to_numpy(object) if "string" in one.type else column.to_numpy(float)
    (found,) = session.run(["probabilities"], fed)
    return found


def predicted(model: Any, rows: pd.DataFrame) -> np.ndarray:
    """Give the model's probabilities row by row, nan where it refuses."""
    with warnings.catch_warnings(action="ignore"):
        try:
            return model.predict_proba(rows)
        except InputError:
            if len(rows) == 1:
                return np.full((1, len(model.classes_)), np.nan)
        half = len(rows) // 2
        return np.concatenate([predicted(model, rows[:half]), predicted(model, rows[half:])])


@settings(max_examples=30)
@given(
    formula=FORMULAS,
    seed=st.integers(0, 2**32 - 1),
    n_classes=st.sampled_from([2, 3]),
    missing=st.sampled_from(["error", "drop"]),
    unseen=st.sampled_from(["error", "reference"]),
)
def test_formula(formula: str, seed: int, n_classes: int, missing: Any, unseen: Any) -> None:
    rng = np.random.default_rng(seed)
    y = np.arange(N) % n_classes
    model = rd.LogisticRiskModel(penalty="ridge", alpha=1.0, formula=formula, missing=missing, unseen=unseen)
    with warnings.catch_warnings(action="ignore"):
        try:
            model.fit(make_table(rng, holes=0.05 if missing == "drop" else 0.0), y)
        except InputError:
            # Two terms may give one column: then there is no model.
            return
    rows = make_table(rng, holes=0.1).head(20)
    rows.loc[0, ["s", "k"]] = ["new", 7.0]
    rows.loc[1:3, "a"] = [np.inf, 1e200, -1e9]
    rows.loc[4:6, "c"] = [0.0, -0.5, -2.0]
    np.testing.assert_allclose(run_graph(model, rows), predicted(model, rows), rtol=1e-8, atol=1e-12)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from(["splines", "linear"]),
    unseen=st.sampled_from(["error", "reference"]),
    holes=st.sampled_from([0.0, 0.02, 0.3]),
    calibration=st.sampled_from([None, "platt", "beta", "spline", "centred isotonic", "dirichlet"]),
)
@pytest.mark.filterwarnings("ignore::riskdec.errors.RiskdecWarning")
def test_mixed_table(seed: int, shape: Any, unseen: Any, holes: float, calibration: Any) -> None:
    rng = np.random.default_rng(seed)
    table = make_table(rng, holes=holes).astype({"k": object})
    table["k"] = table["k"].map(str)
    model = rd.TabularRiskModel(alpha=1.0, shape=shape, unseen=unseen, calibration=calibration)
    model.fit(table, (np.arange(N) % 3 == 0).astype(int))
    rows = make_table(rng, holes=0.2).astype({"k": object}).head(20)
    rows["k"] = rows["k"].map(str)
    rows.loc[0, "s"] = "new"
    rows.loc[1:3, "a"] = [np.inf, 1e200, -1e9]
    np.testing.assert_allclose(run_graph(model, rows), predicted(model, rows), rtol=1e-8, atol=1e-12)
