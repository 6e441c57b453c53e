"""The pages of many outcomes, subgroups and clusters answer their question and hold figure, numbers and findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit

from riskdec.diagnostics import calibration_heterogeneity, diagnose, diagnose_subgroups
from riskdec.diagnostics.apparent import as_apparent
from riskdec.report import page_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from riskdec._base.result import Report

HOSTILE = "<script>alert(1)</script>"


def many() -> Report:
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([2, 2, 2], 300)
    y = np.array(["a", "b", HOSTILE])[(rng.random(300)[:, None] > proba.cumsum(axis=1)[:, :-1]).sum(axis=1)]
    return diagnose(y, proba[:, [1, 2, 0]] if (y == "a").any() else proba, outcomes=["a", "b", HOSTILE], n_resamples=10)


def apparent() -> Report:
    return as_apparent(many(), "These are training rows.")


def subgroups() -> Report:
    rng = np.random.default_rng(0)
    risk = expit(rng.normal(0, 1, 400))
    by = np.array(["men", HOSTILE])[rng.integers(0, 2, 400)]
    return diagnose_subgroups(rng.random(400) < risk**2, risk, by={HOSTILE: by}, n_resamples=10)


def clusters() -> Report:
    rng = np.random.default_rng(0)
    risk = expit(rng.normal(0, 1, 400))
    return calibration_heterogeneity(rng.random(400) < risk, risk, groups=np.array(["x", HOSTILE] * 200))


@pytest.mark.parametrize("make", [many, apparent, subgroups, clusters])
def test_page_is_complete_and_safe(make: Callable[[], Report], tmp_path: Path) -> None:
    report = make()
    page = page_of(report)
    assert page.question.endswith((".", "?"))
    assert page.answer.endswith(".")
    assert page.sections[0].figure is not None
    assert page.sections[0].alt
    assert page.findings == report.findings  # type: ignore[attr-defined]
    html = report.to_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert len(html) < 1_000_000


def test_answers_name_what_is_wrong() -> None:
    assert page_of(many()).answer.startswith("Not as they stand.")
    assert page_of(apparent()).answer.startswith("These rows cannot tell. These are training rows.")
    assert page_of(subgroups()).answer.startswith("Not for all.")
