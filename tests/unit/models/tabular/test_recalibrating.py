"""Any calibrator in the place of Platt's line: fitted to the log-odds of rows left out, kept in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

import riskdec as rd
from riskdec._base.modelfile import read_model, write_model
from riskdec.errors import InputError, ModelFileError

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(5)
N = 500
FRAME = pd.DataFrame({"dose": RNG.normal(size=N), "ward": RNG.choice(["a", "b"], N)})
Y = np.where(RNG.random(N) < 1 / (1 + np.exp(-2 * FRAME["dose"])), "ill", "well")
NAMES = ["temperature", "beta", "spline", "isotonic", "centred isotonic", "venn_abers", "vector", "dirichlet"]
FORMS: list[dict[str, Any]] = [{"shape": "linear", "alpha": 1.0}, {"penalty": None, "shape": "linear"}]


def made(calibration: Any, **options: Any) -> Any:
    return rd.TabularRiskModel(calibration=calibration, event="ill", **options)


@pytest.mark.parametrize("options", [*FORMS, {"learner": RandomForestClassifier(20, random_state=0)}])
def test_platts_calibrator_is_platts_line(options: dict[str, Any]) -> None:
    by_name, by_object = (made(one, **options).fit(FRAME, Y) for one in ("platt", rd.PlattCalibrator()))
    assert isinstance(by_object.recalibration_, rd.PlattCalibrator)
    # Classes are sorted: both lines are about the second, "well".
    assert by_object.recalibration_.slope_ == pytest.approx(by_name.recalibration_.slope, rel=1e-9)
    np.testing.assert_allclose(by_object.predict_proba(FRAME), by_name.predict_proba(FRAME), atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", FORMS, ids=["ridge", "likelihood"])
def test_every_name_calibrates_and_comes_back_from_the_file(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    model = made(name, **options).fit(FRAME, Y)
    proba = model.predict_proba(FRAME)
    assert proba.sum(axis=1) == pytest.approx(1)
    assert not np.allclose(proba, made(None, **options).fit(FRAME, Y).predict_proba(FRAME), atol=1e-4)
    again = rd.load(model.save(tmp_path / "m.riskdec"))
    np.testing.assert_array_equal(again.predict_proba(FRAME), proba)
    assert str(again.summary()) == str(model.summary())
    assert again.calibration == name
    assert again.diagnose(FRAME, Y, n_resamples=99, rng=0).apparent
    assert again.predict_proba(FRAME.head(0)).shape == (0, 2)


def test_a_calibrator_of_the_callers_is_copied_and_kept_with_its_options(tmp_path: Path) -> None:
    given = rd.BetaCalibrator(parameters="ab")
    model = made(given, **FORMS[0]).fit(FRAME, Y)
    assert "classes_" not in vars(given)
    assert model.recalibration_.c_ == (model.recalibration_.a_ - model.recalibration_.b_) * np.log(2)
    again = rd.load(model.save(tmp_path / "m.riskdec"))
    assert repr(again.calibration) == repr(given)
    np.testing.assert_array_equal(again.predict_risk(FRAME), model.predict_risk(FRAME))


@pytest.mark.parametrize("name", ["beta", "isotonic", "temperature"])
def test_whole_weights_are_repetitions(name: str) -> None:
    weight = np.random.default_rng(0).integers(0, 4, N)
    rows = np.repeat(np.arange(N), weight)
    weighted = made(name, **FORMS[0]).fit(FRAME, Y, weight)
    repeated = made(name, **FORMS[0]).fit(FRAME.iloc[rows].reset_index(drop=True), Y[rows])
    np.testing.assert_allclose(weighted.predict_risk(FRAME), repeated.predict_risk(FRAME), atol=1e-10)


def test_class_weights_still_count_twice_after_a_temperature_and_not_after_an_intercept() -> None:
    costs = {"false_positive": 1, "false_negative": 5}
    for name, codes in (("temperature", {"RD309"}), ("beta", set())):
        model = made(name, class_weight="balanced", **FORMS[0]).fit(FRAME, Y)
        found = {finding.code for finding in model.decide(FRAME, costs).findings}
        assert found & {"RD309"} == codes


@pytest.mark.parametrize("calibration", ["sigmoid", "none", rd.PlattCalibrator, 1])
def test_what_calibrates_nothing_is_refused(calibration: Any) -> None:
    with pytest.raises(InputError, match="calibration must be a Calibrator or one of 'auto', None, 'platt', 'beta'"):
        made(calibration).fit(FRAME, Y)


def test_a_file_whose_calibrator_is_something_else_is_refused(tmp_path: Path) -> None:
    found = read_model(made("beta", **FORMS[0]).fit(FRAME, Y).save(tmp_path / "m.riskdec"))
    for state in ({"$": "dict", "v": []}, {"$": "LogisticRiskModel", "options": {}, "learned": {}}):
        header = {**found.header, "recalibration": {"state": state}}
        path = write_model(tmp_path / "n.riskdec", kind="TabularRiskModel", header=header, arrays=found.arrays)
        with pytest.raises(ModelFileError):
            rd.load(path)
