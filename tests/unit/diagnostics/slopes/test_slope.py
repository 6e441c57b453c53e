from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from scipy.stats import chi2, f, norm, t

from riskdec import calibration_slope
from riskdec.diagnostics.slopes import recalibration_fits

if TYPE_CHECKING:
    from riskdec.diagnostics import CalibrationSlope


def codes(answer: CalibrationSlope) -> set[str]:
    return {finding.code for finding in answer.findings}


@pytest.fixture
def rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    risk = expit(rng.normal(-0.5, 1, 400))
    return (rng.random(400) < expit(0.3 + 0.8 * logit(risk))).astype(int), risk


@pytest.mark.parametrize("weighted", [False, True])
def test_models_and_tests_equal_statsmodels(
    weighted: bool, rows: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> None:
    y, risk = rows
    weight = rng.integers(1, 4, 400) if weighted else np.ones(400)
    options = {"family": sm.families.Binomial(), "freq_weights": weight}
    ones, linear = np.ones(400), logit(risk)
    offset = sm.GLM(y, ones, offset=linear, **options).fit(tol=1e-12)
    line = sm.GLM(y, sm.add_constant(linear), **options).fit(tol=1e-12)
    as_given = (weight * (y * np.log(risk) + (1 - y) * np.log1p(-risk))).sum()

    ours = calibration_slope(y, risk, sample_weight=weight)
    assert ours.citl.estimate == pytest.approx(offset.params[0], rel=1e-8)
    assert (ours.intercept.estimate, ours.slope.estimate) == pytest.approx(tuple(line.params), rel=1e-8)
    for estimate, limits in (
        (ours.citl, offset.conf_int()[0]),
        (ours.intercept, line.conf_int()[0]),
        (ours.slope, line.conf_int()[1]),
    ):
        assert (estimate.low, estimate.high) == pytest.approx(tuple(limits), rel=1e-7)
    gains = [offset.llf - as_given, line.llf - offset.llf, line.llf - as_given]
    for test, gain, df in zip(ours.tests, gains, (1, 1, 2), strict=True):
        assert test.statistic == pytest.approx(2 * gain, rel=1e-7)
        assert test.df == df
        assert test.p_value == pytest.approx(chi2.sf(2 * gain, df), rel=1e-6)
        assert test.name.endswith("(likelihood ratio)")


def test_importance_weights_bring_sandwich_intervals_and_wald_tests(
    rows: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> None:
    y, risk = rows
    weight = rng.gamma(1, 1, 400)
    X = sm.add_constant(logit(risk))
    line = sm.GLM(y, X, family=sm.families.Binomial(), freq_weights=weight).fit(tol=1e-12)
    # HC0 by hand, because statsmodels takes frequency weights for counts.
    p = line.predict()
    bread = np.linalg.inv(X.T @ (X * (weight * p * (1 - p))[:, None]))
    meat = X.T @ (X * ((weight * (y - p)) ** 2)[:, None])
    covariance = bread @ meat @ bread
    ours = calibration_slope(y, risk, sample_weight=weight, weight_kind="importance")
    se = np.sqrt(np.diag(covariance))
    assert (ours.slope.high - ours.slope.low) / 2 / 1.959963984540054 == pytest.approx(se[1], rel=1e-7)
    assert (ours.intercept.high - ours.intercept.low) / 2 / 1.959963984540054 == pytest.approx(se[0], rel=1e-7)
    off = line.params - np.array([0, 1])
    wald = off @ np.linalg.inv(covariance) @ off
    assert ours.tests[2].statistic == pytest.approx(wald, rel=1e-6)
    assert ours.tests[2].p_value == pytest.approx(chi2.sf(wald, 2), rel=1e-6)
    assert [test.name.endswith("(Wald)") for test in ours.tests] == [True] * 3


def test_groups_bring_cluster_robust_intervals_with_t_quantiles(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    groups = np.arange(400) // 8
    X = sm.add_constant(logit(risk))
    theirs = sm.GLM(y, X, family=sm.families.Binomial()).fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": groups})
    ours = calibration_slope(y, risk, groups=groups)
    quantile = t.ppf(0.975, 49)
    assert (ours.slope.high - ours.slope.low) / 2 / quantile == pytest.approx(theirs.bse[1], rel=1e-6)
    off = theirs.params - np.array([0, 1])
    wald = off @ np.linalg.inv(theirs.cov_params()) @ off
    assert ours.tests[2].p_value == pytest.approx(f.sf(wald / 2, 2, 49), rel=1e-5)
    assert "RD210" in codes(ours)
    assert ours.n_groups == 50


def test_identical_rows_in_groups_widen_the_interval(rng: np.random.Generator) -> None:
    risk = expit(rng.normal(0, 1, 60))
    y = (rng.random(60) < risk).astype(int)
    y, risk, groups = (np.repeat(a, 10) for a in (y, risk, np.arange(60)))
    alone, together = calibration_slope(y, risk), calibration_slope(y, risk, groups=groups)
    ratio = (together.slope.high - together.slope.low) / (alone.slope.high - alone.slope.low)
    assert 2 < ratio < 4.5


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_a_certainty_that_proved_wrong_leaves_the_number_of_events_to_test(
    certain: float, rows: tuple[np.ndarray, np.ndarray]
) -> None:
    y, risk = rows[0].copy(), rows[1].copy()
    risk[0], y[0] = certain, 1 - int(certain)
    answer = calibration_slope(y, risk)
    assert math.isnan(answer.citl.estimate)
    assert math.isnan(answer.slope.estimate)
    sentences = {finding.code: finding for finding in answer.findings}
    assert set(sentences) == {"RD206", "RD207"}
    assert "of these certainties 1 proved wrong" in sentences["RD206"].sentence
    assert sentences["RD206"].severity == "issue"
    (test,) = answer.tests
    z = (y - risk).sum() / np.sqrt((risk * (1 - risk)).sum())
    assert (test.statistic, test.p_value) == pytest.approx((z, 2 * norm.sf(abs(z))))
    # Clipped by the caller they are assessable again.
    assert math.isfinite(calibration_slope(y, np.clip(risk, 1e-6, 1 - 1e-6)).slope.estimate)


@pytest.mark.parametrize("options", [{}, {"n_resamples": 30}, {"weight_kind": "importance"}, {"groups": None}])
def test_certainties_that_came_true_change_no_estimate_interval_or_test(
    options: dict[str, Any], rows: tuple[np.ndarray, np.ndarray]
) -> None:
    y, risk = rows
    weight, groups = np.linspace(1, 2, 400), np.arange(400) // 4
    if "weight_kind" in options:
        options = {**options, "sample_weight": weight}
    if "groups" in options:
        options = {"groups": groups}
    longer = dict(options)
    for name, filler in (("sample_weight", 1.5), ("groups", 7)):
        if name in longer:
            longer[name] = np.append(longer[name], [filler] * 3)
    alone = calibration_slope(y, risk, rng=0, **options)
    beside = calibration_slope(np.append(y, [0, 0, 1]), np.append(risk, [0, 0, 1]), rng=0, **longer)
    for name in ("citl", "intercept", "slope", "citl_profile", "slope_profile"):
        ours, theirs = getattr(beside, name), getattr(alone, name)
        assert (ours.estimate, ours.low, ours.high) == pytest.approx((theirs.estimate, theirs.low, theirs.high))
    assert [test.statistic for test in beside.tests] == pytest.approx([test.statistic for test in alone.tests])
    assert any("they are left out of calibration in the large" in one.sentence for one in beside.findings)


@pytest.mark.parametrize("weight_kind", ["frequency", "importance"])
def test_many_distinct_forecasts_are_read_in_parts_without_changing_a_digit_that_matters(
    weight_kind: str, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    risk = expit(rng.normal(-2, 1, 9_000))
    y = rng.random(9_000) < expit(0.2 + 0.9 * logit(risk))
    weight = rng.integers(1, 4, 9_000) if weight_kind == "frequency" else rng.random(9_000) + 0.5
    options = {"sample_weight": weight, "weight_kind": weight_kind}
    whole = calibration_slope(y, risk, **options)
    for name, value in (("_MANY", 5_000), ("_START", 1_000), ("_CHUNK", 2_000)):
        monkeypatch.setattr(recalibration_fits, name, value)
    # The way over all rows at once is not taken: it would be given more than the pooled rows.
    fitted = recalibration_fits.fit_binomial
    monkeypatch.setattr(recalibration_fits, "fit_binomial", lambda X, y, **given: _few(len(y), fitted(X, y, **given)))
    in_parts = calibration_slope(y, risk, **options)
    for name in ("citl", "intercept", "slope"):
        ours, theirs = getattr(in_parts, name), getattr(whole, name)
        assert (ours.estimate, ours.low, ours.high) == pytest.approx(
            (theirs.estimate, theirs.low, theirs.high), rel=1e-8
        )
    assert [test.statistic for test in in_parts.tests] == pytest.approx([t.statistic for t in whole.tests], rel=1e-6)


def _few(n: int, fit: Any) -> Any:
    assert n <= 2_000
    return fit


def test_separated_forecasts_in_parts_have_no_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalibration_fits, "_MANY", 500)
    # Pooled by threes the two outcomes overlap, single they do not.
    monkeypatch.setattr(recalibration_fits, "_START", 333)
    risk = np.linspace(0.01, 0.99, 1_000)
    answer = calibration_slope(risk > risk[499], risk)
    assert math.isnan(answer.slope.estimate)
    assert "the risks separate events from non-events" in answer.findings[-1].sentence


def test_slope_of_equal_risks_is_not_assessable_but_citl_is() -> None:
    answer = calibration_slope([0, 1, 1, 1] * 30, [0.5] * 120)
    assert answer.citl.estimate == pytest.approx(math.log(3))
    assert math.isnan(answer.slope.estimate)
    assert len(answer.tests) == 1
    assert "all risks are the same" in next(f.sentence for f in answer.findings if f.code == "RD207")


def test_slope_of_separating_risks_is_not_assessable() -> None:
    answer = calibration_slope([0] * 50 + [1] * 50, np.linspace(0.1, 0.9, 100))
    assert math.isnan(answer.slope.estimate)
    assert math.isfinite(answer.citl.estimate)
    assert "the slope is infinite" in next(f.sentence for f in answer.findings if f.code == "RD207")


def test_one_outcome_leaves_nothing_assessable() -> None:
    answer = calibration_slope([0] * 40, np.linspace(0.1, 0.4, 40))
    assert math.isnan(answer.citl.estimate)
    assert "there are no events" in next(f.sentence for f in answer.findings if f.code == "RD207")


def test_too_few_events_leave_the_exact_test_and_no_interval(rng: np.random.Generator) -> None:
    risk = rng.random(200) * 0.06
    y = np.zeros(200, dtype=int)
    y[np.argsort(risk)[[50, 120, 180, 199]]] = 1
    answer = calibration_slope(y, risk)
    assert math.isfinite(answer.slope.estimate)
    assert math.isnan(answer.slope.low)
    assert math.isnan(answer.citl.high)
    assert [test.method for test in answer.tests] == ["exact", "Monte Carlo", "Monte Carlo"]
    assert [test.df for test in answer.tests] == [None, 1, 2]
    assert next(f.severity for f in answer.findings if f.code == "RD204") == "issue"
    sentence = next(f.sentence for f in answer.findings if f.code == "RD204")
    assert "given instead: the exact test of the number of events and p-values of draws under calibration" in sentence
    # Grouped or importance-weighted rows have no exact test.
    grouped = calibration_slope(y, risk, groups=np.arange(200) // 2)
    assert grouped.tests == ()
    assert "given instead" not in next(f.sentence for f in grouped.findings if f.code == "RD204")
    weighted = calibration_slope(y, risk, sample_weight=np.ones(200), weight_kind="importance", rng=0)
    assert {test.method for test in weighted.tests} == {"Monte Carlo"}
    assert "given instead: p-values of draws" in next(f.sentence for f in weighted.findings if f.code == "RD204")


def test_findings_name_what_is_wrong() -> None:
    # A thousand rows at each of 21 risks, with as many events as these say.
    linear = np.linspace(-2, 2, 21)
    events = np.round(1000 * expit(linear))
    y, weight = np.repeat([1, 0], 21), np.concatenate([events, 1000 - events])

    def diagnosed(risk: np.ndarray) -> CalibrationSlope:
        return calibration_slope(y, np.tile(risk, 2), sample_weight=weight)

    assert codes(diagnosed(expit(linear + 0.5))) == {"RD201"}
    extreme, flat = diagnosed(expit(2 * linear)), diagnosed(expit(0.5 * linear))
    assert codes(extreme) == codes(flat) == {"RD202"}
    assert "too extreme" in extreme.findings[0].sentence
    assert "too flat" in flat.findings[0].sentence
    assert codes(diagnosed(expit(linear))) == {"RD208"}
    assert codes(diagnosed(expit(1.05 * linear))) == {"RD202"}
    # Beyond chance, but too small to matter.
    assert diagnosed(expit(1.05 * linear)).findings[0].severity == "caution"


def test_rows_of_the_fit_are_recognised(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    fitted = sm.GLM(y, sm.add_constant(logit(risk)), family=sm.families.Binomial()).fit(tol=1e-14).predict()
    answer = calibration_slope(y, fitted)
    finding = next(f for f in answer.findings if f.code == "RD211")
    assert "no p-value or interval of this report is valid" in finding.sentence
    assert "RD211" not in codes(calibration_slope(y, risk))


def test_answer_prints_and_serialises(rows: tuple[np.ndarray, np.ndarray]) -> None:
    answer = calibration_slope(*rows)
    text = str(answer.summary())
    assert "calibration in the large" in text
    assert "Findings" in text
    plain = json.loads(json.dumps(answer.to_dict()))
    assert set(plain["slope"]) == {"estimate", "low", "high"}
    assert repr(answer).startswith("<CalibrationSlope: slope ")


@pytest.mark.parametrize("edge", [1e-6, 1e-12, 1e-15])
@pytest.mark.parametrize("grouped", [False, True])
def test_a_flat_likelihood_gives_no_shift_and_says_so(edge: float, grouped: bool) -> None:
    # As many events below as non-events above: every shift between the two logits fits these rows alike.
    risk = np.repeat([edge, 1 - edge], 1000)
    y = np.tile(np.repeat([1, 0], [100, 900]), 2)
    y[1000:] = 1 - y[1000:]
    answer = calibration_slope(y, risk, groups=np.arange(2000) // 4 if grouped else None)
    assert math.isnan(answer.citl.estimate)
    assert math.isnan(answer.citl.high)
    # The slope model has two distinct risks and so a closed form: logit(0.1) at the lower, logit(0.9) at the upper.
    assert answer.slope.estimate == pytest.approx(logit(0.9) / logit(1 - edge), rel=1e-3)
    finding = next(f for f in answer.findings if f.code == "RD207")
    assert finding.sentence.startswith("Calibration in the large is not assessable: the risks are so near 0 and 1")


def test_an_extreme_but_sure_shift_keeps_its_estimate() -> None:
    risk = np.full(1000, 1e-9)
    y = np.repeat([1, 0], [100, 900])
    assert calibration_slope(y, risk).citl.estimate == pytest.approx(logit(0.1) - logit(1e-9), rel=1e-8)
