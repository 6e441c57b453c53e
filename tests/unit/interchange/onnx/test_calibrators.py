"""Every calibrator has a graph that gives its probabilities, up to the edges of what scores can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import riskdec as rd
from riskdec.calibration.kinds import CALIBRATORS

if TYPE_CHECKING:
    from collections.abc import Callable

BINARY: dict[str, dict[str, Any]] = {
    "PlattCalibrator": {},
    "TemperatureCalibrator": {},
    "BetaCalibrator": {},
    "SplineCalibrator": {},
    "IsotonicCalibrator": {},
    "CentredIsotonicCalibrator": {},
    "VennAbersCalibrator": {},
    "CrossVennAbersCalibrator": {"cv": 3},
}
JOINT: dict[str, dict[str, Any]] = {
    "TemperatureCalibrator": {},
    "VectorScalingCalibrator": {},
    "DirichletCalibrator": {},
    "OneVsRestCalibrator": {},
}


def scored_rows(
    rng: np.random.Generator, n_outcomes: int, *, is_logit: bool, n: int = 500
) -> tuple[np.ndarray, np.ndarray]:
    logits = rng.normal(0, 1.5, (n, n_outcomes)).round(2)
    y = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    if is_logit:
        return logits, y
    # Other digits than those of the logits, and some certainties that came true.
    proba = np.exp(1.5 * logits) / np.exp(1.5 * logits).sum(axis=1, keepdims=True)
    proba[:4] = np.eye(n_outcomes)[y[:4]]
    return proba, y


def edges(n_outcomes: int, *, is_logit: bool) -> np.ndarray:
    """Corners, the way from one to the next, and numbers next to nothing."""
    share = np.concatenate([[0.0, 5e-324, 1e-300, 1e-17], np.linspace(0, 1, 41)])[:, np.newaxis]
    corners = np.eye(n_outcomes)
    paths = np.concatenate([share * corners[k] + (1 - share) * corners[k - 1] for k in range(n_outcomes)])
    return 1500 * (paths - 0.5) if is_logit else paths


def assert_same(answer: Any, calibrator: Any, scores: np.ndarray) -> None:
    expected = calibrator.predict_proba(scores)
    np.testing.assert_allclose(answer.probabilities, expected, rtol=1e-9, atol=1e-14)


def test_every_calibrator_is_looked_at_here() -> None:
    assert {*BINARY, *JOINT} == set(CALIBRATORS)


@pytest.mark.parametrize("given", ["probability", "logit"])
@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("event", [0, 1])
def test_two_outcomes(name: str, given: str, event: int, rng: np.random.Generator, ask: Callable[..., Any]) -> None:
    scores, y = scored_rows(rng, 2, is_logit=given == "logit")
    make = getattr(rd, name)(input=given, event=event, **BINARY[name])
    if name == "CrossVennAbersCalibrator":
        make.fit(scores, y, folds=np.arange(len(y)) % 3)
    else:
        make.fit(scores, y)
    assert_same(ask(make, scores), make, scores)
    # The same scores, so steps are met to the bit.
    assert_same(ask(make, edges(2, is_logit=given == "logit")), make, edges(2, is_logit=given == "logit"))


@pytest.mark.parametrize("given", ["probability", "logit"])
@pytest.mark.parametrize("name", JOINT)
@pytest.mark.parametrize("n_outcomes", [2, 3, 5])
def test_several_outcomes(
    name: str, given: str, n_outcomes: int, rng: np.random.Generator, ask: Callable[..., Any]
) -> None:
    scores, y = scored_rows(rng, n_outcomes, is_logit=given == "logit")
    labels = np.array(["a", "b", "c", "d", "e"])[y]
    event = {"event": "a"} if n_outcomes == 2 else {}
    calibrator = getattr(rd, name)(input=given, **event, **JOINT[name]).fit(scores, labels)
    answer = ask(calibrator, scores)
    assert_same(answer, calibrator, scores)
    np.testing.assert_array_equal(answer.label, calibrator.classes_[answer.probabilities.argmax(axis=1)])
    rows = edges(n_outcomes, is_logit=given == "logit")
    assert_same(ask(calibrator, rows), calibrator, rows)


@pytest.mark.parametrize("inner", ["probability", "logit"])
@pytest.mark.parametrize("name", BINARY)
def test_one_against_the_rest(name: str, inner: str, rng: np.random.Generator, ask: Callable[..., Any]) -> None:
    scores, y = scored_rows(rng, 3, is_logit=True)
    calibrator = rd.OneVsRestCalibrator(getattr(rd, name)(input=inner), input="logit").fit(scores, y)
    # Rounding differs, so no score stands exactly where a Venn-Abers risk jumps.
    fresh = scores + rng.normal(size=scores.shape)
    assert_same(ask(calibrator, fresh), calibrator, fresh)


def test_a_row_of_zero_risks_gets_the_rates(rng: np.random.Generator, ask: Callable[..., Any]) -> None:
    scores, y = scored_rows(rng, 3, is_logit=False)
    calibrator = rd.OneVsRestCalibrator(rd.IsotonicCalibrator()).fit(scores, y)
    for one in calibrator.calibrators_:
        one.levels_[:] = 0.0
    answer = ask(calibrator, scores[:3])
    np.testing.assert_allclose(answer.probabilities, np.tile(np.bincount(y) / len(y), (3, 1)), rtol=1e-12)


@pytest.mark.parametrize("parameters", ["abc", "ac", "ab"])
@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.filterwarnings("ignore::riskdec.errors.RiskdecWarning")
def test_beta_calibration_in_all_its_forms(
    parameters: Any, *, falls: bool, rng: np.random.Generator, ask: Callable[..., Any]
) -> None:
    p = rng.uniform(size=300)
    y = (rng.uniform(size=300) < (1 - p if falls else p**2)).astype(int)
    calibrator = rd.BetaCalibrator(parameters=parameters).fit(p, y)
    rows = edges(2, is_logit=False)
    assert_same(ask(calibrator, rows), calibrator, rows)


@pytest.mark.parametrize("name", ["PlattCalibrator", "TemperatureCalibrator"])
@pytest.mark.filterwarnings("ignore::riskdec.errors.RiskdecWarning")
def test_without_a_signal_certainties_get_the_rate_too(
    name: str, rng: np.random.Generator, ask: Callable[..., Any]
) -> None:
    p = rng.uniform(size=300)
    calibrator = getattr(rd, name)().fit(p, (rng.uniform(size=300) > p).astype(int))
    rows = edges(2, is_logit=False)
    assert_same(ask(calibrator, rows), calibrator, rows)


def test_steps_are_met_to_the_bit(rng: np.random.Generator, ask: Callable[..., Any]) -> None:
    risk = rng.integers(0, 40, 2000) / 40
    y = (rng.uniform(size=2000) < risk).astype(int)
    steps = np.unique(risk)
    near = np.concatenate([steps, np.nextafter(steps, 0), np.nextafter(steps, 1)])
    scores = np.column_stack([1 - near, near])
    for make in (rd.VennAbersCalibrator, rd.IsotonicCalibrator, rd.CentredIsotonicCalibrator):
        calibrator = make().fit(risk, y)
        np.testing.assert_allclose(
            ask(calibrator, scores).probabilities[:, 1], calibrator.predict_risk(near), rtol=0, atol=1e-15
        )


def test_what_is_no_score_has_no_risk(rng: np.random.Generator, ask: Callable[..., Any]) -> None:
    scores, y = scored_rows(rng, 3, is_logit=False)
    calibrator = rd.DirichletCalibrator().fit(scores, y)
    bad = np.array([[np.nan, 0.5, 0.5], [np.inf, 0, 0], [-0.1, 0.6, 0.5], [1.1, -0.1, 0.0], [0.5, 0.5, 1e-5]])
    for row in bad:
        with pytest.raises(rd.errors.InputError):
            calibrator.predict_proba(row[np.newaxis])
    answer = ask(calibrator, np.vstack([bad, scores[:1]]))
    np.testing.assert_array_equal(np.isnan(answer.probabilities).all(axis=1), [True] * 5 + [False])
    logit = rd.VennAbersCalibrator(input="logit").fit(scores[:, 0], y == 0)
    answer = ask(logit, np.array([[0.0, np.inf], [0.0, -np.inf], [0.0, np.nan], [0.0, 1.0]]))
    np.testing.assert_array_equal(np.isnan(answer.probabilities[:, 1]), [True, True, True, False])


def test_calibrator_of_ones_own_is_refused_by_name(tmp_path) -> None:
    class Halved(rd.calibration.BinaryCalibrator):
        event, input, weight_kind = None, "logit", "frequency"

        def _learn(self, rows: Any) -> None:
            self.converged_, self.findings_ = True, ()

        def _risk(self, score: np.ndarray) -> np.ndarray:
            return np.full(len(score), 0.5)

        def _limits(self, score: np.ndarray, level: float) -> np.ndarray:
            return np.full((len(score), 2), 0.5)

        def cov_params(self) -> np.ndarray:
            return np.zeros((0, 0))

        def summary(self) -> Any:
            return rd.PlattCalibrator().summary()

    pytest.importorskip("onnx")
    own = Halved().fit(np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0, 1, 0, 1]))
    with pytest.raises(rd.errors.InputError, match="calibrator must be one of riskdec's; got a Halved"):
        rd.to_onnx(own, tmp_path / "own.onnx")
    assert not list(tmp_path.iterdir())
