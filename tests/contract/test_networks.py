"""What scikit-learn asks of a classifier, asked of the network: its own generator knows tables only."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_predict

from riskdec import CNNRiskModel

torch = pytest.importorskip("torch")

OPTIONS = {"max_epochs": 1, "batch_size": 16, "precision": "float32", "random_state": 0}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def rows(rng):
    y = np.arange(60) % 2
    return rng.normal(size=(60, 6, 6)) + y[:, None, None], y


def test_no_attributes_set_in_init_and_parameters_are_kept_as_given():
    weights = {0: 1.0, 1: 2.0}
    model = CNNRiskModel(class_weight=weights)
    assert vars(model).keys() == inspect.signature(CNNRiskModel.__init__).parameters.keys() - {"self"}
    assert model.class_weight is weights
    assert is_classifier(model)


def test_estimators_unfitted_raise_not_fitted(rows):
    for method in ("predict", "predict_proba", "predict_risk"):
        with pytest.raises(NotFittedError):
            getattr(CNNRiskModel(), method)(rows[0])


def test_fit_returns_self_and_does_not_overwrite_parameters_or_data(rows):
    X, y = rows
    before, data = copy.deepcopy(CNNRiskModel(**OPTIONS).get_params()), X.copy()
    model = CNNRiskModel(**OPTIONS)
    assert model.fit(X, y) is model
    assert model.get_params() == before
    np.testing.assert_array_equal(X, data)


def test_fit_idempotent(rows):
    X, y = rows
    model = CNNRiskModel(**OPTIONS).fit(X, y)
    first = model.predict_proba(X)
    np.testing.assert_array_equal(model.fit(X, y).predict_proba(X), first)


def test_estimators_pickle_and_deep_copy(rows):
    X, y = rows
    model = CNNRiskModel(**OPTIONS).fit(X, y)
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_methods_sample_order_invariance_and_subset_invariance(rows):
    X, y = rows
    model = CNNRiskModel(**OPTIONS).fit(X, y)
    whole, order = model.predict_proba(X), np.random.default_rng(0).permutation(60)
    # Networks compute in float32, and sums may be cut otherwise in a smaller batch.
    np.testing.assert_allclose(model.predict_proba(X[order]), whole[order], atol=1e-6)
    one_by_one = np.vstack([model.predict_proba(X[k : k + 1]) for k in range(60)])
    np.testing.assert_allclose(one_by_one, whole, atol=1e-6)


def test_classifiers_one_label_is_refused_in_words(rows):
    with pytest.raises(ValueError, match="at least two outcomes"):
        CNNRiskModel(**OPTIONS).fit(rows[0], np.zeros(60))


def test_inconsistent_lengths_are_refused(rows):
    with pytest.raises(ValueError, match=r"y must have one entry per row \(60\)"):
        CNNRiskModel(**OPTIONS).fit(rows[0], rows[1][:-1])


def test_cross_validation_works(rows):
    X, y = rows
    found = cross_val_predict(clone(CNNRiskModel(**OPTIONS)), X, y, cv=3, method="predict_proba")
    assert found.shape == (60, 2)
