"""Built-in networks, each made from its name and a few numbers, so that a file can hold them without code."""

from riskdec.nn.architectures.building import ArchitectureArguments, build_architecture, build_from
from riskdec.nn.architectures.description import describe, layer_rows

__all__ = ["ArchitectureArguments", "build_architecture", "build_from", "describe", "layer_rows"]
