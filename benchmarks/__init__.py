"""Benchmarks: peer and riskdec in one process, interleaved; run with `make bench`."""
