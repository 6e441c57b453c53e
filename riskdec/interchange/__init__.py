"""How do other programs run it? Models as ONNX graphs, and in the form of skops."""

from riskdec.interchange.onnx.exporting import to_onnx
from riskdec.interchange.skops import to_skops

__all__ = ["to_onnx", "to_skops"]
