"""The door of a model with a formula: a frame in, outcome and design out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from riskdec._base.checks import check_labels, check_length, check_weights, refuse
from riskdec._base.codes import warn
from riskdec._base.findings import Finding, sort_findings
from riskdec._base.frames import column_names, get_column, is_frame, keep_rows
from riskdec.errors import IncompleteRowsWarning
from riskdec.models.doors.incomplete import compare_by_outcome
from riskdec.models.formula import CompleteRows, FormulaDesign, expand, find_complete_rows, parse_formula

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray
    from riskdec.models.regression.logistic_fit import LogisticFit
    from riskdec.models.shrinking.ridge_fit import RidgeFit

    AnyFit = TypeVar("AnyFit", bound=LogisticFit | RidgeFit)


class FormulaRows(NamedTuple):
    """What a formula makes of a frame.

    Attributes
    ----------
    matrix : ndarray of shape (m, p)
        Columns of the design, of the rows kept.
    labels : ndarray of shape (m,)
        Outcomes of the rows kept.
    keep : ndarray of bool, shape (n,)
        Rows kept: complete, and not of weight zero.
    design : FormulaDesign
        What was learned from them.
    complete : CompleteRows
        What is missing where.
    columns : tuple of str
        Names of all columns of the frame.
    left_out : str
        How the outcomes of the rows that lack a value compare with those of the others; empty if none does.
    """

    matrix: FloatArray
    labels: AnyArray
    keep: BoolArray
    design: FormulaDesign
    complete: CompleteRows
    columns: tuple[str, ...]
    left_out: str

    def cut(self, values: object, name: str) -> AnyArray | None:
        """Cut what came with the rows to the rows kept."""
        if values is None:
            return None
        array = np.asarray(values)
        if array.ndim == 0:
            return array
        check_length(array, len(self.keep), name=name)
        return array[self.keep]


def open_by_formula(model: Any, data: object, y: object, sample_weight: object) -> FormulaRows:
    """Learn the design of a model's formula from the rows that are complete.

    Raises
    ------
    InputError
        For a formula that cannot be read, columns that the frame lacks, missing values with ``missing="error"``,
        and an outcome that is named twice or nowhere.
    """
    _check_frame(data)
    formula = parse_formula(model.formula)
    columns = column_names(data)
    expansion = expand(formula, columns)
    outcome = _find_outcome(expansion.outcome, y)
    needed = [*([outcome] if outcome is not None else []), *expansion.variables]
    complete = find_complete_rows(data, needed, missing=model.missing)
    weight = check_weights(sample_weight, len(complete.keep))
    keep = complete.keep if weight is None else complete.keep & (weight > 0)
    kept = keep_rows(data, keep)
    counts = None if weight is None or model.weight_kind == "importance" else weight[keep]
    design = FormulaDesign.learn(formula, kept, counts=counts)
    labels = check_labels(y, name="y", n=len(keep))[keep] if outcome is None else get_column(kept, outcome)
    left_out = ""
    if complete.n_missing:
        everyone = np.asarray(y) if outcome is None else get_column(data, outcome)
        left_out = compare_by_outcome(everyone, complete.keep)
    return FormulaRows(design.encode(kept).matrix, labels, keep, design, complete, columns, left_out)


def encode_by_formula(model: Any, data: object, *, incomplete: bool = False) -> FloatArray:
    """Encode rows for a fitted model.

    Parameters
    ----------
    model : LogisticRiskModel
        Fitted with a formula.
    data : frame
        Rows to encode.
    incomplete : bool
        Whether rows that lack a value come back as NaN, with a warning, where the model was made with
        ``missing="drop"``; otherwise they are refused.
    """
    _check_frame(data)
    found = model.design_.encode(data, unseen=model.unseen)
    if found.rows.n_missing:
        if not incomplete or model.missing == "error":
            cure = "Fill them, leave these rows out, or fit with missing='drop' to get nan for them."
            raise refuse("X", "have a value in every column of the formula", found.rows.sentence, cure)
        warn("RD111", f"{found.rows.sentence}; their risks are nan.", IncompleteRowsWarning)
    matrix: FloatArray = found.matrix
    return matrix


def with_incomplete_rows(fit: AnyFit, rows: FormulaRows) -> AnyFit:
    """Add the finding that counts the rows left out, if any were."""
    if not rows.complete.n_missing:
        return fit
    finding = Finding(
        code="RD111",
        severity="caution",
        sentence=f"{rows.complete.sentence} and were left out of the fit. {rows.left_out}",
        todo="Estimates and risks are about complete rows; look at who the others are, or impute and pool_imputations.",
    )
    return replace(fit, findings=sort_findings((*fit.findings, finding)))


def _check_frame(data: object) -> None:
    if not is_frame(data):
        got = type(data).__name__
        raise refuse("X", "be a data frame for a model with a formula", got, "Its columns are found by name.")


def _find_outcome(named: str | None, y: object) -> str | None:
    """Give the column of the frame that holds the outcome, or None where it is given as y."""
    if y is None:
        if named is None:
            cure = "Write it on the left side, or pass y."
            raise refuse("formula", "name the outcome when y is None", "a formula without a left side", cure)
        return named
    given = getattr(y, "name", None)
    if named is not None and given != named:
        cure = "Leave y out, or leave out the left side of the formula."
        raise refuse("formula", "name the outcome only where y is not given", f"{named!r} and y", cure)
    return None
