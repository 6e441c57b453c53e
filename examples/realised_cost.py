"""What decisions cost in the end: balanced weights, a tuned threshold, and `TabularRiskModel` with the user's costs.

    python examples/realised_cost.py [FOLDER [NAME ...]]

Without a folder the RAND data that ship with statsmodels are used. Rows are split 60:40 several times; a miss costs 3,
10 or 30 false alarms, deferring 0.4 of one. Printed are the mean costs of a test case, and in brackets those of each
rival less those of `decide`, with the paired standard error of one test set.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from riskdec import TabularRiskModel, evaluate_decisions
from riskdec.datasets import load_health_insurance

RATIOS = (3, 10, 30)
DEFER = 0.4
MOST_ROWS = 8000
SUPPORT2 = [
    *("age", "sex", "race", "dzgroup", "num_co", "scoma", "diabetes", "dementia", "ca", "meanbp"),
    *("wblc", "hrt", "resp", "temp", "pafi", "alb", "crea", "sod", "hospdead"),
]
# File, outcome, columns known too late or not meant as predictors.
TABLES = {
    "german_credit": ("german_credit.csv.gz", "bad", []),
    "credit_default_taiwan": ("credit_default_taiwan.parquet", "default", []),
    "bank_marketing": ("bank_marketing.csv.gz", "y", ["duration"]),
    "adult": ("adult.parquet", "income_gt_50k", ["split", "fnlwgt"]),
    "support2": ("support2.csv.gz", "hospdead", []),
    "pima_diabetes": ("pima_diabetes.csv.gz", "diabetes", []),
    "mammography": ("mammography.csv.gz", "calcification", []),
    "birthwt": ("birthwt.csv.gz", "low", ["bwt"]),
    "hmda_boston": ("hmda_boston.csv.gz", "deny", []),
}


def read(folder: Path, name: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Read one table: predictors, and 1 for the event."""
    file, outcome, drop = TABLES[name]
    path = folder / file
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    frame = frame[SUPPORT2] if name == "support2" else frame.drop(columns=drop)
    y = frame.pop(outcome)
    return frame, (y.isin([1, "yes"])).to_numpy().astype(int)


def rival(class_weight: str | None) -> object:
    """Make the usual pipeline around scikit-learn's logistic regression."""
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    texts = OneHotEncoder(handle_unknown="ignore")
    columns = make_column_transformer((numbers, make_column_selector(dtype_include="number")), remainder=texts)
    return make_pipeline(columns, LogisticRegression(class_weight=class_weight, max_iter=2000))


def losses(y: np.ndarray, positive: np.ndarray, ratio: float) -> np.ndarray:
    """Give the cost of each case without deferral."""
    return np.where(positive, y == 0, ratio * (y == 1)).astype(float)


def compare(train: tuple, test: tuple) -> dict[tuple[str, int], np.ndarray]:
    """Give the cost of each test case under each way and cost ratio."""
    (X, y), (X_test, y_test) = train, test
    found = {}
    balanced = rival("balanced").fit(X, y).predict(X_test)
    model = TabularRiskModel(event=1).fit(X, y)
    for ratio in RATIOS:
        cost = make_scorer(lambda a, b, r=ratio: -losses(a, b == 1, r).mean())
        tuned = TunedThresholdClassifierCV(rival(None), scoring=cost).fit(X, y).predict(X_test)
        found["balanced", ratio] = losses(y_test, balanced == 1, ratio)
        found["tuned", ratio] = losses(y_test, tuned == 1, ratio)
        for way, defer in (("decide", {}), ("defer", {"defer": DEFER})):
            decisions = model.decide(X_test, {"false_positive": 1, "false_negative": ratio, **defer})
            cells = decisions.costs.costs[y_test, decisions.action_index]
            assert np.isclose(cells.mean(), evaluate_decisions(y_test, decisions).mean_realised_cost)
            found[way, ratio] = cells
    return found


def splits(X: pd.DataFrame, y: np.ndarray, n_splits: int, groups: np.ndarray | None = None):
    """Yield train and test parts; rows of one group stay together."""
    groups = np.arange(len(y)) if groups is None else groups
    for seed in range(n_splits):
        people = np.random.default_rng(seed).permutation(np.unique(groups))
        chosen = people[: max(1, round(len(people) * min(1, MOST_ROWS / len(y))))]
        cut = np.split(chosen, [round(0.6 * len(chosen))])
        # Files may be sorted by time, and scikit-learn's folds are not shuffled.
        order = np.random.default_rng(seed).permutation(len(y))
        train, test = (order[np.isin(groups[order], part)] for part in cut)
        yield (X.iloc[train], y[train]), (X.iloc[test], y[test]), groups[test]


def standard_error(difference: np.ndarray, groups: np.ndarray) -> float:
    """Give the standard error of a mean over groups of cases."""
    sums = np.bincount(np.unique(groups, return_inverse=True)[1], difference - difference.mean())
    return float(np.sqrt((sums**2).sum()) / len(difference))


def report(name: str, X: pd.DataFrame, y: np.ndarray, groups: np.ndarray | None = None) -> None:
    """Print the lines of one table."""
    runs = [(compare(train, test), who) for train, test, who in splits(X, y, 5 if len(y) < 3000 else 3, groups)]
    for way in ("balanced", "tuned", "decide", "defer"):
        cells = []
        for ratio in RATIOS:
            mean = np.mean([found[way, ratio].mean() for found, _ in runs])
            gaps = [(found[way, ratio] - found["decide", ratio], who) for found, who in runs]
            gap = np.mean([d.mean() for d, _ in gaps])
            error = np.mean([standard_error(d, who) for d, who in gaps])
            cells.append(f"{mean:.3f}" + (f" ({gap:+.3f} +- {error:.3f})" if way != "decide" else " " * 18))
        sys.stdout.write(f"{name:22s} {way:9s} {'   '.join(cells)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) > 1:
        for name in sys.argv[2:] or TABLES:
            report(name, *read(Path(sys.argv[1]), name))
    else:
        data = load_health_insurance()
        report("health_insurance", data.X, data.y, data.person)
