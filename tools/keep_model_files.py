"""Write a model file of every kind that has none yet under tests/kept_files, with what it answers.

    python tools/keep_model_files.py

Files of released versions are never written again: every later version must read them and give the same answers. A
new kind, or a new schema, adds files; nothing removes any.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import pandas as pd
from model_file_samples import ask, make_samples

from riskdec._base.modelfile import SCHEMA

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write what is missing."""
    folder = ROOT / "tests" / "kept_files" / f"schema_{SCHEMA}"
    folder.mkdir(parents=True, exist_ok=True)
    for kind, sample in make_samples().items():
        path = folder / f"{kind}.riskdec"
        if path.exists():
            continue
        frame = isinstance(sample.rows, pd.DataFrame)
        rows = sample.rows.to_dict("list") if frame else sample.rows.tolist()
        asked = {"rows": rows, "answer": ask(sample.value, sample.rows)}
        path.with_suffix(".json").write_text(json.dumps(asked, indent=1) + "\n", encoding="utf-8")
        sample.value.save(path)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
