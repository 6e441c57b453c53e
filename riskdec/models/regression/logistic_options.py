"""Which options of `LogisticRiskModel` are understood, and which go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.checks import check_integer, check_number, check_option, choose_event, refuse

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray
    from riskdec.models.regression.logistic import LogisticRiskModel

_PENALTIES = (None, "ridge", "firth", "flic", "flac")
# What makes one average risk right needs one intercept to do it with.
_NEED_INTERCEPT = ("flic", "flac")


def check_options(model: LogisticRiskModel) -> None:
    """Refuse options that are wrong whatever the data."""
    check_option(model.penalty, _PENALTIES, name="penalty")
    _check_alpha(model)
    check_option(model.weight_kind, ("frequency", "importance"), name="weight_kind")
    check_option(model.on_separation, ("firth", "error"), name="on_separation")
    check_option(model.missing, ("error", "drop"), name="missing")
    check_option(model.unseen, ("error", "reference"), name="unseen")
    if model.formula is not None and not isinstance(model.formula, str):
        raise refuse("formula", "be text or None", repr(model.formula))
    if model.formula is None and model.missing != "error":
        cure = "Without a formula rows are complete; TabularRiskModel handles what is not."
        raise refuse("missing", "be left at 'error' without a formula", repr(model.missing), cure)
    check_option(model.fit_intercept, (True, False), name="fit_intercept")
    if model.penalty in _NEED_INTERCEPT and not model.fit_intercept:
        cure = "FLIC and FLAC set the average risk by the intercept: use penalty='firth', or fit an intercept."
        raise refuse("penalty", "be None, 'ridge' or 'firth' without an intercept", repr(model.penalty), cure)
    check_number(model.tol, name="tol", low=0, open_low=True)
    check_integer(model.max_iter, name="max_iter", low=1)


def _check_alpha(model: LogisticRiskModel) -> None:
    if model.penalty != "ridge":
        if model.alpha is not None:
            cure = "It is the strength of penalty='ridge'."
            raise refuse("alpha", "be left out without a ridge penalty", repr(model.alpha), cure)
    elif model.alpha is None:
        cure = "Pass alpha='cv' to choose it by cross-validation, or a number."
        raise refuse("alpha", "be given with penalty='ridge'", "None", cure)
    elif model.alpha != "cv":
        check_number(model.alpha, name="alpha", low=0, open_low=True)


def check_options_for(model: LogisticRiskModel, classes: AnyArray) -> None:
    """Refuse options that do not go with the classes of the data."""
    if model.event is not None:
        choose_event(classes, model.event, name="y")
    if model.penalty in _NEED_INTERCEPT and len(classes) > 2:
        cure = "FLIC and FLAC set one average risk by one intercept: use penalty='firth'."
        got = f"{model.penalty!r} ({len(classes)} classes)"
        raise refuse("penalty", "be None, 'ridge' or 'firth' with more than two classes", got, cure)
