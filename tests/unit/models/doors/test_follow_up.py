"""A time column asks whether the outcome is censored, once, and hardly ever without reason."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import riskdec as rd
from riskdec.errors import CensoringWarning, InputError

SPLINES = {"shape": "linear", "alpha": 1.0}


@pytest.fixture
def frame(rng: np.random.Generator) -> pd.DataFrame:
    x = rng.normal(size=300)
    return pd.DataFrame(
        {"x": x, "when": rng.exponential(100, size=300), "y": (rng.random(300) < 1 / (1 + np.exp(-x))).astype(int)}
    )


@pytest.mark.parametrize(
    "name",
    [
        *("futime", "FUTIME", "follow_up", "followup_days", "Follow-up time", "fu.months", "survival_time", "survtime"),
        *("time_to_event", "days_to_event", "years_until_death", "d.time", "event_time", "os_months", "PFS.days"),
        *("overall survival", "time_at_risk", "tte"),
    ],
)
def test_names_of_follow_up_times_are_asked_about(frame: pd.DataFrame, name: str) -> None:
    data = frame.rename(columns={"when": name})
    with pytest.warns(CensoringWarning, match=f"RD116 a time to an event: the column {name!r} looks like") as caught:
        rd.LogisticRiskModel().fit(data.drop(columns="y"), data["y"])
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert "Is the outcome censored" in str(caught[0].message)
    assert "survival analysis is out of scope" in str(caught[0].message)


@pytest.mark.parametrize(
    "name",
    [
        *("time", "Time", "hour", "days", "duration", "age", "tenure", "months_since_last_visit", "time_in_hospital"),
        *("days_to_delivery", "os", "fu_manchu", "survived", "lifetime", "timestamp", "followers", "event_type"),
        *("waiting_time", "surgery_time", "prior_relapse_count"),
    ],
)
def test_other_times_are_left_in_peace(frame: pd.DataFrame, name: str) -> None:
    data = frame.rename(columns={"when": name})
    with warnings.catch_warnings():
        warnings.simplefilter("error", CensoringWarning)
        rd.LogisticRiskModel().fit(data.drop(columns="y"), data["y"].rename("fraud"))


@pytest.mark.parametrize("status", ["status", "died", "censored", "event"])
def test_a_plain_time_counts_beside_a_status(frame: pd.DataFrame, status: str) -> None:
    data = frame.rename(columns={"when": "time", "y": status})
    with pytest.warns(CensoringWarning, match="the column 'time'"):
        rd.LogisticRiskModel(formula=f"{status} ~ x").fit(data)
    with pytest.warns(CensoringWarning, match="the column 'time'"):
        rd.LogisticRiskModel().fit(data[["x", "time"]], data[status])
    with pytest.warns(CensoringWarning, match="the column 'time'"):
        rd.TabularRiskModel(**SPLINES).fit(
            pl.from_pandas(data[["x", "time"]]), pl.Series(status, data[status].to_numpy())
        )


def test_a_time_that_the_formula_leaves_out_is_asked_about(frame: pd.DataFrame) -> None:
    # Whoever knows that the time is no predictor leaves it out; the outcome beside it is as censored as before. Where
    # it is not (a death in hospital beside the days until any death), the data cannot tell, so it stays a question.
    data = frame.rename(columns={"when": "d_time", "y": "hospdead"})
    with pytest.warns(CensoringWarning, match="the column 'd_time' looks like .* Is the outcome censored") as caught:
        rd.LogisticRiskModel.from_formula("hospdead ~ x", data)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", CensoringWarning)
        rd.LogisticRiskModel.from_formula("hospdead ~ x", data[["hospdead", "x"]])


def test_flags_text_and_signed_numbers_are_no_times(frame: pd.DataFrame, rng: np.random.Generator) -> None:
    for values in (rng.integers(0, 2, 300), rng.normal(size=300), np.where(frame["x"] > 0, "long", "short")):
        data = frame[["x"]].assign(followup=values)
        with warnings.catch_warnings():
            warnings.simplefilter("error", CensoringWarning)
            rd.TabularRiskModel(**SPLINES).fit(data, frame["y"])


@pytest.mark.parametrize("options", [SPLINES, {"penalty": None, "shape": "linear"}])
def test_tabular_model_asks_once(frame: pd.DataFrame, options: Any) -> None:
    data = frame.rename(columns={"when": "futime"})
    with pytest.warns(CensoringWarning) as caught:
        rd.TabularRiskModel(**options).fit(data.drop(columns="y"), data["y"])
    assert len(caught) == 1


def test_what_takes_the_rows_again_does_not_ask_again(frame: pd.DataFrame) -> None:
    data = frame.rename(columns={"when": "futime"})
    X, y = data.drop(columns="y"), data["y"]
    with pytest.warns(CensoringWarning):
        model = rd.LogisticRiskModel().fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", CensoringWarning)
        model.predict_risk(X)
        model.conf_int(method="profile", X=X, y=y)


def two_columns(frame: pd.DataFrame, kind: str) -> Any:
    time, status = frame["when"].to_numpy(), frame["y"].to_numpy()
    if kind == "records":
        return np.array(list(zip(status.astype(bool), time, strict=True)), dtype=[("event", "?"), ("time", "f8")])
    pair = pd.DataFrame({"time": time, "status": status})
    return pair if kind == "frame" else pair.to_numpy()


@pytest.mark.parametrize("kind", ["array", "frame", "records"])
def test_a_time_and_a_status_as_outcome_are_refused_with_the_reason(frame: pd.DataFrame, kind: str) -> None:
    y = two_columns(frame, kind)
    for model in (rd.LogisticRiskModel(), rd.TabularRiskModel(**SPLINES)):
        with pytest.raises(
            InputError, match=r"^y must be one column of outcomes; got two columns like a time and"
        ) as caught:
            model.fit(frame[["x"]], y)
        assert "horizon" in str(caught.value)


def test_surv_in_a_formula_is_refused_with_the_reason(frame: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"formula must have one column as its outcome; got Surv\(.*out of scope"):
        rd.LogisticRiskModel(formula="Surv(when, y) ~ x").fit(frame)


def test_other_outcomes_of_two_columns_keep_their_own_refusal(frame: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="y must hold one label per row"):
        rd.LogisticRiskModel().fit(frame[["x"]], np.column_stack([frame["y"], 1 - frame["y"]]))
