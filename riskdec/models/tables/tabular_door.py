"""The door of models on tables: options, rows, outcomes, weights and groups in, clean training rows out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from riskdec._base.checks import (
    check_groups,
    check_labels,
    check_number,
    check_option,
    check_weights,
    choose_event,
    refuse,
)
from riskdec._base.frames import is_frame
from riskdec.calibration.methods import check_method
from riskdec.errors import InputError
from riskdec.models.doors.door import number_classes
from riskdec.models.doors.fit_weights import combine_weights
from riskdec.models.tables.columns import keep_rows, open_columns
from riskdec.models.tables.encoding import EncodingRules
from riskdec.models.tables.tabular_learner import check_learner
from riskdec.models.tables.tabular_rows import TableRows

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray
    from riskdec.models.tables.tabular import TabularRiskModel

_N_KNOTS = 5
_RARE_BELOW = 10


def check_options(model: TabularRiskModel) -> None:
    """Refuse options that are none, and a strength that nothing would use."""
    is_logistic = isinstance(model.learner, str)
    if is_logistic:
        check_option(model.learner, ("logistic",), name="learner")
    check_option(model.shape, ("splines", "linear"), name="shape")
    check_option(model.penalty, ("ridge", None), name="penalty")
    check_option(model.unseen, ("reference", "error"), name="unseen")
    check_method(model.calibration, name="calibration", besides=("auto", None))
    check_option(model.weight_kind, ("frequency", "importance"), name="weight_kind")
    check_option(model.on_separation, ("firth", "error"), name="on_separation")
    if model.alpha != "cv":
        check_number(model.alpha, name="alpha", low=0, open_low=True)
        if model.penalty is None or not is_logistic:
            cure = "It is the strength of penalty='ridge' of the logistic learner."
            raise refuse("alpha", "be left out without a ridge penalty", repr(model.alpha), cure)


def open_rows(model: TabularRiskModel, X: object, y: object, *, sample_weight: object, groups: object) -> TableRows:
    """Check what `fit` was given; rows of weight 0 are as if absent."""
    table = open_table(model, X, reset=True)
    n = len(next(iter(open_columns(table).values())))
    labels = open_labels(y, n)
    weight = check_weights(sample_weight, n)
    numbers = check_groups(groups, n)
    if weight is not None and not weight.all():
        keep = weight > 0
        table, labels, weight = keep_rows(table, keep), labels[keep], weight[keep]
        numbers = None if numbers is None else check_groups(numbers[keep], len(labels))
    if not len(labels):
        raise refuse("the data", "have at least one row", "0 rows")
    if numbers is not None and int(numbers.max()) == 0:
        raise refuse("groups", "hold at least two groups", "one group", "Leave groups out for independent rows.")
    classes, codes = number_two_classes(labels)
    if model.event is not None:
        choose_event(classes, model.event, name="y")
    weights = combine_weights(weight, model.class_weight, kind=model.weight_kind, codes=codes, classes=classes)
    is_logistic = isinstance(model.learner, str)
    if not is_logistic:
        check_learner(model.learner, weighted=weights.total is not None)
    rules = EncodingRules(
        n_knots=_N_KNOTS if model.shape == "splines" and is_logistic else 0,
        rare_below=_RARE_BELOW,
        # A reference level would be the one level that no penalty holds back.
        full=model.penalty == "ridge" or not is_logistic,
    )
    return TableRows(
        table=table,
        codes=codes,
        classes=classes,
        sample_weight=weight,
        weights=weights,
        groups=numbers,
        rules=rules,
    )


def open_table(model: Any, X: object, *, reset: bool) -> object:
    """Give a frame as it is, and anything else as an array of numbers, nan where missing.

    Raises
    ------
    InputError
        For sparse or complex numbers, text in arrays, and another number of columns than in training.
    """
    if is_frame(X) or (not reset and "feature_names_in_" in vars(model)):
        return X
    try:
        # scikit-learn's own words are kept: its checks, and its users' filters, look for them.
        return validate_data(
            model, X, reset=reset, dtype="numeric", ensure_all_finite=False, ensure_min_samples=int(reset)
        )
    except ValueError as err:
        message = f"X must be a data frame, or a two-dimensional array of numbers; got another: {err}"
        raise InputError(message) from err


def open_labels(y: object, n: int) -> AnyArray:
    """Give outcome labels of shape (n,), none missing, that can be classes."""
    try:
        labels = check_labels(column_or_1d(y, warn=True), name="y", n=n)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
    except InputError:
        raise
    except ValueError as err:
        raise InputError(str(err)) from err
    return labels


def number_two_classes(labels: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Give the two sorted labels, and which rows hold the second."""
    classes, codes = number_classes(labels)
    if len(classes) > 2:
        shown = ", ".join(map(repr, classes[:5].tolist()))
        message = (
            f"y must hold two classes; got {len(classes)} ({shown}). Only binary classification is supported here: "
            "use LogisticRiskModel for more, or pass y == event."
        )
        raise InputError(message)
    return classes, codes
