"""What reweighting the loss does to a logistic model, told on local copies of public data sets.

    python examples/weighting_study.py [FOLDER [NAME ...]]

The folder holds any of `german_credit.csv.gz`, `mammography.csv.gz`, `credit_default_taiwan.parquet` and
`bank_marketing.csv.gz`, as published, with outcomes 0/1 or no/yes; files that are not there are passed over. Without a
folder the RAND data that ship with statsmodels are used. Rows are split 60:40; the model is a logistic regression with
one straight line for each number, without and with natural weights `(|C1|, |C0|)`. Printed are the weights read as
costs, what they did to the risks, what the same costs give in the decision, and whether anything is left for weights.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

import riskdec as rd
from riskdec.datasets import load_health_insurance


class Source(NamedTuple):
    """File, outcome, columns left out (known too late, or with a level in three rows), cost of a miss."""

    file: str
    outcome: str
    drop: tuple[str, ...]
    miss: float


# A miss costs so many false alarms: 5 is what the makers of german_credit state, the others are assumptions.
SOURCES = {
    "german_credit": Source("german_credit.csv.gz", "bad", (), 5),
    "mammography": Source("mammography.csv.gz", "calcification", (), 20),
    "credit_default_taiwan": Source("credit_default_taiwan.parquet", "default", (), 5),
    "bank_marketing": Source("bank_marketing.csv.gz", "y", ("duration", "default"), 5),
}
SEED = 20261121


class Split(NamedTuple):
    """Rows to fit on and rows to judge on, with the group of each row where rows belong together."""

    X: pd.DataFrame
    y: np.ndarray
    X_test: pd.DataFrame
    y_test: np.ndarray
    groups: np.ndarray | None
    groups_test: np.ndarray | None


def read(folder: Path, source: Source) -> tuple[pd.DataFrame, np.ndarray]:
    """Read one table: predictors, and 1 for the event."""
    path = folder / source.file
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    y = frame.pop(source.outcome).isin([1, "yes"]).to_numpy().astype(int)
    return frame.drop(columns=list(source.drop)), y


def split(X: pd.DataFrame, y: np.ndarray, groups: np.ndarray | None = None) -> Split:
    """Set 40 % of the rows aside, of events and others alike, or of the groups."""
    units, strata = (np.arange(len(y)), y) if groups is None else (np.unique(groups), None)
    chosen, _ = train_test_split(units, train_size=0.6, stratify=strata, random_state=SEED)
    train = np.isin(np.arange(len(y)) if groups is None else groups, chosen)
    known = (None, None) if groups is None else (groups[train], groups[~train])
    return Split(X[train], y[train], X[~train], y[~train], *known)


def say(text: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def tell(title: str, answer: object, *codes: str) -> None:
    """Print what an answer found under some codes, in the order of these."""
    say(f"\n{title}")
    for code in codes:
        for finding in answer.findings:
            if finding.code == code:
                say(f"  {finding.sentence}")


def study(name: str, rows: Split, miss: float) -> None:
    """Tell the story of one data set."""
    ratio = float((rows.y == 0).sum() / rows.y.sum())
    sizes = f"{len(rows.y):,} rows to fit on, {len(rows.y_test):,} to judge on"
    say(f"\n{name}: {sizes}, {100 * rows.y.mean():.1f} % events")
    say("\nThe weights, read as costs")
    believed, true = rd.implied_costs(ratio), rd.CostMatrix.binary(false_positive=1, false_negative=miss)
    cuts = [100 * matrix.regions().thresholds[0] for matrix in (believed, true)]
    say(f"  Natural weights count an event {ratio:.3g} times: they act from a risk of {cuts[0]:.1f} %, as if a miss")
    say(f"  cost {ratio:.3g} false alarms. Here it costs {miss:g}, so the cut belongs at {cuts[1]:.1f} %.")

    model = rd.TabularRiskModel(shape="linear", penalty=None, event=1)
    costs = {"false_positive": 1, "false_negative": miss}
    test = {"X_test": rows.X_test, "y_test": rows.y_test, "groups": rows.groups, "groups_test": rows.groups_test}
    compared = rd.compare_weighting(model, rows.X, rows.y, costs=costs, **test, rng=SEED)
    tell("What they did", compared, "RD401", "RD408", "RD404", "RD409", "RD405")

    weighted = rd.TabularRiskModel(shape="linear", penalty=None, event=1, class_weight="natural")
    risk = weighted.fit(rows.X, rows.y).predict_risk(rows.X_test)
    found = rd.weighting_distortion(rows.y_test, risk, weight_ratio=ratio, groups=rows.groups_test)
    tell("The distortion in parts", found, "RD430", "RD431", "RD432", "RD433")

    swept = rd.sweep_weights(model, rows.X, rows.y, costs=costs, **test, rng=SEED)
    tell("41 weights beside one fit and a moving threshold", swept, "RD403", "RD420", "RD421", "RD423")
    tell("The costs", compared, "RD407", "RD410", "RD411")
    print_costs(compared, rows, costs)

    efficiency = rd.weighting_efficiency(model, rows.X, rows.y, groups=rows.groups)
    tell("What weights cost in precision", efficiency, "RD435", "RD436")


def print_costs(compared: rd.WeightingComparison, rows: Split, costs: dict[str, float]) -> None:
    """Print realised costs per row: straight lines with and without weights, then the default model, then deferring."""
    say("  realised cost per row")
    for row in compared.rows:
        if row.repair in ("raw", "undone"):
            say(f"    {'decide, ' + row.name:36s}{row.mean_realised_cost:8.4f}")
    flexible = rd.TabularRiskModel(event=1, random_state=SEED).fit(rows.X, rows.y, groups=rows.groups)
    for words, more in (("decide, splines and ridge", {}), ("the same, may defer at 0.4", {"defer": 0.4})):
        decisions = flexible.decide(rows.X_test, costs | more)
        found = rd.evaluate_decisions(rows.y_test, decisions, event=1)
        say(f"    {words:36s}{found.mean_realised_cost:8.4f}")


def main(arguments: list[str]) -> None:
    """Study the data sets that are there."""
    if not arguments:
        data = load_health_insurance()
        study("health_insurance", split(data.X, np.asarray(data.y), np.asarray(data.person)), 15)
        return
    folder = Path(arguments[0])
    for name in arguments[1:] or SOURCES:
        if (folder / SOURCES[name].file).exists():
            study(name, split(*read(folder, SOURCES[name])), SOURCES[name].miss)
        else:
            say(f"\n{name}: {SOURCES[name].file} is not in the folder")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1:])
