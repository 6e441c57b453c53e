"""The methods of the model: each hands its question on, with the rows checked and the event found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from riskdec import LogisticRiskModel
from riskdec.errors import InputError, NotFittedError
from riskdec.models import inference
from riskdec.models.inference.faces import InferenceFaces

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows

MODEL: Any = (
    LogisticRiskModel
    if issubclass(LogisticRiskModel, InferenceFaces)
    else type("Model", (InferenceFaces, LogisticRiskModel), {})
)


def test_methods_give_what_the_functions_give(rows: Rows) -> None:
    model = MODEL().fit(rows.X, rows.y)
    fit, given = model.fit_result_, inference.open_fitted_rows(model, rows.X, rows.y)
    small = MODEL().fit(rows.X[["age"]], rows.y)
    ratio = {"terms": ["age"], "test": "likelihood ratio"}
    pairs = [
        (model.profile_intervals(rows.X, rows.y), inference.profile_intervals(fit, given)),
        (model.anova(), inference.term_tests(fit)),
        (model.anova(rows.X, rows.y, **ratio), inference.term_tests(fit, given, **ratio)),
        (model.lr_test(small), inference.lr_test(small.fit_result_, fit)),
        (model.wald_test({"age": 1}), inference.wald_test(fit, {"age": 1})),
        (model.contrasts({"a": {"age": 2}}), inference.contrasts(fit, {"a": {"age": 2}})),
        (model.marginal_effects(rows.X), inference.marginal_effects(fit, given.X)),
        (model.robust_errors(rows.X, rows.y), inference.robust_errors(fit, given)),
        (model.fit_statistics(), inference.fit_statistics(fit)),
    ]
    for found, wanted in pairs:
        assert found.to_dict() == wanted.to_dict()
    assert (model.aic, model.bic, model.tic) == (inference.aic(fit), inference.bic(fit), inference.tic(fit))
    np.testing.assert_allclose(model.to_statsmodels(rows.X, rows.y).params, model.params, rtol=1e-8)


def test_event_is_found_by_its_label(rows: Rows) -> None:
    labels = np.where(rows.y == 1, "died", "well")
    unnamed = MODEL().fit(rows.X, labels)
    with pytest.raises(InputError, match="^event must be given"):
        unnamed.marginal_effects(rows.X)
    # "died" comes first in the alphabet: coefficients are of "well", effects of the event.
    found = unnamed.marginal_effects(rows.X, event="died")
    wanted = MODEL().fit(rows.X, rows.y).marginal_effects(rows.X)
    np.testing.assert_allclose(found.effect, wanted.effect, rtol=1e-8)
    assert found.outcome == "died"
    assert MODEL(event="died").fit(rows.X, labels).marginal_effects(rows.X).outcome == "died"


def test_offset_is_asked_for_as_in_fit(rows: Rows) -> None:
    model = MODEL().fit(rows.X, rows.y, offset=np.ones(400))
    with pytest.raises(InputError, match="^offset must be used as in fit, which was with one; got none"):
        model.marginal_effects(rows.X)
    assert model.fit_statistics().withheld.startswith("fitted with an offset")
    plain = MODEL().fit(rows.X, rows.y)
    np.testing.assert_allclose(
        model.marginal_effects(rows.X, offset=np.ones(400)).effect, plain.marginal_effects(rows.X).effect, rtol=1e-8
    )


def test_shrunken_fit_is_refused(rows: Rows) -> None:
    model = MODEL(penalty="firth").fit(rows.X, rows.y)
    model.penalty, model.fit_result_ = "ridge", object()
    for ask in (model.anova, model.fit_statistics, lambda: model.marginal_effects(rows.X), lambda: model.tic):
        with pytest.raises(InputError, match="^penalty must be None, 'firth' or 'flic' for inference; got 'ridge'"):
            ask()


def test_unfitted_model_says_so(rows: Rows) -> None:
    model = MODEL()
    for ask in (model.anova, model.fit_statistics, lambda: model.marginal_effects(rows.X), lambda: model.aic):
        with pytest.raises(NotFittedError, match="is not fitted yet"):
            ask()
