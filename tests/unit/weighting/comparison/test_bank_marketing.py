"""The study on real rows, 88 : 12: what van den Goorbergh et al. (2022) found, with numbers beside each claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from riskdec import LogisticRiskModel, compare_weighting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from riskdec import WeightingComparison
    from riskdec.weighting import WeightingRow

SCHEMES = ("none", "natural", {0: 1, 1: 3}, "undersample")
COLUMNS = ["age", "campaign", "previous", "emp_var_rate", "cons_conf_idx", "euribor3m"]
NAMES = ["natural", "ratio 3", "undersample"]


@pytest.fixture(scope="module")
def study(shared_data: Path) -> WeightingComparison:
    bank = pd.read_csv(shared_data / "bank_marketing.csv.gz")
    X, y = bank[COLUMNS], bank["y"].to_numpy(int)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=0, stratify=y)
    return compare_weighting(
        LogisticRiskModel(),
        X_train,
        y_train,
        schemes=SCHEMES,
        costs={"false_positive": 1, "false_negative": 8, "defer": 0.5},
        X_test=X_test,
        y_test=y_test,
        rng=0,
    )


@pytest.mark.parametrize("name", NAMES)
def test_risks_as_fitted_are_too_high_and_undone_are_near(
    study: WeightingComparison, row: Callable[..., WeightingRow], name: str
) -> None:
    raw, undone = row(study, name), row(study, f"{name}, undone")
    assert raw.mean_error.low > 0.1
    assert raw.citl.estimate == pytest.approx(-np.log(raw.weight_ratio), abs=0.06)
    assert abs(undone.mean_error.estimate) < 0.006


@pytest.mark.parametrize("name", NAMES)
def test_a_threshold_does_the_same_job(
    study: WeightingComparison, row: Callable[..., WeightingRow], finding: Callable[..., Any], name: str
) -> None:
    assert row(study, name).agreement_with_mle_cut > 0.99
    assert finding(study, "RD403", f"'{name}'").severity == "good"


@pytest.mark.parametrize("name", NAMES)
def test_decisions_on_weighted_risks_are_dearer_and_undone_no_cheaper(
    study: WeightingComparison, row: Callable[..., WeightingRow], finding: Callable[..., Any], name: str
) -> None:
    raw, undone = row(study, name).cost_difference, row(study, f"{name}, undone").cost_difference
    assert raw is not None
    assert undone is not None
    assert raw.low > 0.04
    assert abs(undone.estimate) < 0.01
    assert "harm" in finding(study, "RD411", f"'{name}'").sentence


def test_nearly_all_of_the_loss_is_a_shift_and_a_little_is_lost_for_good(study: WeightingComparison) -> None:
    for parts in study.loss_parts:
        assert parts.shift.estimate / parts.total.estimate > 0.98
        assert parts.remaining.low > 0
        assert parts.remaining.estimate / parts.total.estimate < 0.02
