"""Laws of the calibrators of K outcomes, on scores of any size."""

from __future__ import annotations

import warnings

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import log_softmax

from riskdec import DirichletCalibrator, TemperatureCalibrator
from riskdec.errors import RiskdecWarning

sizes = st.integers(2, 40)
seeds = st.integers(0, 2**32 - 1)


def made(seed: int, n: int, k: int, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 2, (n, k))
    y = (sharpness * z + rng.gumbel(size=(n, k))).argmax(axis=1)
    assume(len(np.unique(y)) > 1)
    return z, y


def temperature(z: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> TemperatureCalibrator:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskdecWarning)
        return TemperatureCalibrator(input="logit", outcomes=range(z.shape[1])).fit(z, y, weight)


@given(seed=seeds, n=sizes, k=st.integers(3, 6), sharpness=st.floats(-1, 4))
def test_no_other_temperature_has_a_lower_loss_and_the_verdict_is_true(
    seed: int, n: int, k: int, sharpness: float
) -> None:
    z, y = made(seed, n, k, sharpness)
    fitted = temperature(z, y)
    own = z[np.arange(n), y]

    def loss(t: float) -> float:
        return -float(log_softmax(t * z, axis=1)[np.arange(n), y].sum())

    codes = [finding.code for finding in fitted.findings_]
    if (own == z.max(axis=1)).all():
        assert codes == ["RD503"]
    elif (own - z.mean(axis=1)).sum() <= 0:
        assert codes == ["RD502"]
        assert fitted.inverse_temperature_ == 0
    else:
        assert codes == []
        t = fitted.inverse_temperature_
        assert all(loss(t) <= loss(t * factor) + 1e-9 for factor in (0.5, 0.9, 0.999, 1.001, 1.1, 2.0))


@given(seed=seeds, n=sizes, k=st.integers(3, 6))
def test_weights_rows_columns_and_shifts(seed: int, n: int, k: int) -> None:
    z, y = made(seed, n, k, 0.7)
    rng = np.random.default_rng(seed + 1)
    counts = rng.integers(0, 3, n)
    assume(len(np.unique(y[counts > 0])) > 1)
    rows, columns = rng.permutation(np.repeat(np.arange(n), counts)), rng.permutation(k)
    weighted = temperature(z, y, counts)
    repeated = temperature(z[rows][:, columns] + rng.normal(size=(len(rows), 1)), np.argsort(columns)[y[rows]])
    np.testing.assert_allclose(repeated.inverse_temperature_, weighted.inverse_temperature_, rtol=1e-7, atol=1e-9)


@given(seed=seeds, n=sizes, k=st.integers(2, 5), power=st.integers(-3, 2))
def test_the_penalised_map_beats_the_identity_on_its_own_objective(seed: int, n: int, k: int, power: int) -> None:
    z, y = made(seed, n, k, 0.3)
    strength = 10.0**power
    # Every outcome at the same points: nothing is separated.
    points = np.vstack([np.eye(k), -np.eye(k)])
    z, y = np.vstack([z, np.repeat(points, k, axis=0)]), np.concatenate([y, np.tile(np.arange(k), 2 * k)])
    fitted = DirichletCalibrator(input="logit", off_diagonal_penalty=strength, intercept_penalty=strength).fit(z, y)

    def objective(W: np.ndarray, b: np.ndarray) -> float:
        loss = -log_softmax(z @ W.T + b, axis=1)[np.arange(len(y)), y].mean()
        off = W - np.diag(np.diag(W))
        return float(loss + strength * ((off**2).sum() / (k * (k - 1)) + (b**2).sum() / k))

    assert objective(fitted.coef_, fitted.intercept_) <= objective(np.eye(k), np.zeros(k)) + 1e-12
    np.testing.assert_allclose(fitted.predict_proba(z).sum(axis=1), 1, rtol=1e-12)
