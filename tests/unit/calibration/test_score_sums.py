"""Sums of scored rows: they merge in any order, and refuse what does not belong together."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec import PlattCalibrator, ScoreSums
from riskdec.errors import InputError

RNG = np.random.default_rng(3)
SCORE = RNG.normal(size=300).round(1)
Y = (RNG.random(300) < 1 / (1 + np.exp(-SCORE))).astype(int)


def test_any_split_gives_the_same_sums() -> None:
    whole = ScoreSums.from_rows(SCORE, Y, input="logit")
    parts = [ScoreSums.from_rows(SCORE[i::3], Y[i::3], input="logit") for i in range(3)]
    merged = parts[2] + parts[0] + parts[1]
    for name in ("score", "row_weight", "n_rows", "n_row_events"):
        np.testing.assert_array_equal(getattr(merged, name), getattr(whole, name))
    assert (whole.n, whole.n_events) == (300, Y.sum())
    assert whole.to_dict()["input"] == "logit"
    assert "Fit with" not in str(whole.summary())


def test_importance_weights_keep_their_cells() -> None:
    weight = RNG.choice([0.5, 2.0], 300)
    sums = ScoreSums.from_rows(SCORE, Y, weight, input="logit", weight_kind="importance")
    by_sums = PlattCalibrator(input="logit", weight_kind="importance").fit_sums(sums)
    by_rows = PlattCalibrator(input="logit", weight_kind="importance").fit(SCORE, Y, weight)
    assert by_sums.slope_ == pytest.approx(by_rows.slope_, rel=1e-11)
    assert by_sums.cov_params() == pytest.approx(by_rows.cov_params(), rel=1e-10)


def test_sums_of_different_kinds_do_not_add() -> None:
    logits = ScoreSums.from_rows(SCORE, Y, input="logit")
    risks = ScoreSums.from_rows(1 / (1 + np.exp(-SCORE)), Y)
    with pytest.raises(InputError, match="the input of sums must be the same"):
        _ = logits + risks
    with pytest.raises(TypeError):
        _ = logits + 1  # type: ignore[operator]
    with pytest.raises(InputError, match="event of the sums"):
        PlattCalibrator(input="logit", event=0).fit_sums(logits)


def test_parts_without_an_event_merge_as_well_and_cannot_teach_alone() -> None:
    order = np.argsort(Y, kind="stable")
    quiet, rest = order[:100], order[100:]
    assert not Y[quiet].any()
    none = ScoreSums.from_rows(SCORE[quiet], Y[quiet], input="logit")
    with pytest.raises(InputError, match="the sums must hold events and non-events; got 0 events in 100 rows. Add the"):
        PlattCalibrator(input="logit").fit_sums(none)
    merged = none + ScoreSums.from_rows(SCORE[rest], Y[rest], input="logit")
    whole = PlattCalibrator(input="logit").fit(SCORE, Y)
    assert PlattCalibrator(input="logit").fit_sums(merged).slope_ == pytest.approx(whole.slope_, rel=1e-12)
    with pytest.raises(InputError, match="y_true must hold both labels of each part of the rows; got 'well'"):
        ScoreSums.from_rows([0.1, 0.2], ["well", "well"], event="well")
