"""The four lines that a newcomer runs first, on real data."""

import shlex
from pathlib import Path

import pandas as pd

LINES = """
riskdec fit german_credit.csv.gz --target bad --event 1 --out credit.riskdec
riskdec diagnose credit.riskdec german_credit.csv.gz --target bad --html report.html
riskdec decide credit.riskdec german_credit.csv.gz --costs fp=1,fn=5,defer=0.4 --out decisions.csv
riskdec compare german_credit.csv.gz --target bad --event 1 --weights natural --html weights.html
"""


def test_the_story_runs_as_written(run, folder, shared_data):
    Path("german_credit.csv.gz").symlink_to(shared_data / "german_credit.csv.gz")
    for line in LINES.strip().splitlines():
        assert run(*shlex.split(line)[1:]).stdout
    written = pd.read_csv("decisions.csv")
    assert len(written) == 1000
    assert set(written["action"]) == {"negative", "positive", "defer"}
    for page in ("report.html", "weights.html"):
        assert Path(page).stat().st_size < 1_000_000
