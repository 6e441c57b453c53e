"""The answer of a comparison: its table, its frame, its dictionary, its pickle."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riskdec import LogisticRiskModel, compare_weighting

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingComparison
    from riskdec.weighting import WeightingRow


def test_summary_reads_in_110_columns_and_says_the_split(right: WeightingComparison) -> None:
    table = right.summary()
    text = "\n".join(str(replace(section, notes=())) for section in table.sections if section.title != "Findings")
    assert max(map(len, text.splitlines())) <= 110
    for section in table.sections[:-1]:
        assert section.notes[0].startswith("Read: ")
    assert "Random split, stratified by the outcome: 1,800 rows to fit on, 1,200 to judge on." in str(table)
    assert "realised cost per row" in text
    assert "Coefficients under 'natural'" in text


def test_frame_has_one_row_per_scheme_and_repair_with_every_figure(
    right: WeightingComparison, draw: Callable[..., Any]
) -> None:
    frame = right.frame()
    assert frame.shape[0] == len(right.rows) == 11
    assert {"scheme", "repair", "citl", "citl_low", "citl_high", "cost_difference_high"} <= set(frame.columns)
    plain = compare_weighting(LogisticRiskModel(), *draw(5), rng=0).frame()
    assert "mean_realised_cost" not in plain.columns


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
