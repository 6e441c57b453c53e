"""Bad input gives an error that names what is wrong, or a finding; nothing is repaired silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from riskdec import CostMatrix, LogisticRiskModel, decide, decision_curve, diagnose, evaluate_decisions, load
from riskdec.errors import CollinearityWarning, CostMatrixWarning, InputError, ModelFileError, SeparationWarning

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(0)
X = pd.DataFrame({"age": RNG.normal(50, 10, 200), "dose": RNG.normal(size=200)})
Y = (RNG.random(200) < 1 / (1 + np.exp(-(X["age"] - 50) / 10))).astype(int).to_numpy()
COSTS = {"false_positive": 1, "false_negative": 15, "defer": 0.6}
NAMES: dict[str, Any] = {"outcomes": ("healthy", "ill"), "actions": ("wait", "treat")}


def with_value(value: float) -> pd.DataFrame:
    changed = X.copy()
    changed.loc[7, "dose"] = value
    return changed


@pytest.mark.parametrize(
    ("X", "y", "weight", "message"),
    [
        (with_value(np.nan), Y, None, "dose.*NaN|NaN.*dose|dose.*nan"),
        (with_value(np.inf), Y, None, "dose"),
        (X, np.where(np.arange(200) == 3, np.nan, Y), None, "position 3"),
        (X, np.zeros(200, dtype=int), None, "class"),
        (X, Y, np.where(np.arange(200) == 5, -1.0, 1.0), "sample_weight must .*-1.*position 5"),
        (X, Y, np.zeros(200), "sample_weight"),
        (X, Y, np.full(200, np.nan), "sample_weight"),
        (X.iloc[:0], Y[:0], None, "0 sample|no rows|at least"),
        (X.iloc[:, :0], Y, None, "0 feature|column"),
        (X, Y[:10], None, "200.*10|10.*200|inconsistent"),
    ],
    ids=[
        "nan",
        "inf",
        "nan outcome",
        "one class",
        "negative weight",
        "no weight",
        "nan weight",
        "no rows",
        "no columns",
        "lengths",
    ],
)
def test_fit_refuses(X: Any, y: Any, weight: Any, message: str) -> None:
    with pytest.raises(InputError, match=rf"(?is){message}"):
        LogisticRiskModel().fit(X, y, sample_weight=weight)


def test_separated_collinear_and_constant_columns_are_named() -> None:
    with pytest.warns(SeparationWarning, match="split"):
        LogisticRiskModel().fit(X.assign(split=Y * 1.0), Y)
    with pytest.warns(CollinearityWarning, match="double"):
        LogisticRiskModel().fit(X.assign(double=2 * X["age"]), Y)
    with pytest.warns(CollinearityWarning, match="same"):
        LogisticRiskModel().fit(X.assign(same=1.0), Y)


def test_scales_and_weights_far_apart_change_nothing() -> None:
    plain = LogisticRiskModel().fit(X, Y)
    scaled = LogisticRiskModel().fit(X.assign(age=X["age"] * 1e10, dose=X["dose"] * 1e-10), Y)
    assert scaled.predict_risk(X.assign(age=X["age"] * 1e10, dose=X["dose"] * 1e-10)) == pytest.approx(
        plain.predict_risk(X), rel=1e-9
    )
    heavy = LogisticRiskModel(weight_kind="importance").fit(X, Y, sample_weight=np.full(200, 1e12))
    assert np.asarray(heavy.coef_) == pytest.approx(np.asarray(plain.coef_), rel=1e-9)


@pytest.mark.parametrize("labels", [(1, 2), ("no", "yes")])
def test_other_labels_fit_and_ask_for_the_event_when_it_matters(labels: tuple[Any, Any]) -> None:
    model = LogisticRiskModel().fit(X, np.array(labels)[Y])
    assert set(model.predict(X)) <= set(labels)
    with pytest.raises(InputError, match="event must be given"):
        model.predict_risk(X)
    assert model.predict_risk(X, event=labels[1]) == pytest.approx(LogisticRiskModel().fit(X, Y).predict_risk(X))


def test_unknown_keywords_are_type_errors() -> None:
    with pytest.raises(TypeError):
        LogisticRiskModel(freq_weights=np.ones(3))  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        LogisticRiskModel().fit(X, Y, freq_weights=np.ones(200))  # type: ignore[call-arg]


def test_new_rows_must_have_the_columns_and_levels_of_the_fit() -> None:
    model = LogisticRiskModel().fit(X, Y)
    with pytest.raises(InputError, match="age|feature names"):
        model.predict_risk(X.rename(columns={"age": "years"}))
    assert model.predict_risk(X.iloc[:0]).shape == (0,)
    kinds = LogisticRiskModel().fit(X.assign(kind=pd.Categorical(np.where(np.arange(200) % 2, "a", "b"))), Y)
    with pytest.raises(InputError, match="kind.*'c'|'c'.*kind"):
        kinds.predict_risk(X.iloc[:3].assign(kind=pd.Categorical(["c"] * 3)))


@pytest.mark.parametrize(
    ("risk", "message"),
    [
        ([0.1, 1.2], r"must lie in \[0, 1\]; got 1.2 at position 1 \(1 of 2\)"),
        ([0.1, -0.1], "got -0.1 at position 1"),
        ([0.1, np.nan], "nan.*position 1"),
        ([[0.5, 0.6], [0.5, 0.5]], r"must sum to 1 \(within 1e-6\); got 1.1 at position 0"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [lambda p: decide(p, COSTS), lambda p: diagnose([0, 1], p), lambda p: decision_curve([0, 1], {"model": p})],
    ids=["decide", "diagnose", "decision_curve"],
)
def test_what_is_no_probability_is_refused_with_its_place(call: Any, risk: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(risk)


def test_certain_risks_are_counted() -> None:
    y, risk = np.array([0, 1, 0, 1] * 10), np.array([0.0, 0.6, 0.3, 0.0] * 10)
    assert "RD206" in {finding.code for finding in diagnose(y, risk, rng=0).findings}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[0, np.nan], [15, 0]], r"costs must be finite \(no NaN, no inf\); got nan at position \(0, 1\)"),
        ([[0, 1, 2], [15, 0, 2]], "one column per action"),
        ([[1, 1], [1, 1]], "differ between actions"),
    ],
)
def test_cost_tables_are_refused_with_reason(table: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        CostMatrix(table, **NAMES)


def test_doubtful_cost_tables_are_said_back() -> None:
    with pytest.warns(CostMatrixWarning, match="every correct decision costs more than the error"):
        CostMatrix.binary(false_positive=-1, false_negative=-15)
    with pytest.warns(CostMatrixWarning, match="never"):
        CostMatrix([[0, 1], [1, 2]], **NAMES)
    free = decide([0.1, 0.7], {"false_positive": 1, "false_negative": 15, "defer": 0.0001}, keep_cost=True)
    assert any("0.9375" in finding.todo for finding in free.findings)


def test_outcomes_that_are_not_there_are_refused() -> None:
    decisions = decide([0.1, 0.7, 0.2], COSTS)
    with pytest.raises(InputError, match="y_true"):
        evaluate_decisions([0, 1], decisions)
    with pytest.raises(InputError, match="y_true"):
        evaluate_decisions([0, 1, np.nan], decisions)


def test_broken_model_files_say_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "model.riskdec"
    LogisticRiskModel().fit(X, Y).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(ModelFileError, match=r"model\.riskdec"):
        load(path)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ModelFileError, match="(?i)sha-?256|checksum"):
        load(path)
