"""Models and calibrators as graphs of standard ONNX operators, in double precision."""
