"""Work is done in order by any number of workers, and warned of once."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from riskdec import errors
from riskdec.models.inference.bootstrap_workers import check_jobs, map_in_order


def _square(number: int) -> float:
    if number % 2:
        warnings.warn("odd", UserWarning, stacklevel=1)
    else:
        warnings.warn("RD101 ours", errors.SeparationWarning, stacklevel=1)
    return float(np.square(number))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_come_in_order_and_foreign_warnings_once(n_jobs: int) -> None:
    with pytest.warns(UserWarning, match="odd") as caught:
        found = map_in_order(_square, range(40), n_jobs=n_jobs, label="squares")
    assert found == [float(i * i) for i in range(40)]
    assert len(caught) == 1


@pytest.mark.parametrize("wrong", [0, -2, 1.5, True, "all"])
def test_numbers_of_workers_that_mean_nothing_are_refused(wrong: object) -> None:
    with pytest.raises(errors.InputError, match="n_jobs must be None"):
        check_jobs(wrong)


def test_numbers_of_workers_are_understood() -> None:
    assert [check_jobs(value) for value in (None, 1, -1, 4)] == [1, 1, -1, 4]
