"""A writer that is killed leaves the old file or the new one, whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from riskdec._base.modelfile import read_model, write_model

if TYPE_CHECKING:
    from pathlib import Path

# Writes versions 1, 2, 3, ... of one file as fast as it can, until it is killed.
WRITER = """
import sys, itertools, numpy as np
from riskdec._base.modelfile import write_model
for version in itertools.count(1):
    write_model(sys.argv[1], kind="Any", header={"version": version}, arrays={"x": np.full(200_000, float(version))})
    print(version, flush=True)
"""
# Stops inside `write`, after this many bytes of the new file.
STOPS = """
import os, sys, numpy as np
from riskdec._base import files, modelfile
class Stopping:
    def __init__(self, stream): self.stream = stream
    def write(self, raw):
        self.stream.write(bytes(raw)[: int(sys.argv[2])]); self.stream.flush(); os._exit(9)
old = modelfile.replacing
from contextlib import contextmanager
@contextmanager
def replacing(path):
    with old(path) as stream:
        yield Stopping(stream)
modelfile.replacing = replacing
modelfile.write_model(sys.argv[1], kind="Any", header={"version": 2}, arrays={"x": np.full(1000, 2.0)})
"""

# Every writer of the package, killed by the system at some byte of its second file: prints what is left.
WRITERS = """
import os, sys, signal, warnings
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
warnings.simplefilter("ignore")
from riskdec._base import files
real, stop_at = files.replacing, [None]
class Stopping:
    def __init__(self, stream): self.stream, self.left = stream, stop_at[0]
    def write(self, raw):
        raw = bytes(raw)
        if self.left is None:
            return self.stream.write(raw)
        self.stream.write(raw[: self.left]); self.stream.flush(); self.left -= len(raw)
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return len(raw)
    def __getattr__(self, name): return getattr(self.stream, name)
@contextmanager
def replacing(path):
    with real(path) as stream:
        yield Stopping(stream)
files.replacing = replacing

import numpy as np, pandas as pd, riskdec as rd
from riskdec.cli.output import write_figure, write_table
rng = np.random.default_rng(0)
X, risk = pd.DataFrame({"a": rng.normal(size=200)}), rng.random(200)
y = (rng.random(200) < risk).astype(int)
model = rd.LogisticRiskModel().fit(X, y)
report = rd.diagnose(y, risk, n_resamples=99, rng=0)
costs = {"false_positive": 1, "false_negative": 4, "defer": 0.3}
writers = {
    "model.riskdec": model.save,
    "deciding.riskdec": rd.DecisionClassifier(rd.LogisticRiskModel(), costs).fit(X, y).save,
    "calibrator.riskdec": rd.PlattCalibrator().fit(risk, y).save,
    "sums.riskdec": rd.CalibrationSums.from_rows(y, risk).save,
    "report.html": report.to_html,
    "card.md": rd.model_card(model, title="x", report=report).save,
    "table.csv": lambda path: write_table(X, path),
    "table.tsv.gz": lambda path: write_table(X, path),
    "table.parquet" if find_spec("pyarrow") else "other.csv": lambda path: write_table(X, path),
    "figure.png": lambda path: write_figure(report.plot(), path),
}
folder = Path(sys.argv[1])
for name, write in writers.items():
    path = folder / name
    stop_at[0] = None
    write(path)
    old = path.read_bytes()
    for share in (0.0, 0.01, 0.5, 1.0):
        stop_at[0] = int(share * (len(old) - 1))
        child = os.fork()
        if child == 0:
            write(path)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        left = "old" if path.read_bytes() == old else "spoilt"
        print(name, stop_at[0], "killed" if killed else "ended", left, flush=True)
"""


def whole(path: Path) -> int:
    """Give the version of a file, every number of which must be that version."""
    found = read_model(path)
    version = int(found.header["version"])
    assert (found.arrays["x"] == version).all()
    return version


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()})


@pytest.mark.parametrize("delay", [0.0, 0.003, 0.011, 0.02])
def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path, delay: float) -> None:
    path = tmp_path / "model.riskdec"
    with start(WRITER, path) as writer:
        assert writer.stdout is not None
        written = int(writer.stdout.readline())
        time.sleep(delay)
        writer.kill()
        rest = [int(line) for line in writer.stdout]
    written = max([written, *rest])
    # The last version said to be written, or the one that had replaced it before it could be said.
    assert whole(path) in (written, written + 1)


@pytest.mark.parametrize("n_bytes", [0, 1, 8, 300, 4000, 8100])
def test_a_writer_that_dies_at_any_byte_leaves_the_old_file(tmp_path: Path, n_bytes: int) -> None:
    path = tmp_path / "model.riskdec"
    write_model(path, kind="Any", header={"version": 1}, arrays={"x": np.full(1000, 1.0)})
    with start(STOPS, path, n_bytes) as writer:
        assert writer.wait(60) == 9
    assert whole(path) == 1


def test_every_writer_that_is_killed_leaves_the_old_file(tmp_path: Path) -> None:
    with start(WRITERS, tmp_path) as writer:
        assert writer.stdout is not None
        lines = [line.split() for line in writer.stdout]
    assert writer.returncode == 0
    assert len({line[0] for line in lines}) == 10
    assert len(lines) == 40
    # A writer may get by with fewer bytes the second time, and end; what it leaves is then a whole file.
    assert sum(line[2] == "killed" for line in lines) >= 36
    assert all(line[3] == "old" for line in lines if line[2] == "killed")
