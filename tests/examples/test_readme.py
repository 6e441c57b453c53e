"""Every python block of every README runs as written, in order, with nothing around it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from riskdec.cli import main

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```python[^\S\n]*\n(.*?)^```[^\S\n]*$", re.MULTILINE | re.DOTALL)
READMES = [ROOT / "README.md", *sorted(ROOT.glob("[a-z]*/**/README.md"))]


def python_blocks(text: str) -> list[tuple[int, str]]:
    """Give line number and code of each python block."""
    return [(text.count("\n", 0, match.start(1)), match.group(1)) for match in FENCE.finditer(text)]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_blocks_of_readme_run(readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "__main__"}
    for line, code in python_blocks(readme.read_text(encoding="utf-8")):
        # Empty lines in front, so that a traceback shows the line of the README.
        exec(compile("\n" * line + code, readme, "exec"), namespace)


def shell_lines(text: str) -> list[str]:
    """Give the commands of riskdec in the shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("riskdec ")]


def test_commands_of_main_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    for name in ("patients.csv", "later.csv", "new.csv"):
        table = pd.DataFrame(
            {"age": rng.normal(60, 12, 500).round(1), "lactate": rng.lognormal(0.5, 0.6, 500).round(2)}
        )
        table["ward"] = rng.choice(["medical", "surgical"], 500)
        odds = 0.05 * (table["age"] - 60) + 1.5 * np.log(table["lactate"]) - 1.5
        table["died"] = (rng.random(500) < 1 / (1 + np.exp(-odds))).astype(int)
        table["apache_risk"] = (1 / (1 + np.exp(-0.5 * odds))).round(3)
        table.to_csv(name, index=False)
    lines = shell_lines(READMES[0].read_text(encoding="utf-8"))
    assert len(lines) > 5
    for line in lines:
        done = CliRunner().invoke(main, shlex.split(line)[1:])
        assert done.exit_code == 0, (line, done.output)


def test_main_readme_has_a_python_block() -> None:
    assert python_blocks(READMES[0].read_text(encoding="utf-8"))


def test_python_blocks_are_found_with_their_lines() -> None:
    text = "One\n\n```python\na = 1\n```\n\n```sh\nmake\n```\n\n```python\nb = a\nc = b\n```\n"
    assert python_blocks(text) == [(3, "a = 1\n"), (11, "b = a\nc = b\n")]
