from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskdec.errors import InputError
from riskdec.scores.forecasts import check_forecasts


def test_two_columns_are_read_in_the_order_of_the_sorted_labels() -> None:
    proba = [[0.9, 0.1], [0.3, 0.7]]
    assert check_forecasts(["b", "a"], proba, event="a").risk.tolist() == [0.9, 0.3]
    assert check_forecasts(["b", "a"], proba, event="b").risk.tolist() == [0.1, 0.7]
    assert check_forecasts([0, 0], proba).risk.tolist() == [0.1, 0.7]


def test_frames_and_series_are_unwrapped() -> None:
    given = check_forecasts(pd.Series([0, 1]), pd.DataFrame({"risk": [0.2, 0.4]}))
    assert given.risk.tolist() == [0.2, 0.4]


def test_rows_of_weight_zero_are_as_if_absent() -> None:
    given = check_forecasts([0, 1, 1], [0.2, 0.4, 0.6], sample_weight=[1, 0, 2], groups=["x", "y", "z"])
    assert given.risk.tolist() == [0.2, 0.6]
    assert given.is_event.tolist() == [False, True]
    assert given.groups is not None
    assert given.groups.tolist() == [0, 1]
    assert given.n_groups == 2


def test_rows_without_weights_are_counts() -> None:
    assert check_forecasts([0, 1], [0.2, 0.4], weight_kind="importance").weight_kind == "frequency"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": [0.5, 1]}, "sample_weight must be whole numbers; got 0.5 at position 0"),
        ({"weight_kind": "sampling"}, "weight_kind must be one of 'frequency', 'importance'; got 'sampling'"),
        ({"groups": ["x", "x"]}, "groups must hold at least two groups; got one group"),
        ({"groups": ["x"]}, "groups must have one entry per row"),
        ({"event": 2}, "event must be one of the labels"),
    ],
)
def test_forecasts_refuse(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_forecasts([0, 1], [0.2, 0.4], **options)  # type: ignore[arg-type]


def test_two_columns_with_one_label_are_refused_because_nothing_tells_the_event_column() -> None:
    with pytest.raises(InputError, match="y_true must hold both outcomes when y_proba has two columns"):
        check_forecasts(["a", "a"], np.full((2, 2), 0.5), event="a")
