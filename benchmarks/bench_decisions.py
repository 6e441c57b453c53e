"""Deciding with checks of every row, against the bare product and argmin; single rows against a classifier as well."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from threadpoolctl import threadpool_limits

from benchmarks.interleave import Comparison, interleave
from riskdec import CostMatrix, LogisticRiskModel, certify_deferral, decide
from riskdec.datasets import simulate_risks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def run() -> Iterator[Comparison]:
    """Yield the comparisons for single rows, for two outcomes and for a hundred."""
    for n in (1, 1_000):
        yield from online(n)
    two = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    for n in (1_000_000, 10_000_000):
        risk = np.random.default_rng(0).beta(0.5, 8, n)
        yield from _against_product(np.column_stack([1 - risk, risk]), two, pairs=7)
    rng = np.random.default_rng(0)
    many = CostMatrix(
        np.column_stack([rng.random((100, 100)) + 5 * (1 - np.eye(100)), np.full(100, 2.0)]),
        outcomes=[f"outcome {k}" for k in range(100)],
        actions=[*(f"action {a}" for a in range(100)), "defer"],
    )
    proba = rng.random((1_000_000, 100))
    proba /= proba.sum(axis=1, keepdims=True)
    yield from _against_product(proba, many, pairs=3)


def online(n: int) -> Iterator[Comparison]:
    """Compare what a service asks: of a model with a threshold in scikit-learn, of risks with the product."""
    data = simulate_risks(1_000, n_columns=10, prevalence=0.05, rng=1_000)
    terms = {"false_positive": 1, "false_negative": 20, "defer": 0.6}
    costs = CostMatrix.binary(**terms)
    model = LogisticRiskModel().fit(data.X, data.y)
    peer = FixedThresholdClassifier(LogisticRegression(C=np.inf), threshold=1 / 21).fit(data.X, data.y)
    risks = model.predict_risk(data.X)
    policy = decide(risks, costs).policy()
    limited = decide(risks, costs, capacity={"defer": 50}).policy()
    certificate = certify_deferral(data.y, risks, max_error=0.1)
    rows, risk = data.X[:n], risks[:n]

    def threshold() -> object:
        return peer.predict(rows)

    def bare() -> object:
        return (np.column_stack([1 - risk, risk]) @ costs.costs).argmin(axis=1)

    of_model = {
        "model.decide(rows, costs)": lambda: model.decide(rows, costs),
        "model.decide(rows, dict)": lambda: model.decide(rows, terms),
    }
    of_risks = {
        "decide(risk, costs)": lambda: decide(risk, costs),
        "decide(risk, costs, keep_cost=False)": lambda: decide(risk, costs, keep_cost=False),
        "decide(risk, dict)": lambda: decide(risk, terms),
        "policy.decide(risk)": lambda: policy.decide(risk),
        "policy.decide(risk), limits": lambda: limited.decide(risk),
        "certificate.apply(risk)": lambda: certificate.apply(risk),
    }
    for name, other, jobs in (
        ("scikit-learn threshold.predict(rows)", threshold, of_model),
        ("numpy (P @ C).argmin, unchecked", bare, of_risks),
    ):
        for job, call in jobs.items():
            yield interleave(f"{job} n={n:,}", name, call, other, pairs=500)


def _against_product(proba: np.ndarray, costs: CostMatrix, *, pairs: int) -> Iterator[Comparison]:
    """Yield one comparison for each number of BLAS threads that the product may use: the best of them counts."""

    def ours() -> object:
        return decide(proba, costs, keep_cost=False)

    def bare() -> object:
        return (proba @ costs.costs).argmin(axis=1)

    n, n_outcomes = proba.shape
    label = f"decide n={n:,} K={n_outcomes} A={len(costs.actions)}, checked"
    memory = f"memory {_peak(ours):.0f} against {_peak(bare):.0f} MiB"
    for threads in (1, os.cpu_count() or 1):
        with threadpool_limits(threads, user_api="blas"):
            peer = f"numpy (P @ C).argmin, unchecked, {threads} thr"
            yield interleave(f"{label}; {memory}", peer, ours, bare, pairs=pairs)


def _peak(call: Callable[[], object]) -> float:
    """Give the largest memory that a call holds beside what was there before, in MiB."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20
