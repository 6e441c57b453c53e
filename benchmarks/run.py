"""Run every benchmark: peer and riskdec in one process, interleaved, with the ratio. No pass or fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import (
    bench_calibration_monotone,
    bench_calibration_multiclass,
    bench_calibration_parametric,
    bench_decision_curves,
    bench_decisions,
    bench_detection,
    bench_diagnostics,
    bench_logistic,
    bench_nn,
    bench_resampling,
    bench_sparse,
    bench_weighting,
)


def main() -> None:
    """Print one line for each comparison."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "as the libraries choose")
    print(f"BLAS threads of the peers: {threads}; ratios are peer over riskdec, median (range) of the pairs")
    decisions = (bench_decisions, bench_decision_curves)
    calibration = (bench_calibration_monotone, bench_calibration_parametric, bench_calibration_multiclass)
    for bench in (
        bench_logistic,
        bench_nn,
        bench_detection,
        bench_sparse,
        bench_diagnostics,
        *decisions,
        *calibration,
        bench_resampling,
        bench_weighting,
    ):
        for comparison in bench.run():
            print(comparison.line(), flush=True)


if __name__ == "__main__":
    main()
