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
