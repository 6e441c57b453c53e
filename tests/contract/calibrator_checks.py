"""What every calibrator promises, as checks named after scikit-learn's; estimators on tables promise it too.

scikit-learn's own generator makes one check for what is not fitted on tables, and so says nothing of calibrators. Each
check here takes a `Subject`: a fresh, unfitted object by `make`, with data that it can be fitted on.
"""

from __future__ import annotations

import pickle
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.utils import get_tags

from riskdec.calibration import Calibrator, CentredIsotonicCalibrator
from riskdec.errors import InputError, NotFittedError, RiskdecWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[["Subject"], None]


@dataclass(frozen=True)
class Subject:
    """Something with `fit(X, y, sample_weight)` and `predict_proba(X)`, and rows for it.

    `X` holds scores of shape (n,) or (n, K), or a table; `y` holds 0, 1, ...; two fits on equal data in another form
    agree within `tol`.
    """

    name: str
    make: Callable[[], Any]
    X: Any
    y: Any
    tol: float = 1e-9

    def fit(self, X: Any = None, y: Any = None, sample_weight: Any = None) -> Any:
        """Fit a fresh one, on the subject's own rows unless others are given."""
        return self.make().fit(self.X if X is None else X, self.y if y is None else y, sample_weight)

    def proba(self, fitted: Any) -> Any:
        """Give what a fitted one says of the subject's rows."""
        return fitted.predict_proba(self.X)

    def agree(self, fitted: Any, other: Any) -> None:
        """Assert that two fits say the same."""
        np.testing.assert_allclose(self.proba(fitted), self.proba(other), rtol=0, atol=self.tol)


def public_state(model: Any) -> dict[str, Any]:
    """Give what an object has learned, as text that can be compared."""
    return {name: repr(value) for name, value in vars(model).items()}


def check_estimator_cloneable(subject: Subject) -> None:
    """A clone has the parameters and nothing that was learned."""
    fitted = subject.fit()
    fresh = clone(fitted)
    assert repr(fresh.get_params(deep=False)) == repr(fitted.get_params(deep=False))
    with pytest.raises(NotFittedError):
        subject.proba(fresh)


def check_get_and_set_params(subject: Subject) -> None:
    """Parameters can be read and set, unknown ones are refused, and the constructor keeps what it was given."""
    model = subject.make()
    shallow = model.get_params(deep=False)
    assert set(shallow) <= set(model.get_params(deep=True))
    assert model.set_params(**shallow) is model
    assert all(getattr(model, name) is value for name, value in shallow.items())
    with pytest.raises(ValueError, match="Invalid parameter"):
        model.set_params(no_such_parameter=1)


def check_estimator_repr(subject: Subject) -> None:
    """It prints its name, fitted or not."""
    model = subject.make()
    assert repr(model).startswith(type(model).__name__)
    assert repr(subject.fit()).startswith(type(model).__name__)


def check_estimators_unfitted(subject: Subject) -> None:
    """Before `fit` there is an error that riskdec and scikit-learn both know."""
    for error in (NotFittedError, SklearnNotFittedError):
        with pytest.raises(error):
            subject.proba(subject.make())


def check_estimators_fit_returns_self(subject: Subject) -> None:
    """`fit` gives the object itself."""
    model = subject.make()
    assert model.fit(subject.X, subject.y) is model


def check_estimators_overwrite_params(subject: Subject) -> None:
    """`fit` changes no parameter."""
    model = subject.make()
    before = {name: (id(value), repr(value)) for name, value in model.get_params(deep=False).items()}
    model.fit(subject.X, subject.y)
    assert {name: (id(value), repr(value)) for name, value in model.get_params(deep=False).items()} == before


def check_dont_overwrite_attributes(subject: Subject) -> None:
    """What `fit` adds ends in an underscore or begins with one."""
    learned = set(vars(subject.fit())) - set(vars(subject.make()))
    assert learned
    assert all(name.endswith("_") or name.startswith("_") for name in learned)


def check_dict_unchanged(subject: Subject) -> None:
    """Predicting changes nothing."""
    fitted = subject.fit()
    before = public_state(fitted)
    subject.proba(fitted)
    assert public_state(fitted) == before


def check_fit_idempotent(subject: Subject) -> None:
    """A second fit forgets the first, and gives the same as a fresh one."""
    half = np.arange(len(subject.y)) % 2 == 0
    again = subject.make().fit(np.asarray(subject.X)[half], subject.y[half]).fit(subject.X, subject.y)
    fresh = subject.fit()
    np.testing.assert_array_equal(subject.proba(again), subject.proba(fresh))
    assert set(vars(again)) == set(vars(fresh))


def check_estimators_pickle(subject: Subject) -> None:
    """A pickled copy says the same."""
    fitted = subject.fit()
    np.testing.assert_array_equal(subject.proba(pickle.loads(pickle.dumps(fitted))), subject.proba(fitted))


def check_predict_proba(subject: Subject) -> None:
    """Probabilities lie in [0, 1] and sum to one, a column for each class in sorted order."""
    fitted = subject.fit()
    proba = subject.proba(fitted)
    assert fitted.classes_.tolist() == sorted(set(subject.y.tolist()))
    assert proba.shape == (len(subject.y), len(fitted.classes_))
    assert proba.dtype == np.float64
    assert (proba >= 0).all()
    assert (proba <= 1).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-12)


def check_sample_weight_equivalence(subject: Subject) -> None:
    """A whole weight is the row so many times; a weight of zero is no row."""
    weight = np.random.default_rng(0).integers(0, 4, len(subject.y))
    weighted = subject.fit(sample_weight=weight)
    repeated = subject.fit(np.repeat(subject.X, weight, axis=0), np.repeat(subject.y, weight))
    subject.agree(weighted, repeated)
    kept = weight > 0
    subject.agree(weighted, subject.fit(np.asarray(subject.X)[kept], subject.y[kept], weight[kept]))


def check_sample_weight_none_is_one(subject: Subject) -> None:
    """No weights are weights of one, and the scale of importance weights is none of their meaning."""
    plain = subject.fit()
    ones = np.ones(len(subject.y))
    subject.agree(plain, subject.fit(sample_weight=ones))
    subject.agree(plain, subject.fit(sample_weight=ones.tolist()))
    kinds = [name for name in plain.get_params(deep=True) if name.rpartition("__")[2] == "weight_kind"]
    if kinds:
        important = subject.make().set_params(**dict.fromkeys(kinds, "importance"))
        subject.agree(plain, important.fit(subject.X, subject.y, 0.3 * ones))


def check_sample_weights_refused(subject: Subject) -> None:
    """Weights that are negative, missing, all zero, or of another number than the rows are refused and left alone."""
    n = len(subject.y)
    for bad in (-np.ones(n), np.full(n, np.nan), np.zeros(n), np.ones(n - 1), np.ones((n, 2))):
        with pytest.raises(InputError, match="sample_weight"):
            subject.fit(sample_weight=bad)
    weight = np.ones(n)
    weight[:3] = 2
    before = weight.copy()
    subject.fit(sample_weight=weight)
    np.testing.assert_array_equal(weight, before)


def check_fit_sample_order_invariance(subject: Subject) -> None:
    """The order of the rows of the fit changes nothing."""
    order = np.random.default_rng(1).permutation(len(subject.y))
    subject.agree(subject.fit(), subject.fit(np.asarray(subject.X)[order], subject.y[order]))


def check_methods_subset_invariance(subject: Subject) -> None:
    """What is said of a row depends on no other row."""
    fitted = subject.fit()
    X, whole = np.asarray(subject.X), subject.proba(fitted)
    np.testing.assert_allclose(fitted.predict_proba(X[::-1])[::-1], whole, rtol=0, atol=1e-12)
    single = np.concatenate([fitted.predict_proba(X[k : k + 1]) for k in range(0, len(X), 40)])
    np.testing.assert_allclose(single, whole[::40], rtol=0, atol=1e-12)


def check_classifiers_classes(subject: Subject) -> None:
    """Names of labels change nothing but `classes_`; labels are given back in their own type."""
    plain = subject.fit()
    for names in (np.array(["a", "b", "c"]), np.array([-1, 3, 8]), np.array(["a", "b", "c"], dtype=object)):
        named = subject.make()
        if "event" in named.get_params(deep=False):
            named.set_params(event=names[1])
        named.fit(subject.X, names[subject.y])
        assert named.classes_.tolist() == names[: len(plain.classes_)].tolist()
        subject.agree(plain, named)


def check_estimators_nan_inf(subject: Subject) -> None:
    """What is not finite is refused in `fit` and in prediction, with its place."""
    fitted = subject.fit()
    for bad in (np.nan, np.inf, -np.inf):
        if np.isnan(bad) and get_tags(fitted).input_tags.allow_nan:
            continue
        X = np.array(subject.X, dtype=np.float64)
        X[7] = bad
        with pytest.raises(ValueError, match=r"(?i)nan|inf"):
            subject.fit(X)
        with pytest.raises(ValueError, match=r"(?i)nan|inf"):
            fitted.predict_proba(X)


def check_outcomes_refused(subject: Subject) -> None:
    """Outcomes that are missing, of another number than the rows, or all the same are refused."""
    n = len(subject.y)
    missing = subject.y.astype(float)
    missing[3] = np.nan
    for bad in (missing, subject.y[: n - 1], np.zeros(n, dtype=int), np.ones(n, dtype=int)):
        with pytest.raises(InputError):
            subject.fit(y=bad)


def check_limits(subject: Subject) -> None:
    """Limits hold the risk, turn round with the event and widen with the level, or it is said why there are none."""
    fitted = subject.fit()
    if not isinstance(fitted, Calibrator):
        return
    if isinstance(fitted, CentredIsotonicCalibrator):
        with pytest.raises(InputError, match="the calibrator must have limits"):
            fitted.predict_interval(subject.X)
        return
    limits, risk = fitted.predict_interval(subject.X, event=1), fitted.predict_risk(subject.X, event=1)
    assert limits.shape == (len(subject.y), 2)
    assert ((limits >= 0) & (limits <= 1)).all()
    assert (limits[:, 0] <= risk + 1e-12).all()
    assert (limits[:, 1] >= risk - 1e-12).all()
    if len(fitted.classes_) == 2:
        np.testing.assert_allclose(fitted.predict_interval(subject.X, event=0), 1 - limits[:, ::-1], atol=1e-12)
    if fitted.has_level:
        narrow = fitted.predict_interval(subject.X, event=1, confidence_level=0.9)
        assert (np.diff(narrow) <= np.diff(limits) + 1e-12).all()
        for level in (95, 0, np.nan, "high"):
            with pytest.raises(InputError, match="confidence_level must lie strictly between 0 and 1"):
                fitted.predict_interval(subject.X, event=1, confidence_level=level)
    else:
        with pytest.raises(InputError, match="confidence_level must be left out"):
            fitted.predict_interval(subject.X, event=1, confidence_level=0.9)


def check_constant_scores(subject: Subject) -> None:
    """What never differs tells nothing: everyone gets the frequencies of the outcomes."""
    X = np.broadcast_to(np.asarray(subject.X)[0], np.shape(subject.X)).copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskdecWarning)
        proba = subject.fit(X).predict_proba(X)
    assert np.isfinite(proba).all()
    assert np.ptp(proba, axis=0).max() < 1e-12


def check_estimators_dtypes(subject: Subject) -> None:
    """Single precision, whole numbers, lists and columns of a frame are read as the numbers that they are."""
    coarse = np.asarray(subject.X, dtype=np.float32)
    fitted = subject.fit(coarse.astype(np.float64))
    for form in (coarse, coarse.astype(np.float64).tolist(), np.asfortranarray(coarse.astype(np.float64))):
        np.testing.assert_allclose(
            subject.fit(form).predict_proba(form), fitted.predict_proba(coarse.astype(np.float64)), rtol=0, atol=1e-5
        )
    subject.agree(subject.fit(), subject.fit(y=subject.y.tolist()))


def check_readonly_input(subject: Subject) -> None:
    """Arrays that cannot be written to are read, and none is written to."""
    X, y = np.array(subject.X), np.array(subject.y)
    weight = np.ones(len(y))
    for array in (X, y, weight):
        array.flags.writeable = False
    subject.agree(subject.fit(), subject.fit(X, y, weight))
    assert np.array_equal(X, subject.X)


def check_n_features_in_after_fitting(subject: Subject) -> None:
    """Another number of columns than in the fit is refused."""
    fitted = subject.fit()
    X = np.asarray(subject.X)
    wider = np.column_stack([X, X, X])
    with pytest.raises(ValueError, match=r"(?i)column|feature|dimension"):
        fitted.predict_proba(wider)


def check_fit_records_what_it_learned(subject: Subject) -> None:
    """Findings are there, each with a registered code, and the summary prints."""
    fitted = subject.fit()
    assert all(finding.title for finding in vars(fitted).get("findings_", ()))
    assert str(fitted.summary())


CHECKS: tuple[Check, ...] = tuple(
    check for name, check in sorted(globals().items()) if name.startswith("check_") and callable(check)
)
