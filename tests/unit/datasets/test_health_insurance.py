"""The demonstration data: what is an event, who is a person, and a split that keeps people whole."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.datasets import load_health_insurance
from riskdec.errors import InputError


def test_rows_events_and_people_are_those_of_the_file() -> None:
    data = load_health_insurance()
    assert data.X.shape == (20190, 9)
    assert "mdvis" not in data.X.columns
    assert 0.03 < data.y.mean() < 0.08
    assert data.n_people == 5071


def test_person_is_a_run_of_equal_covariates() -> None:
    data = load_health_insurance()
    fixed = data.X[["idp", "physlm", "disea", "hlthg", "hlthf", "hlthp"]]
    assert (fixed.groupby(data.person).nunique() == 1).all(axis=None)
    # Neighbouring people differ, and numbers rise by one at each change.
    changes = (fixed.to_numpy()[1:] != fixed.to_numpy()[:-1]).any(axis=1)
    np.testing.assert_array_equal(np.diff(data.person), changes)


def test_rows_of_one_person_resemble_each_other() -> None:
    data = load_health_insurance()
    same = data.person[1:] == data.person[:-1]
    after_event = data.y[1:][same & (data.y[:-1] == 1)]
    assert after_event.mean() > 5 * data.y.mean()


def test_split_keeps_people_whole_and_loses_no_row() -> None:
    data = load_health_insurance()
    train, test = data.split(test_share=0.4, rng=3)
    assert not set(train.person) & set(test.person)
    assert len(train.y) + len(test.y) == len(data.y)
    assert test.n_people == round(0.4 * data.n_people)
    assert list(train.X.index) == list(range(len(train.y)))


def test_split_is_reproducible_and_follows_its_seed() -> None:
    data = load_health_insurance()
    np.testing.assert_array_equal(data.split(rng=1)[1].person, data.split(rng=1)[1].person)
    assert not np.array_equal(data.split(rng=1)[1].person, data.split(rng=2)[1].person)


@pytest.mark.parametrize("share", [0, -0.1, 1.5, "0.4"])
def test_split_refuses_a_share_outside_zero_and_one(share: object) -> None:
    with pytest.raises(InputError, match="test_share must be a number above 0 and at most 1"):
        load_health_insurance().split(test_share=share)
