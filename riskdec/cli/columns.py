"""Pick columns of the user's table, with errors that name the column, the row and the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype, is_numeric_dtype

from riskdec._base.checks import choose_event, refuse, sorted_labels
from riskdec._base.table import count
from riskdec.cli.dialects import is_number
from riskdec.cli.tables import row_name, suggest
from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray

_DATE = r"\s*(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})(?:[ T]\d{1,2}:\d{2}.*)?\s*"
# So many different numbers with so few words among them are measured, not named.
_LEAST_NUMBERS, _LEAST_SHARE = 20, 0.9


def take_column(frame: pd.DataFrame, name: str, *, option: str) -> pd.Series[Any]:
    """Give one column, or name the columns that may be meant."""
    if name not in frame.columns:
        known = [str(column) for column in frame.columns]
        shown = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
        raise InputError(f"{option} must name a column; got {name!r}.{suggest(name, known)} The columns are: {shown}.")
    return frame[name]


def take_other(frame: pd.DataFrame, name: str, *, option: str, target: str | None) -> pd.Series[Any]:
    """Give one column that is not the target: what happened neither groups, nor weights, nor is left out."""
    if name == target:
        raise refuse(option, "name another column than the target", repr(name))
    return take_column(frame, name, option=option)


def take_target(frame: pd.DataFrame, name: str) -> AnyArray:
    """Give the outcome as an array of plain labels, none missing."""
    values = take_column(frame, name, option="--target")
    missing = values.isna().to_numpy()
    if missing.any():
        first = row_name(frame, int(missing.argmax()))
        found = f"none in {first} ({count(int(missing.sum()))} of {count(len(values))} rows)"
        raise refuse(f"the target {name!r}", "have a value in each row", found, "Drop these rows first, and say so.")
    return plain_array(values)


def take_groups(frame: pd.DataFrame, name: str | None, *, option: str, target: str | None) -> AnyArray | None:
    """Give what says which rows belong together, if a column was named."""
    if name is None:
        return None
    values = take_other(frame, name, option=option, target=target)
    missing = values.isna().to_numpy()
    if missing.any():
        found = f"none in {row_name(frame, int(missing.argmax()))} ({int(missing.sum())} of {len(values)} rows)"
        raise refuse(f"the column {name!r} of {option}", "have a value in each row", found, "Fill it in.")
    return plain_array(values)


def take_kinds(frame: pd.DataFrame, name: str | None, *, target: str) -> dict[str, AnyArray] | None:
    """Give the column whose values are diagnosed one by one, under its name, if one was named."""
    kinds = take_groups(frame, name, option="--by", target=target)
    return None if name is None or kinds is None else {name: kinds}


def take_weights(
    frame: pd.DataFrame, name: str | None, *, target: str | None, kind: str = "importance"
) -> FloatArray | None:
    """Give how much each row counts, if a column was named; of the kind "frequency" whole numbers alone."""
    if name is None:
        return None
    values = take_other(frame, name, option="--sample-weight", target=target)
    weights = _numbers(frame, values, option="--sample-weight", rule="hold numbers of 0 or more in each row")
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        raise _refuse_cell(frame, values, bad, option="--sample-weight", rule="hold numbers of 0 or more in each row")
    broken = weights % 1 != 0
    if kind == "frequency" and broken.any():
        cure = "Frequencies count equal rows; for other weights say --weight-kind importance."
        raise _refuse_cell(frame, values, broken, option="--sample-weight", rule="hold whole numbers", cure=cure)
    if not weights.any():
        raise refuse(f"the column {name!r} of --sample-weight", "not be zero in every row", "all zero")
    return weights


def take_amounts(frame: pd.DataFrame, name: str, *, option: str) -> FloatArray:
    """Give a column of amounts, each of them a number."""
    rule = "hold a number in each row"
    values = take_column(frame, name, option=option)
    amounts = _numbers(frame, values, option=option, rule=rule)
    bad = ~np.isfinite(amounts)
    if bad.any():
        raise _refuse_cell(frame, values, bad, option=option, rule=rule)
    return amounts


def take_risks(frame: pd.DataFrame, name: str) -> FloatArray:
    """Give a column of risks from 0 to 1; NaN where a row has none."""
    rule = "hold risks from 0 to 1"
    values = take_column(frame, name, option="--risk")
    risks = _numbers(frame, values, option="--risk", rule=rule)
    bad = ~np.isnan(risks) & ~((risks >= 0) & (risks <= 1))
    if bad.any():
        percentages = np.nanmax(risks) > 1 and np.nanmax(risks) <= 100 and np.nanmin(risks) >= 0
        cure = "Divide percentages by 100 first." if percentages else "Scores and log-odds are no risks."
        raise _refuse_cell(frame, values, bad, option="--risk", rule=rule, cure=cure)
    return risks


def take_all_risks(frame: pd.DataFrame, name: str) -> FloatArray:
    """Give a column of risks from 0 to 1, one in each row."""
    risks = take_risks(frame, name)
    if np.isnan(risks).any():
        raise _refuse_cell(frame, frame[name], np.isnan(risks), option="--risk", rule="hold a risk in each row")
    return risks


def plain_array(values: pd.Series[Any]) -> AnyArray:
    """Give a column without missing values as an array of numbers, booleans or Python objects."""
    if is_bool_dtype(values):
        return values.to_numpy(dtype=bool)
    if is_integer_dtype(values):
        return values.to_numpy(dtype="int64")
    if is_float_dtype(values):
        return values.to_numpy(dtype="float64")
    return values.to_numpy(dtype=object)


def take_predictors(frame: pd.DataFrame, drop: Iterable[str], *, aside: Iterable[str | None], target: str) -> Any:
    """Give all columns but those named, and refuse those that no model can use as they are.

    Raises
    ------
    InputError
        For columns of dates, and columns of numbers with a few words among them, which would become categories.
    """
    for name in drop:
        take_other(frame, name, option="--drop", target=target)
    left_out = {target, *drop, *(name for name in aside if name is not None)}
    rows = frame.drop(columns=list(left_out))
    if not rows.shape[1]:
        raise refuse("the table", "have a column to predict from", "none beside those named in options")
    for column, values in rows.items():
        if not is_numeric_dtype(values) and not is_bool_dtype(values):
            _check_words(rows, str(column), values)
        _check_finite(frame, values)
    return rows


def _check_finite(frame: pd.DataFrame, values: pd.Series[Any]) -> None:
    if is_float_dtype(values):
        infinite = np.isinf(values.to_numpy(dtype="float64", na_value=np.nan))
        if infinite.any():
            cure = "Cap these values, drop the rows, or leave the cells empty."
            raise _refuse_cell(frame, values, infinite, option="", rule="hold finite numbers", cure=cure)


def _check_words(frame: pd.DataFrame, name: str, column: pd.Series[Any]) -> None:
    texts = column.dropna()
    if not texts.map(lambda cell: isinstance(cell, str)).all() or texts.empty:
        return
    if texts.str.fullmatch(_DATE).all():
        cure = f"Make it a number first, such as the days since another date, or leave it out: --drop {name}."
        raise refuse(f"the column {name!r}", "not hold dates", repr(texts.iloc[0]), cure)
    numbers = _are_numbers(column)
    words = column[~numbers]
    if 0 < len(words) <= (1 - _LEAST_SHARE) * len(texts) and texts[numbers].nunique() > _LEAST_NUMBERS:
        cure = f"Leave the cell empty where nothing is known, correct it, or leave the column out: --drop {name}."
        raise _refuse_cell(frame, column, ~numbers, option="", rule="hold numbers as its other rows do", cure=cure)


def find_event(labels: AnyArray, text: str | None, *, target: str) -> object:
    """Give the label that the text of `--event` means; without it, the event of 0/1 and true/false."""
    cure = "Make a column that says whether the event happened, and name its value with --event."
    known = _check_two_values(labels, target=target, cure=cure)
    if text is None and set(known.tolist()) <= {0, 1}:
        return choose_event(known, None)
    if text is None:
        rule = f"be given when the values of {target!r} are not 0/1 or true/false"
        cure = f"Say which of them is the event, for example --event {known[-1]}."
        raise refuse("--event", rule, " and ".join(str(label) for label in known.tolist()), cure)
    for label in known.tolist():
        if _means(text, label):
            return label
    shown = ", ".join(str(label) for label in known.tolist()[:8])
    near = suggest(text, [str(label) for label in known.tolist()]).strip()
    raise refuse("--event", f"be one of the values of {target!r} ({shown})", repr(text), near)


def check_outcomes(model: Any, labels: AnyArray, *, target: str) -> None:
    """Refuse a target of other values than the model has outcomes to set its risks against."""
    trained = model.classes_.tolist()
    cure = f"The model was trained on {' and '.join(map(str, trained[:5]))}: name the column that holds them."
    if len(trained) == 2:
        _check_two_values(labels, target=target, cure=cure)
    strange = [label for label in sorted_labels(labels, name=f"the target {target!r}").tolist() if label not in trained]
    if strange:
        raise refuse(f"the target {target!r}", "hold the outcomes that the model knows", repr(strange[0]), cure)


def _check_two_values(labels: AnyArray, *, target: str, cure: str) -> AnyArray:
    """Give the sorted values of the target, two at most: what happened and what did not."""
    known = sorted_labels(labels, name=f"the target {target!r}")
    if len(known) > 2:
        shown = ", ".join(str(label) for label in known.tolist()[:3])
        more = ", ..." if len(known) > 3 else ""
        found = f"{count(len(known))} different values ({shown}{more})"
        raise refuse(f"the target {target!r}", "have two different values", found, cure)
    return known


def features_for(model: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns that the model was trained on, in its order; the others are left out."""
    names = vars(model).get("feature_names_in_")
    if names is None:
        cure = "Train it on a table with column names to use it here."
        raise refuse("the model", "know its columns by name", "a model trained on an array", cure)
    rows = _select(frame, list(names))
    encoding = vars(model).get("encoding_")
    columns = () if encoding is None else encoding.columns
    _check_numbers(rows, [column.name for column in columns if column.to_state()["kind"] == "number"], of=frame)
    return rows


def match_columns(training: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of the rows that a model is fitted on, in their order; the others are left out."""
    rows = _select(frame, list(training.columns))
    _check_numbers(rows, [name for name, values in training.items() if is_numeric_dtype(values)], of=frame)
    return rows


def _select(frame: pd.DataFrame, names: list[Any]) -> pd.DataFrame:
    known = [str(column) for column in frame.columns]
    absent = [str(name) for name in names if name not in known]
    if absent:
        shown = ", ".join(map(repr, absent[:5]))
        found = f"none named {shown} ({len(absent)} of {len(names)} missing)"
        raise refuse("the data", "have the columns of training", found, suggest(absent[0], known).strip())
    rows = frame[names]
    for name in names:
        _check_finite(frame, rows[name])
    return rows


def _check_numbers(rows: pd.DataFrame, names: Iterable[Any], *, of: pd.DataFrame) -> None:
    """Name the cell that makes a column text where training found numbers."""
    for name in names:
        values = rows[name]
        if not is_numeric_dtype(values) and not is_bool_dtype(values):
            wrong = ~_are_numbers(values)
            if wrong.any():
                cure = "Leave the cell empty where nothing is known, or correct it."
                raise _refuse_cell(of, values, wrong, option="", rule="hold numbers, as in training", cure=cure)


def _numbers(frame: pd.DataFrame, values: pd.Series[Any], *, option: str, rule: str) -> FloatArray:
    """Give a column of numbers as floats, NaN where it has none."""
    if not is_numeric_dtype(values) and not is_bool_dtype(values):
        # What is read as text because of one cell is at fault there alone.
        bad = ~_are_numbers(values)
        if not bad.any():
            bad = values.notna().to_numpy()
        raise _refuse_cell(frame, values, bad, option=option, rule=rule, cure="Write plain numbers such as 0.25.")
    numbers: FloatArray = values.to_numpy(dtype="float64", na_value=np.nan)
    return numbers


def _are_numbers(column: pd.Series[Any]) -> BoolArray:
    """Mark the cells that are numbers written as text, and those that are empty."""
    marks: BoolArray = np.array([pd.isna(cell) or is_number(cell) for cell in column], dtype=bool)
    return marks


def _refuse_cell(
    frame: pd.DataFrame, values: pd.Series[Any], bad: AnyArray, *, option: str, rule: str, cure: str = ""
) -> InputError:
    """Make the error of a column of which some cells break a rule: the first one, its row, how many."""
    place = int(bad.argmax())
    cell = values.iloc[place]
    shown = "no value" if pd.isna(cell) else f"{cell!r:.40}" if isinstance(cell, str) else f"{cell:g}"
    found = f"{shown} in {row_name(frame, place)} ({count(int(bad.sum()))} of {count(len(values))} rows)"
    named = f"the column {values.name!r}" + (f" of {option}" if option else "")
    return refuse(named, rule, found, cure)


def _means(text: str, label: object) -> bool:
    """Tell whether a text means a label: as the label prints, as files write true and false, or by its number."""
    if str(label) == text or (isinstance(label, bool) and str(label).lower() == text.lower()):
        return True
    try:
        return not isinstance(label, str) and label == float(text)
    except ValueError:
        return False
