"""Files are written whole or not at all: nothing but `_base/files.py` opens one to write."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "riskdec"
# What grows as it goes, and says so.
GROWING = {"cli/scene_output.py"}
WRITING = {"write_text", "write_bytes"}


def writes(call: ast.Call) -> bool:
    """Tell whether a call opens a file to write into."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in WRITING:
        return True
    texts = [
        one.value for one in (*call.args, *(word.value for word in call.keywords)) if isinstance(one, ast.Constant)
    ]
    return name == "open" and any(isinstance(text, str) and set(text) & set("wax") and len(text) < 4 for text in texts)


def test_nothing_else_opens_a_file_to_write() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and writes(node)
    }
    assert found == {"_base/files.py", *GROWING}
