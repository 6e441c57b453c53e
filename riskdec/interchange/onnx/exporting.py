"""From a fitted model to an ONNX file: the graph of its probabilities, its labels, and what is said about them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import choose_event
from riskdec._base.files import replacing
from riskdec._base.optional import require
from riskdec._base.version import VERSION
from riskdec.calibration import Calibrator
from riskdec.errors import InputError
from riskdec.interchange.onnx.formulas import is_nan, where
from riskdec.interchange.onnx.graph import IR_VERSION, ML_DOMAIN, ML_OPSET, OPSET, Graph
from riskdec.interchange.onnx.labels import label_of, tensor_labels
from riskdec.interchange.onnx.probabilities import open_inputs, probabilities
from riskdec.models.faces import RiskFaces, require_fitted
from riskdec.nn import CNNRiskModel

if TYPE_CHECKING:
    import os
    from types import ModuleType

_OUTPUTS = ("probabilities", "label")
_ABOUT = (
    "Probabilities of the outcomes in the order of the metadata's `outcomes`, in double precision, made by riskdec. "
    "A graph cannot refuse a row: where the model would, the probabilities are nan, and the label is the empty text, "
    "the least int64 or nan. To act on risks, set costs against each other: the label is a cut at 0.5."
)


def to_onnx(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write a fitted model or calibrator as a graph of standard ONNX operators, which runs without riskdec and Python.

    Parameters
    ----------
    model : risk model or calibrator
        A fitted `LogisticRiskModel`, `PooledRiskModel`, `TabularRiskModel`, `CNNRiskModel`, any calibrator, or a
        `CalibratedRiskModel` around one of riskdec's models of tables.
    path : str or path
        Where to write; an existing file is replaced.

    Returns
    -------
    Path
        The file. Its outputs are ``probabilities`` (n, K) and ``label`` (n,); those of a network are
        ``probabilities`` in float32.

    Raises
    ------
    InputError
        For classifiers of other libraries, alone or inside a model, and for formulas without a column.
    NotFittedError
        For a model that is not fitted.
    MissingExtraError
        If the package onnx is not installed.

    See Also
    --------
    riskdec.to_skops : For models that hold classifiers of other libraries.

    Notes
    -----
    **Inputs.** A model of arrays has one input ``X`` (n, p); a model of frames one input for each column that it uses,
    of shape (n, 1), under the name of the column. Numbers and truth values are double, nan where missing; categories
    are text, compared as the model does, so that ``frame[name].astype(str)`` serves numbers too. Missing text is ``""``
    (or ``"nan"``, ``"None"``, ``"<NA>"``, unless that is a level). A calibrator has ``scores`` (n, K), as
    ``predict_proba`` gives them; with one logit per row pass ``(0, z)``. A model that was fitted with an offset has the
    input ``offset``. A name that is empty, or that of an output, gets another: the metadata ``inputs`` tells which.

    **Precision.** Everything is computed in double precision and agrees with ``predict_proba`` to rounding (about
    1e-12). Where a calibrator jumps (Venn-Abers; isotonic regression between two close scores), a score within rounding
    of the jump may fall on its other side. Networks compute in float32, as in training.

    **Refusals.** A graph cannot raise: rows that the model refuses (missing or infinite numbers, new levels with
    ``unseen="error"``, values outside the domain of a function, scores that are no probabilities) get nan, and warnings
    are silent.

    **Metadata**: ``riskdec_version``, ``kind``, ``outcomes``, ``event`` (null where none is named), ``inputs``, as
    JSON. The file holds coefficients, knots, means and levels: no training row. Opset 17 of ai.onnx, and the
    LabelEncoder of ai.onnx.ml for text; checked by ``onnx.checker`` before it is written.

    Examples
    --------
    ::

        riskdec.to_onnx(model, "model.onnx")
        session = onnxruntime.InferenceSession("model.onnx")
        inputs = {"age": frame[["age"]].to_numpy(float), "sex": frame[["sex"]].astype(str).to_numpy(object)}
        proba, label = session.run(None, inputs)
    """
    onnx = require("onnx", extra="onnx", caller="to_onnx")
    target = Path(path)
    if isinstance(model, RiskFaces | Calibrator):
        require_fitted(model, "classes_")
    proto = _network(onnx, model) if isinstance(model, CNNRiskModel) else _graph(onnx, model)
    onnx.checker.check_model(proto, full_check=True)
    content = proto.SerializeToString(deterministic=True)
    with replacing(target) as stream:
        stream.write(content)
    return target


def _graph(onnx: ModuleType, model: Any) -> Any:
    graph = Graph(onnx, outputs=_OUTPUTS)
    inputs = open_inputs(graph, model)
    proba = probabilities(model, inputs)
    classes = model.classes_
    lacking = is_nan(proba.columns([0]))
    for rows in graph.refused:
        lacking = lacking | rows
    kinds = {"i": onnx.TensorProto.INT64, "f": onnx.TensorProto.DOUBLE, "O": onnx.TensorProto.STRING}
    label_kind = kinds[tensor_labels(classes).dtype.kind]
    proba = where(lacking, np.nan, proba)
    outputs = [
        graph.add_output("probabilities", proba, kind=onnx.TensorProto.DOUBLE, shape=["n", len(classes)]),
        graph.add_output("label", label_of(proba, lacking, classes), kind=label_kind, shape=["n"]),
    ]
    described = inputs.describe()
    body = onnx.helper.make_graph(
        graph.nodes,
        type(model).__name__,
        [graph.inputs[one["name"]] for one in described],
        outputs,
        graph.constants,
        doc_string=_ABOUT,
    )
    opsets = [onnx.helper.make_opsetid("", OPSET), onnx.helper.make_opsetid(ML_DOMAIN, ML_OPSET)]
    proto = onnx.helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="riskdec")
    _describe(onnx, proto, model, described)
    return proto


def _network(onnx: ModuleType, model: CNNRiskModel) -> Any:
    with TemporaryDirectory() as folder:
        proto = onnx.load(model.export(Path(folder, "network.onnx"), format="onnx"))
    images = [{"name": "images", "holds": "float32 images (n, channels, height, width), in the unit of the pixels"}]
    _describe(onnx, proto, model, images)
    return proto


def _describe(onnx: ModuleType, proto: Any, model: Any, inputs: list[dict[str, Any]]) -> None:
    classes = model.classes_
    try:
        event = choose_event(classes, vars(model).get("event_", model.event))
    except InputError:
        event = None
    told = {
        "event": event,
        "inputs": inputs,
        "kind": type(model).__name__,
        "outcomes": [value if isinstance(value, bool | int | float) else str(value) for value in classes.tolist()],
        "riskdec_version": VERSION,
    }
    onnx.helper.set_model_props(proto, {name: json.dumps(value) for name, value in told.items()})
