"""The model card: filled from results, open where only people know, and text wherever names come from outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import riskdec as rd
from riskdec.errors import InputError
from riskdec.report import model_card
from riskdec.report.card import plain
from riskdec.report.card_questions import QUESTIONS

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(6)
X = pd.DataFrame({"age": RNG.normal(60, 10, 400), "<img src=x>": RNG.normal(size=400)})
Y = (RNG.random(400) < 1 / (1 + np.exp(-(X["age"] - 60) / 8))).astype(int).to_numpy()
MODEL = rd.LogisticRiskModel().fit(X[:200], Y[:200])
COSTS = rd.CostMatrix.binary(false_positive=1, false_negative=5, defer=0.4)


def front_matter(text: str) -> dict[str, Any]:
    lines = text.split("---\n")[1].splitlines()
    return {key: json.loads(value) for key, value in (line.split(": ", 1) for line in lines)}


def test_what_results_know_is_filled_in_and_the_rest_is_asked_for() -> None:
    report = MODEL.diagnose(X[200:], Y[200:], costs=COSTS, n_resamples=99, rng=0)
    evaluation = rd.evaluate_decisions(Y[200:], MODEL.decide(X[200:], COSTS))
    card = model_card(
        MODEL,
        title="Death",
        report=report,
        evaluation=evaluation,
        costs=COSTS,
        answers={"purpose": "Triage."},
        n_looks=1,
    )
    parts = dict(card.parts)
    assert parts["Intended use and users"] == "Triage."
    asked = {question.heading for key, question in QUESTIONS.items() if key != "purpose"}
    # Nobody gave a report on subgroups.
    assert set(card.open_items) == {*asked, "Fairness"}
    assert f"{report.auc:.3f}"[:4] in parts["Performance"]
    assert "looked at once" in parts["Performance"]
    assert all(plain(sentence) in parts["Decisions"] for sentence in COSTS.sentences())
    assert f"{evaluation.mean_realised_cost:.4g}" in parts["Decisions"]
    assert f"{min(Y[:200].sum(), 200 - Y[:200].sum())} (" in parts["Sample size"]
    assert "refused" in parts["Missing values"]
    assert "odds ratio" in parts["Model specification"]


def test_front_matter_is_what_hubs_read(tmp_path: Path) -> None:
    report = MODEL.diagnose(X[200:], Y[200:], n_resamples=99, rng=0)
    card = model_card(MODEL, title='Death: "ward"\n- x', report=report, license="apache-2.0")
    front = front_matter(card.save(tmp_path / "README.md").read_text("utf-8"))
    assert front["license"] == "apache-2.0"
    assert front["library_name"] == "riskdec"
    (index,) = front["model-index"]
    assert index["name"] == 'Death: "ward"\n- x'
    (result,) = index["results"]
    metrics = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert metrics["roc_auc"] == pytest.approx(report.auc, abs=1e-4)
    assert front["metrics"] == ["roc_auc", "brier_score"]
    assert front["pipeline_tag"] == result["task"]["type"] == "tabular-classification"
    # What the Hub's description of model cards requires (huggingface/hub-docs, modelcard.md).
    assert {"type", "name"} <= set(result["dataset"])
    assert all({"type", "value"} <= set(metric) for metric in result["metrics"])


def test_items_of_tripod_ai_are_asked_for_once_and_in_their_order() -> None:
    # Collins and others (2024), BMJ 385:e078378: 27 items, those in letters as follows.
    letters = {
        3: "abc",
        5: "ab",
        6: "abc",
        8: "abc",
        9: "abc",
        12: "abcdefg",
        18: "abcdef",
        20: "abc",
        23: "ab",
        27: "abc",
    }
    known = {f"{n}{letter}" for n in range(1, 28) for letter in letters.get(n, ("",))}
    asked = [item for question in QUESTIONS.values() for item in _spread(question.items)]
    assert set(asked) <= known
    assert len(asked) == len(set(asked))
    first = [_spread(question.items)[0] for question in QUESTIONS.values()]
    assert first == sorted(first, key=lambda item: (int(item.rstrip("abcdefg")), item))


def _spread(items: str) -> list[str]:
    """Name each item of a text such as "6a to 6c, 20a"."""
    found: list[str] = []
    for part in items.split(", "):
        ends = part.split(" to ")
        number = ends[0].rstrip("abcdefg")
        found += (
            [f"{number}{letter}" for letter in map(chr, range(ord(ends[0][-1]), ord(ends[-1][-1]) + 1))]
            if len(ends) > 1
            else ends
        )
    return found


def test_models_with_a_summary_are_specified() -> None:
    calibrated = rd.CalibratedRiskModel(rd.LogisticRiskModel(), cv=3).fit(X, Y)
    parts = dict(model_card(calibrated, title="Death").parts)
    assert "LogisticRiskModel, its probabilities recalibrated by platt" in parts["Model"]
    assert "Model specification" in parts
    weighted = model_card(rd.LogisticRiskModel(class_weight="balanced").fit(X, Y), title="Death")
    assert "class weights (balanced)" in dict(weighted.parts)["Class imbalance"]


def test_names_and_answers_are_text() -> None:
    card = model_card(MODEL, title="<script>", answers={"limits": "[x](javascript:alert) **bold**\n# heading"})
    text = card.to_markdown()
    body = text.split("---\n", 2)[2]
    assert "<script>" not in body
    assert "<img" not in body
    assert r"\[x\](javascript:alert) \*\*bold\*\* # heading" in body
    assert "# &lt;script&gt;" in body


def test_training_rows_are_said_to_be_training_rows_and_looks_are_counted() -> None:
    apparent = model_card(MODEL, title="Death", report=MODEL.diagnose(X[:200], Y[:200], n_resamples=99, rng=0))
    assert "too good" in dict(apparent.parts)["Performance"]
    report = MODEL.diagnose(X[200:], Y[200:], n_resamples=99, rng=0)
    often = model_card(MODEL, title="Death", report=report, n_looks=4)
    assert "used in 4 analyses" in dict(often.parts)["Performance"]


def test_other_models_and_penalties_say_what_is_known() -> None:
    table = model_card(rd.TabularRiskModel().fit(X, Y), title="Death")
    assert "restricted cubic splines" in dict(table.parts)["Model"]
    firth = model_card(rd.LogisticRiskModel(penalty="firth").fit(X, Y), title="Death")
    assert "'firth'" in dict(firth.parts)["Model"]
    from sklearn.naive_bayes import GaussianNB

    foreign = model_card(GaussianNB().fit(X, Y), title="Death")
    assert "of another library" in dict(foreign.parts)["Model"]
    assert "Missing values" in foreign.open_items


def test_what_is_not_asked_is_refused() -> None:
    with pytest.raises(InputError, match="answers must answer purpose, .*'purposes'"):
        model_card(MODEL, title="Death", answers={"purposes": "x"})
    with pytest.raises(InputError, match="n_looks must be at least 1"):
        model_card(MODEL, title="Death", n_looks=0)
