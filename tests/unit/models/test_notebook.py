"""What notebooks show of fitted models: main figures and findings above scikit-learn's diagram, names as text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr

import riskdec as rd
from riskdec.errors import NotAvailableError

RNG = np.random.default_rng(2)
N = 200
EVIL = '<img src=x onerror="alert(1)">&\'"</td></table><script>alert(2)</script>'
X = pd.DataFrame(RNG.normal(size=(N, 2)), columns=["age", EVIL])
MIXED = X.assign(ward=pd.Categorical(RNG.choice(["north", EVIL], N)))
MIXED.iloc[::5, 0] = np.nan
Y = (RNG.random(N) < 1 / (1 + np.exp(-X["age"]))).astype(int).to_numpy()
LABELS = np.where(Y == 1, EVIL, "well")
STAGE = RNG.choice(["a", "b", EVIL], N)
COSTS = {"false_positive": 1, "false_negative": 5, "defer": 0.4}

MODELS: dict[str, tuple[Any, Any, Any]] = {
    "maximum likelihood": (rd.LogisticRiskModel(), X, Y),
    "ridge": (rd.LogisticRiskModel(penalty="ridge", alpha=1.0, event=EVIL), X, LABELS),
    "firth": (rd.LogisticRiskModel(penalty="firth"), X, Y),
    "class weights": (rd.LogisticRiskModel(class_weight="balanced"), X, LABELS),
    "many classes": (rd.LogisticRiskModel(), X, STAGE),
    "table": (rd.TabularRiskModel(), MIXED, Y),
    "learner": (rd.TabularRiskModel(learner=RandomForestClassifier(5, random_state=0)), MIXED, LABELS),
    "calibrated": (rd.CalibratedRiskModel(LogisticRegression(), event=EVIL), X.to_numpy(), LABELS),
    "not calibrated": (rd.CalibratedRiskModel(LogisticRegression(), method="none"), X.to_numpy(), STAGE),
    "decisions": (rd.DecisionClassifier(LogisticRegression(), COSTS, event=EVIL), X.to_numpy(), LABELS),
    "platt": (rd.PlattCalibrator(event=EVIL), RNG.random(N), LABELS),
    "isotonic": (rd.IsotonicCalibrator(), RNG.random(N), Y),
    "dirichlet": (rd.DirichletCalibrator(), RNG.dirichlet([1, 1, 1], N), STAGE),
}


class Page(HTMLParser):
    """Collects tags and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")] or tag == "input"

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture(scope="module", params=MODELS)
def fitted(request: pytest.FixtureRequest) -> Any:
    model, rows, outcomes = MODELS[request.param]
    return clone(model).fit(rows, outcomes)


def glance(model: Any) -> str:
    html: str = model._repr_html_()
    assert html.startswith("<style>")
    return html[: len(html) - len(diagram(html))]


def diagram(html: str) -> str:
    return html[html.index("<style>", 10) :]


def test_names_are_text(fitted: Any) -> None:
    page = Page(glance(fitted))
    assert not {"img", "script"} & set(page.tags)
    if EVIL in [str(label) for label in fitted.classes_.tolist()]:
        assert EVIL in page.text


def test_the_diagram_of_scikit_learn_stands_below_and_alone_elsewhere(fitted: Any) -> None:
    html = fitted._repr_html_()
    assert html.count("riskdec-glance") > 1
    alone = estimator_html_repr(fitted)
    assert "riskdec-glance" not in alone
    assert type(fitted).__name__ in diagram(html)
    assert fitted._repr_mimebundle_()["text/html"].count("riskdec-glance") == html.count("riskdec-glance")
    assert fitted._repr_mimebundle_()["text/plain"] == repr(fitted)


def test_text_display_shows_neither(fitted: Any) -> None:
    with sklearn.config_context(display="text"):
        assert not hasattr(fitted, "_repr_html_")
        assert fitted._repr_mimebundle_() == {"text/plain": repr(fitted)}


def test_an_unfitted_model_shows_its_diagram_alone(fitted: Any) -> None:
    assert "riskdec-glance" not in clone(fitted)._repr_html_()


def test_attributes_can_be_listed(fitted: Any) -> None:
    """A property that a fit does not have raises AttributeError, or no list of attributes could be made."""
    assert "classes_" in dir(fitted)
    assert make_pipeline(fitted)._repr_html_()


def test_what_a_fit_refuses_is_an_attribute_that_it_lacks() -> None:
    weighted = rd.LogisticRiskModel(class_weight="balanced").fit(X, Y)
    assert not hasattr(weighted, "aic")
    assert hasattr(weighted, "tic")
    with pytest.raises(NotAvailableError, match="weigh independent rows by counts") as told:
        weighted.bic  # noqa: B018
    assert isinstance(told.value, rd.errors.InputError)


def test_figures_of_a_logistic_regression_are_those_of_the_fit() -> None:
    model = rd.LogisticRiskModel().fit(X, Y)
    text = Page(glance(model)).text
    assert f"1: {Y.sum()} ({100 * Y.mean():.1f} %)" in text
    assert f"{model.fit_result_.log_likelihood:.3f}" in text
    assert f"{model.fit_statistics().shrinkage:.3g}" in text
    weighted = Page(glance(rd.LogisticRiskModel(class_weight="balanced").fit(X, Y))).text
    assert "these are not risks" in weighted


def test_cautions_are_shown_and_good_findings_are_not() -> None:
    few = rd.TabularRiskModel().fit(MIXED[:60], Y[:60])
    text = Page(glance(few)).text
    serious = [finding for finding in few.findings_ if finding.severity in ("issue", "caution")]
    good = [finding for finding in few.findings_ if finding.severity == "good"]
    assert serious
    assert all(finding.sentence in text for finding in serious)
    summary = text.index("summary()")
    assert all(finding.sentence not in text[:summary] for finding in good)


def test_long_summaries_stay_away() -> None:
    wide = pd.DataFrame(RNG.normal(size=(N, 80)))
    wide.columns = [f"column {j}" for j in range(80)]
    html = glance(rd.LogisticRiskModel(penalty="ridge", alpha=10.0).fit(wide, Y))
    assert "column 7" not in html
    assert "81 coefficients" in html


def test_decisions_show_what_costs_mean() -> None:
    model = rd.DecisionClassifier(LogisticRegression(), COSTS).fit(X.to_numpy(), Y)
    assert "the cheapest action is 'negative' below 8 %" in Page(glance(model)).text


def test_costs_that_are_none_are_told_where_decisions_would_be() -> None:
    model = rd.DecisionClassifier(LogisticRegression(), {"false_positive": 1, "wrong": 2}).fit(X.to_numpy(), Y)
    assert "'wrong'" in Page(glance(model)).text


def test_a_wrapped_classifier_and_a_pooled_model_are_shown() -> None:
    risky = rd.as_risk_model(LogisticRegression().fit(X.to_numpy(), LABELS), event=EVIL)
    assert "LogisticRegression as a risk model" in Page(glance(risky)).text
    pooled = rd.pool_imputations([rd.LogisticRiskModel().fit(X + 0.01 * k, Y) for k in range(3)])
    assert "img" not in Page(pooled._repr_html_()).tags  # type: ignore[attr-defined]


def test_a_network_is_shown() -> None:
    pytest.importorskip("torch")
    images = RNG.normal(size=(60, 8, 8)) + Y[:60, None, None]
    model = rd.CNNRiskModel(max_epochs=1, precision="float32", random_state=0)
    assert "riskdec-glance" not in model._repr_html_()
    text = Page(glance(model.fit(images, Y[:60]))).text
    assert "nats on held-out images" in text
    assert "calibration layer" in text
