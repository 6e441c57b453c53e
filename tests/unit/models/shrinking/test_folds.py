"""Folds: each outcome evenly, groups together, by what rows hold and not by where they stand."""

import numpy as np
import pytest
from scipy import sparse

from riskdec.errors import InputError
from riskdec.models.doors.row_keys import row_keys, value_keys
from riskdec.models.shrinking.folds import Folds, deal_folds


def numbers(folds):
    return np.argmax([folds.left_out(k) for k in range(folds.n_folds)], axis=0)


def seeded(seed=1):
    return np.random.default_rng(seed)


def test_folds_deal_out_each_outcome_evenly(rng):
    codes = np.repeat([0, 1, 2], [80, 23, 41])
    folds = numbers(deal_folds(codes, 5, rng=rng))
    assert sorted(np.bincount(folds[codes == 1])) == [4, 4, 5, 5, 5]
    assert sorted(np.bincount(folds[codes == 0])) == [16, 16, 16, 16, 16]
    assert sorted(np.bincount(folds[codes == 2])) == [8, 8, 8, 8, 9]


def test_groups_stay_together_and_events_are_spread(rng):
    groups = rng.integers(0, 40, 600)
    is_event = rng.random(600) < 0.2
    folds = numbers(deal_folds(is_event, 5, groups=groups, rng=rng))
    assert all(len(np.unique(folds[groups == g])) == 1 for g in range(40))
    events = np.bincount(folds, is_event)
    assert events.max() - events.min() <= np.bincount(groups, is_event).max()


def test_groups_without_the_rarer_outcome_are_spread_too(rng):
    # 29 groups of events in 10 folds: one fold has one less, and must not get all the others.
    is_event = np.repeat(np.arange(60) < 29, 5)
    folds = numbers(deal_folds(is_event, 10, groups=np.repeat(np.arange(60), 5), rng=rng))
    assert np.bincount(folds).max() <= 35


def test_names_of_the_outcomes_do_not_change_the_folds(rng):
    for is_event in (rng.random(50) < 0.3, np.arange(50) % 2 == 0):
        for groups in (None, np.arange(50) // 3):
            one, other = (numbers(deal_folds(y, 4, groups=groups, rng=seeded())) for y in (is_event, ~is_event))
            np.testing.assert_array_equal(one, other)


def test_few_events_or_groups_give_fewer_folds(rng):
    assert deal_folds(np.arange(30) < 3, 10, rng=rng).n_folds == 3
    groups = np.arange(30) % 4
    assert deal_folds(np.arange(30) % 3 == 0, 10, groups=groups, rng=rng).n_folds == 4


@pytest.mark.parametrize("groups", [None, np.array([0] * 10 + [1] * 10)])
def test_rows_left_out_that_leave_one_outcome_are_refused(rng, groups):
    is_event = np.arange(20) == 0 if groups is None else groups == 1
    with pytest.raises(InputError, match="alpha must be a number where rows left out leave an outcome without rows"):
        deal_folds(is_event, 5, groups=groups, rng=rng)


def test_order_of_rows_changes_nothing(rng):
    X, codes = rng.normal(size=(60, 3)), rng.integers(0, 2, 60)
    order = rng.permutation(60)
    one = numbers(deal_folds(codes, 5, key=row_keys(X.T), rng=seeded()))
    other = numbers(deal_folds(codes[order], 5, key=row_keys(X[order].T), rng=seeded()))
    np.testing.assert_array_equal(one[order], other)


def test_a_row_of_weight_three_is_dealt_as_three_rows(rng):
    X, codes = rng.integers(0, 3, size=(40, 2)), rng.integers(0, 2, 40)
    counts = rng.integers(1, 5, 40).astype(float)
    weighted = deal_folds(codes, 4, key=row_keys(X.T), counts=counts, rng=seeded())
    place = np.repeat(np.arange(40), counts.astype(int))
    repeated = deal_folds(codes[place], 4, key=row_keys(X[place].T), rng=seeded())
    # Rows that hold the same are interchangeable, so compare what each fold leaves out of each kind of row.
    kinds = np.unique(np.column_stack([X, codes]), axis=0, return_inverse=True)[1].ravel()
    for k in range(4):
        left_out = np.bincount(kinds, weighted.left_out(k) * counts)
        np.testing.assert_allclose(left_out, np.bincount(kinds[place], repeated.left_out(k)), atol=1e-12)


def test_shares_of_a_row_add_up_and_split_its_weight(rng):
    counts = rng.integers(1, 6, 50).astype(float)
    folds = deal_folds(np.arange(50) % 2, 5, counts=counts, rng=rng)
    np.testing.assert_allclose(sum(folds.left_out(k) for k in range(5)), 1)
    inner, outer = folds.split(2, counts)
    assert inner.weight.sum() + outer.weight.sum() == pytest.approx(counts.sum())
    assert (inner.weight > 0).all()
    assert (outer.weight > 0).all()


def test_weights_that_are_no_counts_go_with_their_row(rng):
    folds = deal_folds(np.arange(40) % 2, 4, counts=rng.uniform(0.5, 3, 40), rng=rng)
    assert all(set(folds.left_out(k)) == {0.0, 1.0} for k in range(4))


def test_keys_tell_rows_apart_and_leave_zeros_out(rng):
    X = rng.normal(size=(1000, 4)) * (rng.random((1000, 4)) < 0.5)
    keys = row_keys(X.T)
    assert len(np.unique(keys)) == len(np.unique(X, axis=0))
    places = sparse.coo_array(X)
    added = np.zeros(1000, dtype=np.uint64)
    np.add.at(added, places.row, value_keys(places.data, places.col))
    np.testing.assert_array_equal(added, keys)


def test_keys_read_both_zeros_and_all_nans_alike():
    one, other = row_keys([np.array([0.0, np.nan])]), row_keys([np.array([-0.0, -np.nan])])
    np.testing.assert_array_equal(one, other)
    with pytest.raises(InputError, match="at least one column"):
        row_keys([])


def test_folds_may_be_given_by_number():
    folds = Folds(np.array([0, 1, 1]))
    inner, outer = folds.split(1, None)
    np.testing.assert_array_equal(inner.rows, [True, False, False])
    assert outer.weight is None
