"""`riskdec curve`: the decision curve of models and of columns, as numbers and as a figure."""

from pathlib import Path

import numpy as np
import pandas as pd

import riskdec as rd


def test_the_curve_is_that_of_python_for_models_and_columns(run_json, data, model, table):
    table.assign(other=0.3).to_csv("with_risk.csv", index=False)
    words = ["curve", "with_risk.csv", "--target", "died", "--model", model, "--risk", "other"]
    answer = run_json(*words, "--thresholds", "0.05:0.5", "--plot", "curve.png", "--out", "curve.csv")
    risk = rd.load(model).predict_risk(table)
    wanted = rd.decision_curve(
        table["died"], {"model": risk, "other": np.full(len(table), 0.3)}, thresholds=np.linspace(0.05, 0.5, 99)
    )
    np.testing.assert_allclose(answer["threshold"], wanted.threshold)
    np.testing.assert_allclose(answer["treat_all"], wanted.treat_all)
    assert Path("curve.png").read_bytes().startswith(b"\x89PNG")
    written = pd.read_csv("curve.csv")
    assert len(written) >= 99
    assert answer["plot"] == "curve.png"


def test_what_cannot_be_drawn_is_refused(run, data, model):
    base = ["curve", data, "--target", "died"]
    assert "--model or --risk must be given" in run(*base, code=2).stderr
    assert "0.01:0.30" in run(*base, "--model", model, "--thresholds", "0.5:0.1", code=2).stderr
    assert "--risk must name a column" in run(*base, "--risk", "nothing", code=2).stderr
    assert "must hold risks from 0 to 1" in run(*base, "--risk", "age", code=2).stderr
    assert "must end with" in run(*base, "--model", model, "--plot", "curve.gif", code=2).stderr


def test_the_curve_is_weighed_drawn_on_a_page_and_about_the_event_named(run_json, data, model, table):
    words = ["curve", data, "--target", "died", "--model", model, "--event", "0", "--sample-weight", "person"]
    answer = run_json(*words, "--html", "curve.html")
    risk = rd.load(model).predict_risk(table, event=0)
    wanted = rd.decision_curve(table["died"], {"model": risk}, event=0, sample_weight=table["person"])
    assert {**wanted.to_dict(), "plot": None, "out": None, "html": "curve.html"} == answer
    assert Path("curve.html").read_text("utf-8").startswith("<!DOCTYPE html>")
