"""The demonstration: every number of its story comes out of an independent computation too."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import statsmodels.api as sm
from click.testing import CliRunner

from riskdec.cli import main
from riskdec.cli.study import run_study, story, study_page
from riskdec.datasets import load_health_insurance

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.cli.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return run_study(seed=0)


@pytest.fixture(scope="module")
def peer() -> dict[str, Any]:
    """The same split, fitted by statsmodels, with and without natural weights."""
    train, test = load_health_insurance().split(test_share=0.4, rng=0)
    X, X_test = sm.add_constant(train.X.to_numpy()), sm.add_constant(test.X.to_numpy())
    plain = sm.Logit(train.y, X).fit(disp=0, tol=1e-12)
    cluster = sm.Logit(train.y, X).fit(disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": train.person})
    ratio = (train.y == 0).sum() / (train.y == 1).sum()
    weight = np.where(train.y == 1, ratio, 1.0)
    weighted = sm.GLM(train.y, X, family=sm.families.Binomial(), var_weights=weight).fit(tol=1e-12)
    return {
        "plain": plain,
        "cluster": cluster,
        "weighted": weighted,
        "ratio": ratio,
        "y": test.y,
        "risk": plain.predict(X_test),
        "weighted_risk": weighted.predict(X_test),
    }


def test_coefficients_and_both_standard_errors_equal_statsmodels(study: Study, peer: dict[str, Any]) -> None:
    np.testing.assert_allclose(study.fit.coef, peer["plain"].params, rtol=1e-9)
    np.testing.assert_allclose(study.fit.standard_errors("model"), peer["plain"].bse, rtol=1e-9)
    np.testing.assert_allclose(study.fit.standard_errors("cluster"), peer["cluster"].bse, rtol=1e-9)


def test_calibration_equals_offset_and_slope_models_of_statsmodels(study: Study, peer: dict[str, Any]) -> None:
    logit = np.log(peer["risk"] / (1 - peer["risk"]))
    binomial = sm.families.Binomial()
    citl = sm.GLM(peer["y"], np.ones(len(logit)), family=binomial, offset=logit).fit(tol=1e-12)
    slope = sm.GLM(peer["y"], sm.add_constant(logit), family=binomial).fit(tol=1e-12)
    assert study.report.citl.estimate == pytest.approx(citl.params[0], abs=1e-8)
    assert study.report.slope.estimate == pytest.approx(slope.params[1], abs=1e-8)
    assert study.report.intercept.estimate == pytest.approx(slope.params[0], abs=1e-8)
    assert study.report.mean_risk == pytest.approx(peer["risk"].mean(), abs=1e-10)
    assert study.above_half == (peer["risk"] > 0.5).sum()
    assert study.report.brier == pytest.approx(np.mean((peer["y"] - peer["risk"]) ** 2), abs=1e-10)


def test_comparison_equals_the_weighted_fit_of_statsmodels(study: Study, peer: dict[str, Any]) -> None:
    row = next(row for row in study.comparison.rows if (row.scheme, row.repair) == ("natural", "raw"))
    assert row.weight_ratio == pytest.approx(peer["ratio"])
    assert row.mean_risk == pytest.approx(peer["weighted_risk"].mean(), abs=1e-9)
    agree = (peer["weighted_risk"] >= 0.5) == (peer["risk"] >= 1 / (1 + peer["ratio"]))
    assert row.agreement_with_mle_cut == pytest.approx(agree.mean())
    shifts = np.array([line.shift for line in study.comparison.coefficients])
    np.testing.assert_allclose(shifts, peer["weighted"].params - peer["plain"].params, atol=1e-8)


def test_decisions_and_their_cost_equal_the_closed_form(study: Study, peer: dict[str, Any]) -> None:
    risk, y = peer["risk"], peer["y"]
    low, high = 0.6 / 15, 1 - 0.6
    cost = np.where(risk < low, 15 * y, np.where(risk < high, 0.6, 1 - y))
    assert study.decisions.counts.tolist() == [
        (risk < low).sum(),
        (risk >= high).sum(),
        ((risk >= low) & (risk < high)).sum(),
    ]
    assert study.evaluation.mean_realised_cost == pytest.approx(cost.mean())
    baselines = {line.name: line.mean_realised_cost for line in study.evaluation.baselines}
    assert baselines == pytest.approx(
        {
            "always leave": 15 * y.mean(),
            "always treat": (1 - y).mean(),
            "always defer": 0.6,
            "forced choice": np.where(risk < 1 / 16, 15 * y, 1 - y).mean(),
            "0.5 cut": np.where(risk < 0.5, 15 * y, 1 - y).mean(),
        }
    )


def test_story_holds_the_numbers_of_the_answers(study: Study) -> None:
    text = " ".join(story(study))
    for number in (study.report.mean_risk, study.report.prevalence):
        assert f"{100 * number:.1f} %" in text
    assert f"(here {study.above_half} of 8,133)" in text
    assert f"costs {study.evaluation.baselines[-1].mean_realised_cost:.3g} per person-year" in text
    assert "majority class" in text
    assert len(story(study)) == 5


def test_headline_compares_with_the_best_simple_rule_and_the_half_cut(study: Study) -> None:
    lines = {line.name: line.mean_realised_cost for line in study.evaluation.baselines}
    best = min(lines, key=lines.__getitem__)
    answer = study_page(study).answer
    assert f"{lines[best]:.3g} for the best simple rule, {best}" in answer
    assert f"{lines['0.5 cut']:.3g} for the 0.5 cut" in answer


def test_demo_prints_a_story_and_the_path_of_the_page(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    answer = CliRunner().invoke(main, ["demo", "--out", str(out)])
    assert answer.exit_code == 0, answer.output
    assert answer.output.rstrip().endswith(str(out))
    assert re.search(r"about 1\.4 times the model-based ones", answer.output)
    for heading in ("Estimate", "Diagnose", "natural weights", "Decide", "The story"):
        assert heading in answer.output
    page = out.read_text(encoding="utf-8")
    assert len(page) < 1_000_000
    assert page.count("<img") == 4


def test_demo_gives_json_alone_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    arguments = ["demo", "--json", "--seed", "5", "--out", str(tmp_path / "page.html")]
    first, second = (CliRunner().invoke(main, arguments) for _ in range(2))
    answer = json.loads(first.stdout)
    assert answer == json.loads(second.stdout)
    assert answer["data"]["rows"] == 20190
    assert {"fit", "calibration", "weighting", "decisions", "evaluation", "story"} <= set(answer)
    # Rows and points of curves are on the page and in Python; here they would bury the rest.
    assert len(first.stdout) < 60_000


def test_demo_refuses_a_folder_that_does_not_exist_before_any_work(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["demo", "--out", str(tmp_path / "no" / "page.html")])
    assert answer.exit_code == 2
    assert "must lie in a folder that exists" in answer.stderr
