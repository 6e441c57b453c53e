"""Every file can be read in one sitting."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("riskdec", "tests", "tools", "benchmarks", "simulations", "docs")
SIGN = 300
LIMIT = 400


def test_no_file_is_longer_than_one_sitting() -> None:
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    too_long = [f"{path.relative_to(ROOT)}: {n} lines" for path, n in lengths.items() if n > LIMIT]
    long = [f"{path.relative_to(ROOT)}: {n}" for path, n in lengths.items() if SIGN < n <= LIMIT]
    assert files
    assert not too_long, (
        f"{too_long}: above {LIMIT} lines a file holds more than one idea; split it. "
        f"From {SIGN} on it is worth a look: {long}"
    )
