"""Contrasts against statsmodels, and as the odds ratios that a two-by-two table shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import contrasts

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows

ASKED = {"ten years": {"age": 10}, "site 1 against 2": {"site1": 1, "site2": -1}}


def test_estimates_and_intervals_are_those_of_statsmodels(rows: Rows) -> None:
    found = contrasts(rows.fit()[0], ASKED, confidence_level=0.9)
    other = sm.Logit(rows.y, sm.add_constant(rows.X)).fit(disp=0, tol=1e-14)
    wanted = other.t_test(np.array([[0, 10, 0, 0, 0], [0, 0, 1, -1, 0]]))
    np.testing.assert_allclose(found.estimate, wanted.effect, rtol=1e-8)
    np.testing.assert_allclose(found.std_err, wanted.sd.diagonal() if wanted.sd.ndim == 2 else wanted.sd, rtol=1e-8)
    np.testing.assert_allclose(np.c_[found.low, found.high], wanted.conf_int(alpha=0.1), rtol=1e-7)
    np.testing.assert_allclose(found.p_value, wanted.pvalue, rtol=1e-7)


def test_odds_ratio_of_a_table_is_its_cross_product() -> None:
    X = np.repeat([[1.0], [1.0], [0.0], [0.0]], [30, 20, 10, 40], axis=0)
    fit = LogisticRiskModel().fit(X, np.repeat([1, 0, 1, 0], [30, 20, 10, 40])).fit_result_
    frame = contrasts(fit, {"exposed": {"x0": 1}}).frame()
    assert frame["odds_ratio"][0] == pytest.approx(30 * 40 / (20 * 10), rel=1e-9)
    half = 1.959963984540054 * np.sqrt(1 / 30 + 1 / 20 + 1 / 10 + 1 / 40)
    assert frame["odds_ratio_low"][0] == pytest.approx(6 * np.exp(-half), rel=1e-8)


def test_few_clusters_use_t(rows: Rows) -> None:
    fit, _ = rows.fit(groups=np.arange(400) % 12)
    found = contrasts(fit, ASKED)
    np.testing.assert_allclose(found.high - found.estimate, t.ppf(0.975, 11) * found.std_err, rtol=1e-10)
    np.testing.assert_allclose(found.p_value, 2 * t.sf(np.abs(found.estimate / found.std_err), 11), rtol=1e-9)


def test_lists_in_place_of_names_are_refused(rows: Rows) -> None:
    message = r"^combinations must map names to mappings of term to number; got \[0, 1, 0\]\. Write \{'name': \{'term'"
    with pytest.raises(InputError, match=message):
        contrasts(rows.fit()[0], [0, 1, 0])
    with pytest.raises(InputError, match="^combinations must map names"):
        contrasts(rows.fit()[0], {"age": 1})


def test_answer_is_told_in_every_form(rows: Rows) -> None:
    found = contrasts(rows.fit()[0], ASKED)
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))["contrasts"]
    assert [line["name"] for line in told] == list(ASKED)
    assert told[0]["odds_ratio"] == pytest.approx(np.exp(found.estimate[0]))
    assert repr(found).startswith("<Contrasts: 2 contrasts, ten years: ")
    assert "Contrasts of log-odds of 1 against 0" in str(found.summary())
