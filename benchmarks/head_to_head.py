"""Small comparisons of answers, not of speed: what a peer decides on the same data, in the same process.

Each line gives the figure of a peer and ours; a peer that is not installed is left out.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from riskdec import CostMatrix, best_threshold, certify_deferral, decide, decision_curve
from riskdec.decisions.certificates.exact import error_p_values

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261121


class Line(NamedTuple):
    """One comparison."""

    job: str
    peer: str
    theirs: str
    ours: str


def rare_events() -> Line:
    """Compare a threshold from a grid of 100 with the implied and the best one, a miss being 300 times as dear."""
    from sklearn.dummy import DummyClassifier
    from sklearn.metrics import confusion_matrix, make_scorer
    from sklearn.model_selection import TunedThresholdClassifierCV

    class Ready(DummyClassifier):
        """A classifier whose only column is the risk."""

        def predict_proba(self, X: np.ndarray) -> np.ndarray:
            """Give the column and its complement."""
            return np.column_stack([1 - X[:, 0], X[:, 0]])

    def gain(y: np.ndarray, action: np.ndarray) -> float:
        table = confusion_matrix(y, action, labels=[0, 1])
        return -float(table[0, 1] + 300 * table[1, 0]) / len(y)

    rng = np.random.default_rng(SEED)
    risk = 1 / (1 + np.exp(-rng.normal(-7, 2, 80_000)))
    y = (rng.random(80_000) < risk).astype(int)
    train, test = slice(0, 40_000), slice(40_000, None)
    fitted = Ready().fit(risk[train, None], y[train])
    tuned = TunedThresholdClassifierCV(fitted, scoring=make_scorer(gain), cv="prefit", refit=False)
    grid = tuned.fit(risk[train, None], y[train]).best_threshold_
    found = best_threshold(y[train], risk[train], {"false_positive": 1, "false_negative": 300})
    # The risks are the truth, so the cost of a cut on new rows is known without noise.
    cost = [
        float(np.mean(np.where(risk[test] >= cut, 1 - risk[test], 300 * risk[test])))
        for cut in (grid, found.threshold, found.bayes_threshold)
    ]
    ours = f"best cut +{cost[1] / cost[2] - 1:.1%}, implied threshold +0.0%"
    return Line(
        "cost above the best, misses 300:1, n=40,000",
        "TunedThresholdClassifierCV",
        f"+{cost[0] / cost[2] - 1:.1%}",
        ours,
    )


def selective_error(repetitions: int = 300) -> Line:
    """Give mean coverage certified at 5 % error, 90 % confidence, n = 300: Holm over 100 cuts, and a fixed sequence."""
    rng = np.random.default_rng(SEED)
    cuts = np.linspace(0, 0.5, 101)[1:]
    holm, ours = np.zeros(repetitions), np.zeros(repetitions)
    for i in range(repetitions):
        risk = rng.beta(0.4, 0.8, 300)
        y = rng.random(300) < risk
        doubt, error = np.minimum(risk, 1 - risk), (risk >= 0.5) != y
        inside = doubt[:, None] <= cuts
        p_values = error_p_values((inside & error[:, None]).sum(axis=0), inside.sum(axis=0), 0.05)
        order = np.argsort(p_values)
        passed = int(np.argmin(np.append(p_values[order] <= 0.1 / np.arange(100, 0, -1), [False])))
        holm[i] = np.mean(doubt <= cuts[order[:passed]].max(initial=-1.0))
        ours[i] = certify_deferral(y, risk, max_error=0.05, confidence_level=0.9).coverage
    return Line("coverage at 5 % error, 90 %, n=300", "Holm over 100 cuts", f"{holm.mean():.3f}", f"{ours.mean():.3f}")


def precision_control() -> Line:
    """Find thresholds that keep precision above one half with 90 % confidence, default settings, scores below 0.97."""
    from mapie.risk_control import BinaryClassificationController, precision

    rng = np.random.default_rng(SEED)
    risk = 0.96 * rng.beta(0.6, 1.5, 2000)
    y = (rng.random(2000) < risk).astype(int)

    def both(X: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - X[:, 0], X[:, 0]])

    controller = BinaryClassificationController(both, precision, target_level=0.5, confidence_level=0.9)
    controller.calibrate(risk[:, None], y)
    valid = len(np.atleast_1d(controller.valid_predict_params))
    ours = certify_deferral(y, risk, max_error={"positive": 0.5}, confidence_level=0.9)
    shown = f"certified from {ours.high:.3f} on, {ours.coverage:.0%} of cases"
    return Line("precision >= 0.5 at 90 %, n=2,000", "MAPIE, default", f"{valid} thresholds of its grid", shown)


def paired_difference() -> Line:
    """Compare standard errors of the net-benefit difference of two similar models on 2,000 cases."""
    rng = np.random.default_rng(SEED)
    logit = rng.normal(-1.5, 1, 2000)
    y = rng.random(2000) < 1 / (1 + np.exp(-logit))
    other = logit + rng.normal(0, 0.15, 2000)
    curve = decision_curve(y, {"a": 1 / (1 + np.exp(-logit)), "b": 1 / (1 + np.exp(-other))}, thresholds=[0.2])
    independent = float(np.hypot(*curve.standard_error[:, 0]))
    return Line(
        "error of a net-benefit difference, n=2,000",
        "independent errors",
        f"{independent:.4f}",
        f"{curve.difference_error[0, 0]:.4f}",
    )


def exact_p_value() -> Line:
    """Test 15 errors in 100 against a limit of 25 %: counts against a rate that was rounded up."""
    exact = error_p_values(np.array([15]), np.array([100]), 0.25)[0]
    rounded = error_p_values(np.array([np.ceil(100 * (1 - 0.85))]), np.array([100]), 0.25)[0]
    return Line(
        "p-value of 15 errors in 100, limit 25 %",
        "errors from ceil(n (1 - accuracy))",
        f"{rounded:.4f}",
        f"{exact:.4f}",
    )


def utilities() -> Line:
    """Turn utilities into costs and decide: 200 random 3 x 4 tables."""
    from expected_cost.ec import CostMatrix as PeerCosts

    rng = np.random.default_rng(SEED)
    proba, agree = rng.dirichlet(np.ones(3), 500), 0
    for _ in range(200):
        gains = rng.normal(size=(3, 4))
        names = {"outcomes": ("a", "b", "c"), "actions": ("p", "q", "r", "s")}
        chosen = decide(proba, CostMatrix.from_utilities(gains, **names)).action_index
        agree += bool((chosen == (proba @ gains).argmax(axis=1)).all())
    try:
        PeerCosts.from_utilities(gains)
        theirs = "gives costs"
    except Exception as error:  # noqa: BLE001 (whatever it raises is the answer)
        theirs = f"raises {type(error).__name__}"
    return Line("utilities to costs", "expected_cost", theirs, f"{agree} of 200 tables decide as the utilities")


def curve_of_50_000() -> Line:
    """Draw 99 thresholds of a decision curve for 50,000 cases: seconds of processor time, smallest of five."""
    import pandas as pd
    from dcurves import dca

    rng = np.random.default_rng(SEED)
    risk = rng.beta(0.5, 4, 50_000)
    y = (rng.random(50_000) < risk).astype(int)
    frame, grid = pd.DataFrame({"y": y, "risk": risk}), np.arange(1, 100) / 100
    theirs, ours = [], []
    for _ in range(5):
        start = time.process_time()
        dca(data=frame, outcome="y", modelnames=["risk"], thresholds=grid)
        theirs.append(time.process_time() - start)
        start = time.process_time()
        decision_curve(y, {"risk": risk})
        ours.append(time.process_time() - start)
    shown = f"{1000 * min(ours):.1f} ms with errors, bands and differences"
    return Line("decision curve, 99 cuts, n=50,000", "dcurves, no errors", f"{1000 * min(theirs):.0f} ms", shown)


def run() -> Iterator[Line]:
    """Yield the comparisons whose peers are installed."""
    yield rare_events()
    yield selective_error()
    if importlib.util.find_spec("mapie") is not None:
        yield precision_control()
    if importlib.util.find_spec("expected_cost") is not None:
        yield utilities()
    if importlib.util.find_spec("dcurves") is not None:
        yield curve_of_50_000()
    yield paired_difference()
    yield exact_p_value()


def main() -> None:
    """Print one line for each comparison."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for line in run():
            print(f"{line.job:<44} {line.peer:<36} {line.theirs:>30}   riskdec {line.ours}", flush=True)


if __name__ == "__main__":
    main()
