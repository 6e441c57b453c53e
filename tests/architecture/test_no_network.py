"""riskdec sends nothing anywhere: no module knows the network, and the main jobs run where it is forbidden."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NETWORK = {
    *("socket", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "xmlrpc"),
    *("webbrowser", "huggingface_hub", "asyncio", "socketserver", "telnetlib"),
}
# Every call that reaches for the network ends the process; sockets inside the machine (AF_UNIX) are no network.
FORBID = """
import os, socket, sys
INET = (int(socket.AF_INET), int(socket.AF_INET6))
NAMES = ("connect", "bind", "getaddrinfo", "gethostbyname", "sendto")
EVENTS = {f"socket.{name}" for name in NAMES} | {"urllib.Request"}
def forbid(event, arguments):
    opened = event == "socket.__new__" and int(arguments[1]) in INET
    if opened or event in EVENTS:
        print("network:", event, arguments, flush=True)
        os._exit(3)
sys.addaudithook(forbid)
"""
JOBS = """
import warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd, riskdec as rd
from click.testing import CliRunner
from importlib.util import find_spec
from pathlib import Path
from riskdec.cli import main
for name in rd.__all__:
    getattr(rd, name)
rng = np.random.default_rng(0)
frame = pd.DataFrame({"age": rng.normal(60, 10, 600), "ward": rng.choice(["a", "b"], 600)})
y = (rng.random(600) < 1 / (1 + np.exp(-(frame["age"] - 60) / 8))).astype(int)
frame.assign(died=y).to_csv("rows.csv", index=False)
costs = {"false_positive": 1, "false_negative": 5, "defer": 0.4}
model = rd.TabularRiskModel().fit(frame[:300], y[:300])
report = model.diagnose(frame[300:], y[300:], costs=costs, n_resamples=99, rng=0)
report.to_html("report.html")
rd.evaluate_decisions(y[300:], model.decide(frame[300:], costs)).to_html("decisions.html")
rd.model_card(model, title="x", report=report).save("card.md")
rd.load(model.save("model.riskdec")).predict_risk(frame)
if find_spec("torch") is not None:
    images = rng.integers(0, 255, (60, 12, 12)).astype(np.uint8)
    rd.CNNRiskModel(architecture="valid", max_epochs=1, random_state=0).fit(images, np.arange(60) % 2).save("n.riskdec")
for words in (
    "fit rows.csv --target died --out m.riskdec",
    "diagnose m.riskdec rows.csv --target died --html d.html",
    "decide m.riskdec rows.csv --costs fp=1,fn=5,defer=0.4 --out a.csv",
    "card m.riskdec --title x --out c.md",
):
    result = CliRunner().invoke(main, words.split())
    assert result.exit_code == 0, (words, result.output)
print("done")
"""


def imported(path: Path) -> set[str]:
    """Name the packages that a module imports, wherever in it; `urllib.parse` works on text alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names if name.name != "urllib.parse"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module != "urllib.parse":
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("room", sorted(path.name for path in (ROOT / "riskdec").iterdir() if path.name[0] != "_"))
def test_no_module_knows_the_network(room: str) -> None:
    start = ROOT / "riskdec" / room
    for path in [start] if start.suffix == ".py" else sorted(start.rglob("*.py")):
        assert not imported(path) & NETWORK, path


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", FORBID + program]
    where = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, capture_output=True, text=True, cwd=folder, env=where, timeout=300, check=False)


def test_the_main_jobs_open_no_connection(tmp_path: Path) -> None:
    done = run(JOBS, tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("done")


def test_a_connection_would_be_noticed(tmp_path: Path) -> None:
    assert run("socket.create_connection(('localhost', 9), timeout=1)", tmp_path).returncode == 3
