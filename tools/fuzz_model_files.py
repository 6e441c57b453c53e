"""Mutate model files, load them and ask what loads: only `ModelFileError`, no crash, no hang, no memory beyond the cap.

    python tools/fuzz_model_files.py --files 100000 --seed 0

Files of every kind are damaged in four ways: bytes changed, stretches cut, doubled or made up, entries of the header
replaced under a checksum that is right again, and arrays cut under a checksum that is right again. What loads
nevertheless was resealed on purpose: a checksum shows damage, not who made the file. It may refuse the rows that it is
asked about, and must not answer with NaN or inf.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import sys
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from model_file_samples import Sample, ask, make_samples

import riskdec as rd
from riskdec._base.modelfile import read_model, write_model
from riskdec.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Callable

# A load that takes more time of the processor than this hangs; files are a few kilobytes.
SECONDS_PER_FILE = 5
# What all loads together may add to the largest memory of the process.
MOST_EXTRA_MIB = 256
_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    10**9,
    1e300,
    "",
    "x" * 300,
    [],
    {},
    [[1, 2]],
    {"$": "tuple", "v": []},
    {"a": 1},
)


def change_bytes(raw: bytes, path: Path, rng: np.random.Generator) -> None:
    """Set a few bytes, most of them in the header."""
    content = bytearray(raw)
    stop = len(content) if rng.random() < 0.3 else min(len(content), 4000)
    for place in rng.integers(0, stop, rng.integers(1, 6)):
        content[place] = rng.integers(0, 256)
    path.write_bytes(content)


def splice(raw: bytes, path: Path, rng: np.random.Generator) -> None:
    """Cut, double or make up a stretch."""
    start, stop = sorted(rng.integers(0, len(raw) + 1, 2))
    middle = (b"", raw[start:stop] * 2, rng.bytes(int(rng.integers(0, 60))))[rng.integers(3)]
    path.write_bytes(raw[:start] + middle + raw[stop:])


def replace_entry(raw: bytes, path: Path, rng: np.random.Generator) -> None:
    """Replace one entry of the header; the checksum is that of the new file."""
    path.write_bytes(raw)
    found = read_model(path)
    header = json.loads(json.dumps(found.header))
    inner: Any = header
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        if not keys:
            break
        key = keys[rng.integers(len(keys))]
        if isinstance(inner[key], dict | list) and rng.random() < 0.8:
            inner = inner[key]
            continue
        inner[key] = _VALUES[rng.integers(len(_VALUES))]
        break
    write_model(path, kind=found.kind, header=header, arrays=found.arrays)


def cut_array(raw: bytes, path: Path, rng: np.random.Generator) -> None:
    """Shorten, empty or spoil one array; the checksum is that of the new file."""
    path.write_bytes(raw)
    found = read_model(path)
    arrays = dict(found.arrays)
    if not arrays:
        return
    name = sorted(arrays)[rng.integers(len(arrays))]
    array = arrays[name]
    changes: tuple[Callable[[], Any], ...] = (
        lambda: array[:-1] if array.ndim else array,
        lambda: np.zeros(0),
        lambda: np.full(array.shape, np.nan),
        lambda: np.full(array.shape, 1e308),
        lambda: array.astype(np.int64),
    )
    with np.errstate(invalid="ignore"):
        arrays[name] = changes[rng.integers(len(changes))]()
    write_model(path, kind=found.kind, header=found.header, arrays=arrays)


WAYS = (change_bytes, splice, replace_entry, cut_array)


def load_one(path: Path, sample: Sample) -> str:
    """Load a file under an alarm, ask what it holds, and say what came of it."""
    before = signal.signal(signal.SIGPROF, _hangs)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_PER_FILE)
    try:
        loaded = rd.load(path)
        return answer(loaded, sample)
    except ModelFileError:
        return "refused"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def answer(loaded: Any, sample: Sample) -> str:
    """Ask what was loaded nevertheless."""
    if type(loaded) is not type(sample.value):
        return "loaded as something else"
    try:
        found = ask(loaded, sample.rows)
    except TimeoutError:
        raise
    except Exception:  # noqa: BLE001 -- whatever it refuses rows with is an answer too
        return "loaded, refuses the rows"
    numbers = np.array(found)
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        message = f"it answers {numbers.ravel()[~np.isfinite(numbers.ravel())][0]}"
        raise AssertionError(message)
    return "loaded, answers"


def main() -> None:
    """Mutate and load; end with 1 where anything else than an answer or a refusal came of it."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--files", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    rng = np.random.default_rng(chosen.seed)
    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    # In memory where there is such a folder: a file is synced before it is renamed.
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else None) as name:
        samples = make_samples()
        originals = {kind: sample.value.save(Path(name, kind)) for kind, sample in samples.items()}
        contents = {kind: path.read_bytes() for kind, path in originals.items()}
        for kind, path in originals.items():
            counts[f"unchanged: {load_one(path, samples[kind])}"] += 1
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        trial, kinds = Path(name, "trial.riskdec"), list(contents)
        for number in range(chosen.files):
            kind = kinds[rng.integers(len(kinds))]
            way = WAYS[rng.integers(len(WAYS))]
            way(contents[kind], trial, rng)
            try:
                counts[f"{way.__name__}: {load_one(trial, samples[kind])}"] += 1
            except BaseException as err:
                kept = Path(f"fuzz-{chosen.seed}-{number}.riskdec")
                kept.write_bytes(trial.read_bytes())
                print(f"{kind}, {way.__name__}: {err!r}; the file is kept as {kept}")
                raise SystemExit(1) from err
    extra = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    for line in sorted(counts):
        print(f"{line:<42} {counts[line]:>8,}")
    grown = f"the largest memory grew by {extra:.0f} MiB (at most {MOST_EXTRA_MIB})"
    print(f"{chosen.files:,} files of {len(kinds)} kinds; {grown}")
    if extra > MOST_EXTRA_MIB:
        raise SystemExit(1)


def _hangs(signum: int, frame: object) -> None:
    message = f"loading took longer than {SECONDS_PER_FILE} seconds"
    raise TimeoutError(message)


if __name__ == "__main__":
    main()
