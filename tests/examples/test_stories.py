"""What users write from start to end runs as written, on data made here under the names they use."""

from __future__ import annotations

import re
import shlex
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.special import expit, logit

import riskdec as rd
from riskdec.cli import main
from riskdec.errors import IncompleteRowsWarning, RiskdecWarning

if TYPE_CHECKING:
    from pathlib import Path

FROM_R = """
import pandas as pd, riskdec as rd
df = pd.read_csv("support2.csv.gz")
train, test = df.iloc[::2], df.iloc[1::2]

model = rd.LogisticRiskModel.from_formula(
    "hospdead ~ rcs(age, 4) + sex + num_co + rcs(meanbp, 5) + rcs(crea, 4) + temp", train, missing="drop")
print(model.summary())                     # coefficients, robust if asked, events per parameter, shrinkage
print(model.anova())                       # by term: overall, non-linear, interactions
risk = model.predict_risk(test)            # rows that cannot be predicted come back as nan, and a finding says how many
low_high = model.risk_interval(test, confidence_level=0.9)

report = model.diagnose(test)              # the outcome is found by the formula
print(report.summary())
report.plot().figure.savefig("calibration.png")
optimism = rd.validate_by_bootstrap(model, train, n_resamples=RESAMPLES, random_state=1)
print(optimism.summary())                  # apparent, optimism, corrected: slope, citl, ICI, Brier, AUC
"""

FORECASTS = """
import pandas as pd, riskdec as rd
games = pd.read_csv("forecast538_nba_games.csv.gz").dropna(subset=["prob1", "prob1_outcome"])
report = rd.diagnose(
    games.prob1_outcome, games.prob1, costs={"false_positive": 1, "false_negative": 1, "defer": 0.3}, rng=0)
print(report.summary())                    # ends with the regret sentence
report.to_html("report.html")
curve = rd.decision_curve(games.prob1_outcome, {"538": games.prob1})
curve.plot().figure.savefig("curve.png")
"""

# Fewer trees, so that the test takes a second.
BOOSTED = "HistGradientBoostingClassifier(max_iter=10)"
PIPELINE = """
import pandas as pd, riskdec as rd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_validate
german = pd.read_csv("german_credit.csv.gz")
X, y = german.drop(columns="bad").select_dtypes("number"), german["bad"]
costs = rd.CostMatrix.binary(false_positive=1, false_negative=5)

boosted = rd.CalibratedRiskModel(HistGradientBoostingClassifier(), method="auto", cv=5)
scores = cross_validate(rd.DecisionClassifier(boosted, costs), X, y, cv=5, scoring=rd.expected_cost_scorer(costs))
print(scores["test_score"])
print(rd.as_risk_model(boosted.fit(X, y)).decide(X, costs=costs).summary())
"""


def make_patients(folder: Path, n: int = 1600) -> None:
    rng = np.random.default_rng(7)
    age, pressure, creatinine = rng.normal(62, 15, n), rng.normal(85, 25, n), rng.lognormal(0.3, 0.6, n)
    patients = pd.DataFrame(
        {
            "age": age,
            "sex": rng.choice(["female", "male"], n),
            "num_co": rng.integers(0, 6, n),
            "meanbp": pressure,
            "crea": creatinine,
            "temp": rng.normal(37, 1, n),
        }
    )
    odds = -1.5 + 0.03 * (age - 62) + 0.001 * (pressure - 85) ** 2 + 0.5 * np.log(creatinine)
    patients["hospdead"] = (rng.random(n) < expit(odds)).astype(int)
    patients.loc[rng.random(n) < 0.02, "crea"] = np.nan
    patients.to_csv(folder / "support2.csv.gz", index=False)


def make_games(folder: Path, n: int = 3000) -> None:
    rng = np.random.default_rng(8)
    said = expit(rng.normal(0.3, 0.9, n)).round(3)
    games = pd.DataFrame({"prob1": said, "prob1_outcome": (rng.random(n) < expit(logit(said) * 0.9)).astype(float)})
    games.loc[:4, "prob1_outcome"] = np.nan
    games.to_csv(folder / "forecast538_nba_games.csv.gz", index=False)


def make_loans(folder: Path, n: int = 400) -> None:
    rng = np.random.default_rng(9)
    months, amount, rate = rng.integers(6, 60, n), rng.lognormal(7.5, 0.8, n).round(), rng.integers(1, 5, n)
    loans = pd.DataFrame({"duration": months, "amount": amount, "rate": rate, "purpose": rng.choice(["car", "tv"], n)})
    loans["bad"] = (rng.random(n) < expit(-2 + 0.12 * (months - 30) + 0.6 * (rate - 2))).astype(int)
    loans.to_csv(folder / "german_credit.csv.gz", index=False)


def run(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(folder)
    namespace: dict[str, Any] = {}
    exec(compile(code, "story", "exec"), namespace)
    return namespace


def test_story_of_a_modeller_who_comes_from_r(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_patients(tmp_path)
    with pytest.warns(IncompleteRowsWarning):
        names = run(FROM_R.replace("RESAMPLES", "10"), tmp_path, monkeypatch)
    report, test = names["report"], names["test"]
    known = test["crea"].notna()
    assert report.n == known.sum() == np.isfinite(names["risk"]).sum()
    assert names["low_high"].shape == (800, 2)
    assert report.event == "1"
    assert not report.apparent
    assert {"RD111", "RD209"} <= {finding.code for finding in report.findings}
    assert (tmp_path / "calibration.png").stat().st_size > 10_000
    printed = capsys.readouterr().out
    for part in ("meanbp", "Levels of calibration", "weak: slope", "optimism"):
        assert part in printed
    # The same model knows its training rows, and does not praise itself.
    with pytest.warns(IncompleteRowsWarning):
        apparent = names["model"].diagnose(names["train"])
    assert apparent.apparent
    assert "1 (by construction)" in str(apparent.summary())


def test_story_of_forecasts_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_games(tmp_path)
    names = run(FORECASTS, tmp_path, monkeypatch)
    report = names["report"]
    assert report.n == 2995
    assert report.decision.thresholds == pytest.approx((0.3, 0.7))
    printed = capsys.readouterr().out
    assert "No monotone recalibration could lower your expected cost by more than" in printed
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert report.decision.sentence in page.replace("\N{NO-BREAK SPACE}", " ")
    assert (tmp_path / "curve.png").stat().st_size > 10_000


def test_story_of_a_pipeline_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_loans(tmp_path)
    names = run(PIPELINE.replace("HistGradientBoostingClassifier()", BOOSTED), tmp_path, monkeypatch)
    boosted, y = names["boosted"], names["y"]
    # Refusing everyone costs 1 for each loan that is not bad.
    assert names["scores"]["test_score"].mean() > -(1 - y.mean())
    assert boosted.choice_.methods[0] == "none"
    assert "RD514" in {finding.code for finding in boosted.findings_}
    assert "Decisions for 400 rows" in capsys.readouterr().out


def test_stories_run_on_the_real_data(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("support2.csv.gz", "forecast538_nba_games.csv.gz", "german_credit.csv.gz"):
        (tmp_path / name).symlink_to(shared_data / name)
    with warnings.catch_warnings():
        # Rows lack values, and a column that the formula leaves alone looks like a follow-up time.
        warnings.simplefilter("ignore", RiskdecWarning)
        names = run(FROM_R.replace("RESAMPLES", "3"), tmp_path, monkeypatch)
    assert names["report"].n > 4000
    report = run(FORECASTS, tmp_path, monkeypatch)["report"]
    assert report.n == 8886
    assert 0 < report.decision.regret <= report.decision.regret_high
    names = run(PIPELINE.replace("HistGradientBoostingClassifier()", BOOSTED), tmp_path, monkeypatch)
    # Refusing everyone costs 0.7 a loan.
    assert names["scores"]["test_score"].mean() > -0.7


SHELL = """
riskdec fit german_credit.csv.gz --target bad --event 1 --out credit.riskdec
riskdec diagnose credit.riskdec german_credit.csv.gz --target bad --html report.html
riskdec decide credit.riskdec german_credit.csv.gz --costs fp=1,fn=5,defer=0.4 --out decisions.csv
riskdec compare german_credit.csv.gz --target bad --event 1 --weights natural --html weights.html
"""


def run_shell(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(folder)
    printed = []
    for line in SHELL.strip().splitlines():
        done = CliRunner().invoke(main, shlex.split(line)[1:])
        assert done.exit_code == 0, done.output
        printed.append(done.output)
    return printed


def test_story_from_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_loans(tmp_path)
    printed = run_shell(tmp_path, monkeypatch)
    assert "The risk is that of bad = 1." in printed[0]
    assert "These are rows that the model was fitted on" in printed[1]
    assert "Verdict on 'natural'" in printed[3]
    loans, written = pd.read_csv(tmp_path / "german_credit.csv.gz"), pd.read_csv(tmp_path / "decisions.csv")
    pd.testing.assert_frame_equal(written[loans.columns], loans)
    wanted = rd.decide(
        rd.load(tmp_path / "credit.riskdec").predict_risk(loans.drop(columns="bad")),
        {"false_positive": 1, "false_negative": 5, "defer": 0.4},
    )
    assert written["action"].tolist() == list(wanted.action)
    # 1 - 0.4 / 1 and 0.4 / 5 are where deferring costs what deciding does.
    edges = np.select([written["risk"] < 0.08, written["risk"] < 0.6], ["negative", "defer"], "positive")
    assert written["action"].tolist() == edges.tolist()
    for page, question in (("report.html", "Can these risks be taken"), ("weights.html", "[Rr]eweighting .* help")):
        content = (tmp_path / page).read_text(encoding="utf-8")
        assert len(content) < 1_000_000
        assert re.search(question, content)


def test_story_from_the_shell_runs_on_the_real_data(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "german_credit.csv.gz").symlink_to(shared_data / "german_credit.csv.gz")
    run_shell(tmp_path, monkeypatch)
    assert len(pd.read_csv(tmp_path / "decisions.csv")) == 1000
