"""When the likelihood of a fit may be compared with another: counts of independent rows, at its maximum."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, TypeVar

from riskdec._base.checks import refuse
from riskdec._base.table import number
from riskdec.errors import InputError, NotAvailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec.models.regression.logistic_fit import LogisticFit


Model = TypeVar("Model")
Value = TypeVar("Value")


def absent_if_refused(getter: Callable[[Model], Value]) -> Callable[[Model], Value]:
    """Decorate the getter of a property: what it refuses, the model does not have, says Python then.

    Lists of attributes, which scikit-learn and notebooks make of every model that they show, ask for each of them.
    """

    @functools.wraps(getter)
    def get(model: Model) -> Value:
        try:
            return getter(model)
        except InputError as err:
            raise NotAvailableError(str(err)) from err

    return get


def why_not_comparable(fit: LogisticFit) -> str:
    """Say what makes the likelihood of a fit no likelihood of independent rows; empty where nothing does."""
    if fit.by_class is not None:
        return f"class weights {', '.join(number(weight) for weight in fit.by_class)}"
    if fit.n_groups is not None:
        return f"{fit.n_groups} groups of dependent rows"
    return "" if fit.covariance_kind == "model" else "importance weights"


def why_not_maximal(fit: LogisticFit) -> str:
    """Say why the log-likelihood of a fit is not a maximum; empty where it is one."""
    if fit.method != "maximum likelihood":
        return f"estimates by {fit.method}"
    return "" if fit.converged else f"a fit that did not converge (largest score {fit.gradient:.2g} per row)"


def refuse_weights(fit: LogisticFit, what: str, cure: str) -> InputError:
    """Make the error of a likelihood that weights or dependent rows have made incomparable.

    Class weights of ratio r count each event r times: at 5 % prevalence a likelihood-ratio test of size 0.05 then
    rejects in more than half of the samples without an effect.
    """
    rule = f"weigh independent rows by counts, or not at all, for {what}"
    return refuse("the fit", rule, why_not_comparable(fit), cure)


def refuse_method(fit: LogisticFit, what: str, cure: str) -> InputError:
    """Make the error of a log-likelihood that is not a maximum."""
    return refuse("the fit", f"be a maximum of the likelihood for {what}", why_not_maximal(fit), cure)
