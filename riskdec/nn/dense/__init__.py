"""Networks applied to whole images at once: the same numbers as window by window, in a fraction of the arithmetic."""

from riskdec.nn.dense.arithmetic import multiply_adds
from riskdec.nn.dense.conversion import Conversion, convert_to_dense
from riskdec.nn.dense.measuring import DenseForm, prove_dense
from riskdec.nn.dense.scanning import scan_dense
from riskdec.nn.dense.window_network import WindowNetwork, open_network

__all__ = [
    "Conversion",
    "DenseForm",
    "WindowNetwork",
    "convert_to_dense",
    "multiply_adds",
    "open_network",
    "prove_dense",
    "scan_dense",
]
