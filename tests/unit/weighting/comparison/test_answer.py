"""The answer of a comparison: its table, its frame, its dictionary, its pickle."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from riskdec import LogisticRiskModel, compare_weighting
from riskdec.weighting.comparison.tables import detail_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingComparison
    from riskdec.weighting import WeightingRow


def test_summary_reads_in_110_columns_and_says_the_split(right: WeightingComparison) -> None:
    table = right.summary()
    text = "\n".join(str(replace(section, notes=())) for section in table.sections if section.title != "Findings")
    assert max(map(len, text.splitlines())) <= 110
    assert all(section.notes[0].startswith("Read: ") for section in table.sections if section.rows)
    assert "Random split, stratified by the outcome: 1,800 rows to fit on, 1,200 to judge on." in str(table)
    # The difference of costs as fitted, with its interval, beside the name of the row.
    assert "cost" in text
    assert [line for line in text.splitlines() if line.startswith("ratio 3, undone  ")]


def test_summary_starts_with_the_verdicts_and_says_each_thing_once(right: WeightingComparison) -> None:
    first, *_, findings, more = right.summary().sections
    assert first.title == "In short"
    assert [note.split(":")[0] for note in first.notes] == [
        "Verdict on 'natural'",
        "Verdict on 'ratio 3'",
        "Fit without weights, and put the costs into the decision.",
    ]
    assert not [note for note in findings.notes if "RD411" in note]
    # What holds of both schemes is one finding with the figures of both.
    assert [note.count("'natural'") == note.count("'ratio 3'") == 1 for note in findings.notes if "RD403" in note]
    said = [
        (finding.code, finding.severity) for finding in right.findings if finding.code in ("RD401", "RD403", "RD405")
    ]
    assert len(said) == len(set(said))
    assert ".frame()" in more.notes[0]


def test_details_show_every_difference_with_its_interval(right: WeightingComparison) -> None:
    figures, differences, coefficients, *others = detail_tables(right)
    assert figures.title == "Scheme 'natural' beside 'none'"
    assert coefficients.title == "Coefficients under 'natural'"
    assert len(others) == 3
    labels = [line[0] for line in differences.rows]
    assert labels[1::2] == ["  interval"] * (len(labels) // 2)
    for name in ("calibration slope", "ICI", "cutoff calibration error", "F at 0.5", "realised cost per row"):
        assert name in labels


def test_frame_has_one_row_per_scheme_and_repair_with_every_figure(
    right: WeightingComparison, draw: Callable[..., Any]
) -> None:
    frame = right.frame()
    assert frame.shape[0] == len(right.rows) == 11
    assert {"scheme", "repair", "citl", "citl_low", "citl_high", "cost_difference_high"} <= set(frame.columns)
    plain = compare_weighting(LogisticRiskModel(), *draw(5), rng=0).frame()
    assert "mean_realised_cost" not in plain.columns


_FIGURES = {
    "citl": "citl",
    "slope": "slope",
    "ici": "ici",
    "miscalibration": "miscalibration",
    "discrimination": "discrimination",
    "cutoff_error": "cutoff_error",
    "brier": "brier",
    "log_score": "log_score",
    "auc": "auc",
    "precision_at_half": "precision_at_half",
    "recall_at_half": "recall_at_half",
    "f_at_half": "f_at_half",
    "precision_at_threshold": "precision_at_threshold",
    "recall_at_threshold": "recall_at_threshold",
    "f_at_threshold": "f_at_threshold",
    "mean_expected_cost": "expected_cost",
    "mean_realised_cost": "cost",
}


@pytest.mark.parametrize("figure", _FIGURES)
def test_every_figure_has_a_paired_difference_with_an_interval_in_every_state(
    right: WeightingComparison, figure: str
) -> None:
    frame, name = right.frame(), f"{_FIGURES[figure]}_difference"
    none = frame[figure].iloc[0]
    np.testing.assert_allclose(frame[name], frame[figure] - none, atol=1e-12)
    inside = (frame[f"{name}_low"] <= frame[name]) & (frame[name] <= frame[f"{name}_high"])
    assert inside.all()
    moved = frame[name].abs() > 1e-9
    assert (frame[f"{name}_low"] < frame[f"{name}_high"])[moved].all()


def test_to_dict_is_ready_for_json(right: WeightingComparison, costs: dict[str, float]) -> None:
    text = json.dumps(right.to_dict(), allow_nan=False)
    back = json.loads(text)
    assert back["rows"][3]["citl"].keys() == {"estimate", "low", "high"}
    assert back["costs"]["actions"] == ["negative", "positive", "defer"]
    assert len(back["shape_tests"]) == 2


def test_answer_survives_pickling(right: WeightingComparison) -> None:
    again = pickle.loads(pickle.dumps(right))
    assert again.to_dict() == right.to_dict()


def test_repr_is_one_line_with_the_means(right: WeightingComparison, row: Callable[..., WeightingRow]) -> None:
    assert "\n" not in repr(right)
    assert f"natural {row(right, 'natural').mean_risk:.3g}" in repr(right)
