"""Graphs are written, and asked by a runtime that knows nothing of riskdec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

import riskdec as rd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Answer(NamedTuple):
    probabilities: np.ndarray
    label: np.ndarray


@pytest.fixture
def open_session() -> Callable[[Path], Any]:
    """Open a graph in the runtime."""
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")

    def opened(file: Path) -> Any:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    return opened


@pytest.fixture
def ask(tmp_path: Path, open_session: Callable[[Path], Any]) -> Callable[..., Answer]:
    """Write a model as a graph, and ask the graph about rows: an array, or a frame column by column."""

    def asked(model: Any, rows: Any, **more: np.ndarray) -> Answer:
        session = open_session(rd.to_onnx(model, tmp_path / "model.onnx"))
        given = dict(more)
        for one in session.get_inputs():
            if one.name in given:
                continue
            if isinstance(rows, np.ndarray):
                given[one.name] = rows.astype(float)
            elif one.type == "tensor(string)":
                given[one.name] = rows[[one.name]].astype(str).to_numpy(object)
            else:
                given[one.name] = rows[[one.name]].to_numpy(float)
        return Answer(*session.run(None, given))

    return asked
