"""The door of a comparison: what is refused, and with which sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskdec import CostMatrix, LogisticRiskModel, compare_weighting, sweep_weights
from riskdec.errors import InputError

X_SMALL = np.arange(20.0).reshape(-1, 1) % 7
Y_SMALL = np.tile([0, 1, 0, 0], 5)
THREE = CostMatrix([[0, 1], [1, 0], [2, 1]], outcomes=("a", "b", "c"), actions=("x", "y"))


@pytest.mark.parametrize("study", [compare_weighting, sweep_weights])
def test_place_of_a_refused_row_is_said_to_be_counted_within_its_part(study: Any) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), (np.arange(60) % 3 == 0).astype(int)
    X[40, 1] = np.nan
    with pytest.raises(InputError, match=r"nan in column 1 at row \d+ .* Rows are counted within the part of a split"):
        study(LogisticRiskModel(), X, y, rng=0)
    with pytest.raises(InputError, match="nan in column 1 at row 40") as caught:
        study(LogisticRiskModel(), X, y, X_test=X[:30], y_test=y[:30])
    assert "within the part" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"y": np.zeros(20, dtype=int)}, "y must hold events and non-events; got 0 events in 20 rows"),
        ({"y": np.arange(20) % 3, "event": 1}, "y must hold two outcomes"),
        ({"y": np.where(Y_SMALL == 1, "a", "b")}, "event must be given"),
        ({"y": Y_SMALL[:-1]}, r"y must have one entry per row \(20\); got 19"),
        ({"y": np.where(np.arange(20) == 3, np.nan, Y_SMALL)}, "y must not be missing"),
        ({"X": 5}, "X must hold rows; got a int"),
        ({"X_test": X_SMALL}, "X_test and y_test must come together; got no y_test"),
        ({"y_test": Y_SMALL}, "X_test and y_test must come together; got no X_test"),
        ({"groups_test": Y_SMALL}, "groups_test must come with X_test and y_test"),
        ({"X_test": X_SMALL, "y_test": Y_SMALL * 0}, "y_test must hold events and non-events"),
        ({"X_test": X_SMALL, "y_test": Y_SMALL + 1}, r"y_test must hold labels of y \(0, 1\); got 2"),
        ({"groups": np.zeros(20)}, "groups must hold at least two groups; got one"),
        ({"groups": np.arange(20) // 10}, "groups must leave at least two in each part of the split"),
        ({"groups": np.arange(19)}, r"groups must have one entry per row \(20\)"),
        ({"y": np.arange(20) == 3}, "y must give both parts of the split events and non-events; got 1 events in 20"),
        ({"costs": THREE}, "costs must have two outcomes, the second of them the event; got 3 outcomes"),
        ({"costs": [[0, 1], [5, 0]]}, "costs must be a CostMatrix"),
        ({"confidence_level": 95}, "confidence_level must lie strictly between 0 and 1; got 95"),
        ({"rng": "seed"}, "rng must be a seed"),
        ({"schemes": ("focal",)}, "a scheme must be 'none', 'natural'"),
        ({"n_resamples": 0}, "n_resamples must be a whole number of at least 2; got 0"),
        ({"estimator": LogisticRiskModel(class_weight="natural")}, "estimator must carry no class weights"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    arguments: dict[str, Any] = {"estimator": LogisticRiskModel(), "X": X_SMALL, "y": Y_SMALL, "rng": 0, **changes}
    with pytest.raises(InputError, match=sentence):
        compare_weighting(arguments.pop("estimator"), arguments.pop("X"), arguments.pop("y"), **arguments)


def test_what_weights_leave_out_or_lack_is_said() -> None:
    rng = np.random.default_rng(0)
    X, y, weight = rng.normal(size=(60, 2)), (np.arange(60) % 3 == 0).astype(int), np.ones(60)
    test = {"X_test": X[:30], "y_test": y[:30]}
    found = compare_weighting(LogisticRiskModel(), X, y, sample_weight=weight, n_resamples=2, rng=0, **test)
    assert "Without sample_weight_test each of them counts once." in found.split
    weight[:10], X[40, 1] = 0, np.nan
    for study in (compare_weighting, sweep_weights):
        with pytest.raises(InputError, match=r"nan in column 1 at row 30.* Rows of weight 0 are not counted\.$"):
            study(LogisticRiskModel(), X, y, sample_weight=weight, **test)
    with pytest.raises(InputError, match="sample_weight_test must come with X_test and y_test; got neither"):
        compare_weighting(LogisticRiskModel(), X, y, cv=3, sample_weight_test=weight)
