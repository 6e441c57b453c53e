"""Value of a validation study: limits, closed forms and laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from riskdec import decision_curve, value_of_validation
from riskdec.errors import InputError

RNG = np.random.default_rng(21)
RISK = RNG.beta(1, 6, 400)
NOISY = np.clip(RISK + RNG.normal(0, 0.05, 400), 0, 1)
Y = RNG.random(400) < RISK
PREDICTIONS = {"a": RISK, "b": NOISY}
VALUE = value_of_validation(Y, PREDICTIONS, threshold=0.1, sizes=(0, 50, 500, 5000, 500_000))


def test_posterior_mean_is_near_the_net_benefit() -> None:
    curve = decision_curve(Y, PREDICTIONS, thresholds=[0.1])
    ours = [0.0, curve.treat_all[0], *curve.net_benefit[:, 0]]
    assert pytest.approx(ours, abs=0.003) == VALUE.mean
    assert VALUE.names == ("treat none", "treat all", "a", "b")
    assert VALUE.mean[0] == 0


def test_limits_are_about_those_of_the_standard_error() -> None:
    curve = decision_curve(Y, PREDICTIONS, thresholds=[0.1])
    half = (VALUE.high - VALUE.low)[2:] / 2
    assert half == pytest.approx(1.96 * curve.standard_error[:, 0], rel=0.08)


def test_evsi_grows_from_nothing_to_perfect_information() -> None:
    slack = 4 * VALUE.evpi_error
    assert VALUE.evsi[0] == 0
    assert (np.diff(VALUE.evsi) > -slack).all()
    assert VALUE.evsi[-1] == pytest.approx(VALUE.evpi, abs=slack)
    assert (VALUE.evsi <= VALUE.evpi + slack).all()


def test_probabilities_are_probabilities() -> None:
    assert VALUE.probability_best.sum() == pytest.approx(1)
    assert VALUE.probability_useful[0] == 0
    assert VALUE.probability_useful[1] == 0
    assert VALUE.evpi >= 0


def test_evpi_of_two_strategies_is_that_of_a_normal_difference() -> None:
    # A model against treating none, treating all being hopeless: EVPI = s phi(m/s) - |m| Phi(-|m|/s).
    rng = np.random.default_rng(3)
    risk = rng.random(3000)
    y = rng.random(3000) < np.where(risk > 0.5, 0.52, 0.1)
    value = value_of_validation(y, {"m": risk}, threshold=0.5, n_draws=200_000)
    z = (risk >= 0.5) * np.where(y, 1.0, -1.0)
    m, s = z.mean(), z.std() / np.sqrt(3000)
    closed = s * norm.pdf(m / s) - abs(m) * norm.cdf(-abs(m) / s)
    assert value.evpi == pytest.approx(closed, rel=0.08)


def test_equal_models_leave_nothing_to_learn_between_them() -> None:
    one = value_of_validation(Y, {"a": RISK}, threshold=0.1)
    two = value_of_validation(Y, {"a": RISK, "b": RISK}, threshold=0.1, prior=1e-9)
    assert two.evpi == pytest.approx(one.evpi, abs=4 * (one.evpi_error + two.evpi_error))
    assert two.mean[2] == pytest.approx(two.mean[3], abs=1e-9)


def test_same_seed_gives_the_same_answer_and_weights_equal_repetition() -> None:
    weight = np.random.default_rng(0).integers(0, 3, 400)
    weighted = value_of_validation(Y, PREDICTIONS, threshold=0.1, sample_weight=weight, sizes=(100,))
    rows = np.repeat(np.arange(400), weight)
    repeated = value_of_validation(Y[rows], {k: v[rows] for k, v in PREDICTIONS.items()}, threshold=0.1, sizes=(100,))
    assert weighted.to_dict() == repeated.to_dict()


def test_answer_prints() -> None:
    text = str(VALUE.summary())
    assert "P(best)" in text
    assert "everything" in text
    assert len(VALUE.frame()) == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"threshold": 1.0}, "threshold must lie strictly"),
        ({"predictions": {}}, "one to 8 models"),
        ({"prior": 0}, "prior must be a number above 0"),
        ({"sizes": (-1,)}, "sizes must be a whole number"),
        ({"n_draws": 1}, "n_draws must"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        value_of_validation(Y, **{"predictions": PREDICTIONS, "threshold": 0.1, **change})
