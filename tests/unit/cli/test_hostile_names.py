"""Column names, labels and titles that would break a page, a card, a table or a terminal stay text in all of them."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

HOSTILE = (
    "<script>document.title = 'broken'</script>",
    '"><img src=x onerror="alert(1)">',
    "{{ 7 * 7 }}",
    "\u202egnp.exe",
    "=HYPERLINK(0)",
    "\x1b[31mred",
    "a | b",
    "](javascript:alert(1))",
)
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def made(folder):
    """Rows whose columns, levels and labels are hostile."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({name: rng.normal(size=640).round(3) for name in HOSTILE[:4]})
    frame[HOSTILE[4]] = rng.choice(HOSTILE, 640)
    happened = rng.random(640) < 1 / (1 + np.exp(0.5 - frame[HOSTILE[0]]))
    frame[HOSTILE[5]] = np.where(happened, HOSTILE[0], HOSTILE[4])
    frame[:240].to_csv("rows.csv", index=False)
    frame[240:].to_csv("later.csv", index=False)
    return frame


def check_page(path):
    html = Path(path).read_text("utf-8")
    outside = re.sub(r"<script[^>]*>.*?</script>", "", html, flags=re.DOTALL)
    assert "document.title" not in outside.replace("document.title = &#39;broken&#39;", "")
    assert not re.search(r"<img[^>]+onerror|href=.?javascript", outside)
    assert not STEERING.search(outside)


def test_every_command_shows_them_as_text(run, made):
    base, costs = ["--target", HOSTILE[5]], ["--costs", "fp=1,fn=5,defer=0.4"]
    printed = [
        run("fit", "rows.csv", *base, "--event", HOSTILE[0], "--out", "m.riskdec"),
        run("diagnose", "m.riskdec", "rows.csv", *base, *costs, "--html", "d.html"),
        run("decide", "m.riskdec", "rows.csv", *costs, *base, "--out", "a.csv", "--html", "a.html"),
        run("report", "m.riskdec", "rows.csv", *base, *costs, "--by", HOSTILE[4], "--out", "r.html"),
        run("curve", "rows.csv", *base, "--event", HOSTILE[0], "--model", "m.riskdec", "--out", "c.csv"),
        run("certify", "m.riskdec", "later.csv", *base, "--max-error", "0.45", "--out", "z.json"),
        run("card", "m.riskdec", "--title", HOSTILE[0], "--data", "rows.csv", *base, *costs, "--out", "card.md"),
    ]
    for result in printed:
        assert not STEERING.search(result.stdout.replace("\n", " "))
        assert not STEERING.search(result.stderr.replace("\n", " "))
    for page in ("d.html", "a.html", "r.html"):
        check_page(page)
    # The front matter is JSON, which needs no escapes for tags; a hub shows its title as text.
    card = Path("card.md").read_text("utf-8").split("\n---\n", 1)[1]
    assert "<script" not in card
    assert "<img" not in card
    assert "](javascript" not in card
    assert not STEERING.search(card.replace("\n", " "))
    written = pd.read_csv("a.csv", dtype=str)
    assert not [cell for cell in (*written.columns, *written[HOSTILE[5]]) if str(cell).startswith(("=", "+", "@"))]


def test_errors_show_them_as_text_too(run, made):
    complaint = run("fit", "rows.csv", "--target", HOSTILE[5], "--out", "m.riskdec", code=2).stderr
    assert "HYPERLINK" in complaint
    assert not STEERING.search(complaint.rstrip("\n"))
    complaint = run("fit", "rows.csv", "--target", "\u202e\x1b[31m", "--out", "m.riskdec", code=2).stderr
    assert not STEERING.search(complaint.rstrip("\n"))
