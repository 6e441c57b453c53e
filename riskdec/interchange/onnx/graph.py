"""A graph under construction: its values can be added, compared and multiplied, and each operation is one node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from types import ModuleType

    from riskdec._base.typing import AnyArray

# What runtimes of the last four years read: onnxruntime since 1.12.
OPSET = 17
IR_VERSION = 8
# Operators of classical learners; only the one that finds the place of a text is used.
ML_DOMAIN = "ai.onnx.ml"
ML_OPSET = 2
# What a column without a name is called, and what names of ours begin with, so that columns keep theirs.
_NAMELESS = "column"
_OWN = "riskdec/"


class Graph:
    """Nodes, constants and inputs, in the order in which they were asked for.

    Parameters
    ----------
    onnx : module
        The package.
    outputs : sequence of str
        Names that inputs must not have.
    """

    def __init__(self, onnx: ModuleType, *, outputs: tuple[str, ...]) -> None:
        self._onnx = onnx
        self._used = set(outputs)
        self.inputs: dict[str, Any] = {}
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.refused: list[Value] = []

    def add_input(self, wanted: str, *, width: int, is_text: bool = False) -> Value:
        """Add an input of shape (n, width), of numbers or of text, under the wanted name if that is free."""
        # What UTF-8 cannot write, and the character that ends a name in C, give way.
        name = wanted.encode("utf-8", "replace").decode().replace("\0", "?") or _NAMELESS
        name = self._free(name)
        kind = self._onnx.TensorProto.STRING if is_text else self._onnx.TensorProto.DOUBLE
        self.inputs[name] = self._onnx.helper.make_tensor_value_info(name, kind, ["n", width])
        return Value(self, name)

    def constant(self, values: AnyArray | float) -> Value:
        """Add a constant: numbers become double or, whole ones, int64; text stays text."""
        array = np.asarray(values)
        if array.dtype.kind == "f":
            array = array.astype(np.float64)
        elif array.dtype.kind in "iu":
            array = array.astype(np.int64)
        name = self._free(f"{_OWN}constant {len(self.constants)}")
        self.constants.append(self._onnx.numpy_helper.from_array(array, name))
        return Value(self, name)

    def add(self, operator: str, *operands: Value, domain: str = "", **attributes: Any) -> Value:
        """Add a node of one output."""
        name = self._free(f"{_OWN}{operator} {len(self.nodes)}")
        names = [operand.name for operand in operands]
        node = self._onnx.helper.make_node(operator, names, [name], domain=domain, **attributes)
        self.nodes.append(node)
        return Value(self, name)

    def add_output(self, name: str, value: Value, *, kind: int, shape: list[str | int]) -> Any:
        """Give a value the name of an output."""
        self.nodes.append(self._onnx.helper.make_node("Identity", [value.name], [name]))
        return self._onnx.helper.make_tensor_value_info(name, kind, shape)

    def refuse(self, rows: Value) -> None:
        """Mark rows, shape (n, 1), that the model would refuse."""
        self.refused.append(rows)

    def cast(self, value: Value, kind: str) -> Value:
        """Turn truth values or whole numbers into DOUBLE or INT64."""
        return self.add("Cast", value, to=getattr(self._onnx.TensorProto, kind))

    def _free(self, name: str) -> str:
        free, tries = name, 1
        while free in self._used:
            tries += 1
            free = f"{name} ({tries})"
        self._used.add(free)
        return free


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """What a node gives: a tensor whose first axis is the rows, or a constant.

    Attributes
    ----------
    graph : Graph
        Where it belongs.
    name : str
        Its name there.
    """

    graph: Graph
    name: str

    def __add__(self, other: Value | AnyArray | float) -> Value:
        return self._with("Add", other)

    def __sub__(self, other: Value | AnyArray | float) -> Value:
        return self._with("Sub", other)

    def __mul__(self, other: Value | AnyArray | float) -> Value:
        return self._with("Mul", other)

    def __truediv__(self, other: Value | AnyArray | float) -> Value:
        return self._with("Div", other)

    def __matmul__(self, other: Value | AnyArray) -> Value:
        return self._with("MatMul", other)

    def __gt__(self, other: float) -> Value:
        return self._with("Greater", other)

    def __ge__(self, other: float) -> Value:
        return self._with("GreaterOrEqual", other)

    def __lt__(self, other: float) -> Value:
        return self._with("Less", other)

    def __le__(self, other: float) -> Value:
        return self._with("LessOrEqual", other)

    def __or__(self, other: Value) -> Value:
        return self._with("Or", other)

    def __invert__(self) -> Value:
        return self.graph.add("Not", self)

    def __neg__(self) -> Value:
        return self.graph.add("Neg", self)

    def equals(self, other: Value | AnyArray | float) -> Value:
        """Compare; ``==`` is left to Python."""
        return self._with("Equal", other)

    def columns(self, places: list[int]) -> Value:
        """Give columns of a value of shape (n, p): shape (n, len(places))."""
        return self.graph.add("Gather", self, self.graph.constant(np.array(places)), axis=1)

    def _with(self, operator: str, other: Value | AnyArray | float) -> Value:
        operand = other if isinstance(other, Value) else self.graph.constant(other)
        return self.graph.add(operator, self, operand)
