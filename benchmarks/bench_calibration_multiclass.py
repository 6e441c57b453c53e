"""Temperature scaling of many logits, against netcal, probmetrics, scikit-learn and a plain torch loop.

A time says nothing without the temperature reached, so both temperatures stand beside it, and how much room ours took
beyond the logits. netcal gets probabilities in float64: from float32 it returns a temperature of 1 without fitting.
Peers that are not installed are left out.
"""

from __future__ import annotations

import importlib.util
import tracemalloc
import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.interleave import Comparison, interleave
from riskdec import DirichletCalibrator, TemperatureCalibrator, VectorScalingCalibrator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Rows, outcomes, pairs of runs with fast and with slow peers.
SIZES = ((100_000, 10, 7, 5), (50_000, 1_000, 3, 1))


class _Peer(NamedTuple):
    """A way to find the temperature, and how to tell it."""

    name: str
    fit: Callable[[], float]
    is_slow: bool


def run() -> Iterator[Comparison]:
    """Yield one comparison after the other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for n, k, fast, slow in SIZES:
            logits, y = _made(n, k)
            for kind in (np.float64, np.float32):
                given = logits.astype(kind, copy=False)
                for peer in _peers(given, y):
                    yield _against(given, y, peer, pairs=slow if peer.is_slow else fast)
    yield from _other_maps()


def _made(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Make logits of a network that is too confident by a factor of 1.7, and what happened."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(n, k))
    y = np.empty(n, dtype=np.int64)
    for start in range(0, n, 1_000):
        rows = slice(start, start + 1_000)
        y[rows] = (logits[rows] + rng.gumbel(size=logits[rows].shape)).argmax(axis=1)
    logits *= 1.7
    return logits, y


def _against(logits: np.ndarray, y: np.ndarray, peer: _Peer, *, pairs: int) -> Comparison:
    ours = TemperatureCalibrator(input="logit")
    job = f"temperature {len(y):,} x {logits.shape[1]:,} {logits.dtype}"
    result = interleave(job, peer.name, lambda: ours.fit(logits, y), peer.fit, pairs=pairs)
    note = f"T {ours.temperature_:.8f}, peer {peer.fit():.8f}; {_room(logits, y):.0f} MiB beyond the logits"
    return result._replace(note=note)


def _room(logits: np.ndarray, y: np.ndarray) -> float:
    """Give how many MiB a fit takes at its peak."""
    tracemalloc.start()
    TemperatureCalibrator(input="logit").fit(logits, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def _peers(logits: np.ndarray, y: np.ndarray) -> Iterator[_Peer]:
    large = logits.shape[1] > 100
    if importlib.util.find_spec("torch"):
        yield _Peer("torch LBFGS loop", lambda: _torch(logits, y), is_slow=False)
        if not large:
            yield _Peer("torch LBFGS loop, one thread", lambda: _torch(logits, y, n_threads=1), is_slow=False)
    if logits.dtype == np.float32:
        return
    proba = np.exp(logits - logits.max(axis=1, keepdims=True))
    proba /= proba.sum(axis=1, keepdims=True)
    if importlib.util.find_spec("netcal"):
        yield _Peer("netcal", lambda: _netcal(proba, y), is_slow=True)
    if importlib.util.find_spec("probmetrics"):
        yield _Peer("probmetrics temp-scaling", lambda: _probmetrics(proba, y), is_slow=True)
    if not large:
        yield _Peer("scikit-learn", lambda: _sklearn(logits, y), is_slow=True)


def _torch(logits: np.ndarray, y: np.ndarray, n_threads: int | None = None) -> float:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(n_threads or threads)
    z, codes = torch.from_numpy(logits), torch.from_numpy(y)
    inverse = torch.ones(1, dtype=z.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [inverse], max_iter=50, tolerance_grad=1e-9, tolerance_change=1e-12, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(inverse * z, codes)
        loss.backward()
        return loss

    optimiser.step(closure)
    torch.set_num_threads(threads)
    return 1 / float(inverse.detach())


def _netcal(proba: np.ndarray, y: np.ndarray) -> float:
    from netcal.scaling import TemperatureScaling

    # It names temperature what divides by it.
    return 1 / float(TemperatureScaling().fit(proba, y).temperature[0])


def _probmetrics(proba: np.ndarray, y: np.ndarray) -> float:
    from probmetrics.calibrators import get_calibrator

    peer = get_calibrator("temp-scaling")
    peer.fit(proba, y)
    return 1 / float(peer.invtemp_)


def _sklearn(logits: np.ndarray, y: np.ndarray) -> float:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator

    class Logits(ClassifierMixin, BaseEstimator):
        """A classifier whose input is its decision."""

        classes_ = np.arange(logits.shape[1])

        def fit(self, X: np.ndarray, y: np.ndarray) -> Logits:
            return self

        def __sklearn_is_fitted__(self) -> bool:
            return True

        def predict(self, X: np.ndarray) -> np.ndarray:
            return X.argmax(axis=1)

        def decision_function(self, X: np.ndarray) -> np.ndarray:
            return X

    fitted = CalibratedClassifierCV(FrozenEstimator(Logits()), method="temperature").fit(logits, y)
    return 1 / float(fitted.calibrated_classifiers_[0].calibrators[0].beta_)


def _other_maps() -> Iterator[Comparison]:
    """Time vector scaling and the Dirichlet map against the temperature of the same rows: no peer fits the same."""
    logits, y = _made(10_000, 10)
    ours = TemperatureCalibrator(input="logit")
    for other in (VectorScalingCalibrator(input="logit"), DirichletCalibrator(input="logit")):
        name = type(other).__name__
        yield interleave(
            "temperature 10,000 x 10", name, lambda: ours.fit(logits, y), lambda m=other: m.fit(logits, y), pairs=3
        )
