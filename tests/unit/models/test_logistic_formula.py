"""A formula in the model: the same fit as its design by hand, rows that lack values, and everything after."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.formula.api as smf
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

import riskdec as rd
from riskdec.errors import IncompleteRowsWarning, InputError
from riskdec.models.tables.splines import RestrictedCubicSpline

if TYPE_CHECKING:
    from pathlib import Path

FORMULA = "died ~ rcs(age, 4) + sex * dose"
quiet = pytest.mark.filterwarnings("ignore::riskdec.errors.IncompleteRowsWarning")


@pytest.fixture
def data(rng: np.random.Generator) -> pd.DataFrame:
    age = rng.normal(60, 12, 600)
    sex = np.where(rng.random(600) < 0.5, "male", "female")
    dose = rng.exponential(2, 600)
    logit = -2 + 0.04 * (age - 60) + (sex == "male") * 0.5 * dose - 0.2 * dose
    died = (rng.random(600) < 1 / (1 + np.exp(-logit))).astype(int)
    return pd.DataFrame({"age": age, "sex": sex, "dose": dose, "died": died, "note": "x"})


@pytest.fixture
def gaps(data: pd.DataFrame) -> pd.DataFrame:
    holed = data.copy()
    holed.loc[[3, 50, 51], "dose"] = np.nan
    holed.loc[[51, 90], "sex"] = None
    return holed


def test_formula_is_the_fit_of_its_design_by_hand(data: pd.DataFrame) -> None:
    model = rd.LogisticRiskModel.from_formula(FORMULA, data)
    spline = RestrictedCubicSpline(n_knots=4).fit(data[["age"]])
    male = (data["sex"] == "male").to_numpy(float)
    dose = data["dose"].to_numpy()
    by_hand = rd.LogisticRiskModel().fit(np.c_[spline.transform(data[["age"]]), male, dose, male * dose], data["died"])
    assert list(model.params.index) == ["Intercept", "age", "age'", "age''", "sex[male]", "dose", "sex[male]:dose"]
    np.testing.assert_allclose(model.params, by_hand.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, by_hand.bse, rtol=1e-9)


def test_formula_without_splines_equals_statsmodels(data: pd.DataFrame) -> None:
    model = rd.LogisticRiskModel.from_formula("died ~ age + C(sex) * dose", data)
    peer = smf.logit("died ~ age + C(sex) * dose", data).fit(disp=0, tol=1e-13)
    np.testing.assert_allclose(np.sort(model.params), np.sort(peer.params), rtol=1e-9)
    np.testing.assert_allclose(model.predict_risk(data), peer.predict(data), rtol=1e-9)


def test_from_formula_is_the_constructor_and_fit(data: pd.DataFrame) -> None:
    one = rd.LogisticRiskModel.from_formula(FORMULA, data, penalty="firth")
    other = rd.LogisticRiskModel(formula=FORMULA, penalty="firth").fit(data)
    pd.testing.assert_series_equal(one.params, other.params)
    with pytest.raises(TypeError, match="no_such_option"):
        rd.LogisticRiskModel.from_formula(FORMULA, data, no_such_option=1)


def test_clone_keeps_the_formula_and_learns_it_anew(data: pd.DataFrame) -> None:
    model = rd.LogisticRiskModel.from_formula(FORMULA, data)
    half = clone(model).fit(data.iloc[::2])
    assert half.design_ is not None
    assert half.design_.names == model.design_.names
    assert not np.allclose(half.params, model.params)
    scores = cross_val_score(rd.LogisticRiskModel(formula="~ rcs(age, 4) + sex"), data, data["died"], cv=3)
    assert np.isfinite(scores).all()


def test_polars_frame_gives_the_same_model(data: pd.DataFrame) -> None:
    one, other = (rd.LogisticRiskModel.from_formula(FORMULA, frame) for frame in (data, pl.from_pandas(data)))
    pd.testing.assert_series_equal(one.params, other.params)
    np.testing.assert_array_equal(one.predict_risk(data), other.predict_risk(pl.from_pandas(data)))


def test_missing_values_are_an_error_unless_dropped(gaps: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"4 of 600 rows lack a value \(2 in 'sex', 3 in 'dose'\).*missing='drop'"):
        rd.LogisticRiskModel.from_formula(FORMULA, gaps)


@quiet
def test_dropped_rows_are_those_left_out_beforehand_with_all_that_belongs_to_them(gaps: pd.DataFrame) -> None:
    weight, groups = np.arange(1.0, 601.0) % 3 + 1, np.arange(600) % 40
    keep = gaps[["sex", "dose"]].notna().all(axis=1).to_numpy()
    model = rd.LogisticRiskModel(formula=FORMULA, missing="drop").fit(gaps, sample_weight=weight, groups=groups)
    wanted = rd.LogisticRiskModel(formula=FORMULA).fit(gaps[keep], sample_weight=weight[keep], groups=groups[keep])
    pd.testing.assert_series_equal(model.params, wanted.params)
    pd.testing.assert_frame_equal(model.cov_params("cluster"), wanted.cov_params("cluster"))
    assert [finding.code for finding in model.fit_result_.findings] == ["RD111"]


def test_rows_that_cannot_be_predicted_come_back_as_nan_with_one_warning(gaps: pd.DataFrame) -> None:
    model = rd.LogisticRiskModel(formula=FORMULA, missing="drop").fit(gaps)
    lacking = gaps[["sex", "dose"]].isna().any(axis=1)
    for ask in (model.predict_risk, model.predict_proba, model.risk_interval):
        with pytest.warns(IncompleteRowsWarning, match="RD111 .*4 of 600 rows lack a value") as caught:
            answer = ask(gaps)
        assert len(caught) == 1
        assert caught[0].filename == __file__
        np.testing.assert_array_equal(np.isnan(answer.reshape(600, -1)).all(axis=1), lacking)
    with pytest.warns(IncompleteRowsWarning), pytest.raises(InputError, match="be complete where a class is wanted"):
        model.predict(gaps)
    costs = {"false_positive": 1, "false_negative": 5}
    with pytest.warns(IncompleteRowsWarning), pytest.raises(InputError, match=r"got 4 of 600 rows.*defer="):
        model.decide(gaps, costs=costs)


@quiet
def test_diagnose_finds_the_outcome_and_counts_the_rows_left_out(gaps: pd.DataFrame) -> None:
    model = rd.LogisticRiskModel(formula=FORMULA, missing="drop").fit(gaps)
    report = model.diagnose(gaps, rng=0)
    assert report.n == 596
    assert "RD111" in [finding.code for finding in report.findings]
    complete = gaps.dropna(subset=["sex", "dose"])
    assert report.citl.estimate == model.diagnose(complete, complete["died"], rng=0).citl.estimate


@quiet
def test_saved_model_predicts_the_same_and_parses_nothing(
    gaps: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = rd.LogisticRiskModel(formula=FORMULA, missing="drop").fit(gaps)
    path = model.save(tmp_path / "model.riskdec")

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("riskdec.models.doors.formula_door.parse_formula", never)
    for again in (rd.load(path), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(again.predict_risk(gaps), model.predict_risk(gaps))
        assert again.get_params() == model.get_params()


def test_anova_tests_terms_as_the_formula_names_them(data: pd.DataFrame) -> None:
    model = rd.LogisticRiskModel.from_formula("died ~ rcs(age, 4) + sex + dose", data)
    lines = {line.name: line.df for line in model.anova().rows}
    assert lines == {"age": 3, "age Nonlinear": 2, "sex": 1, "dose": 1, "TOTAL": 5}


def test_profile_intervals_take_the_frame_again(data: pd.DataFrame) -> None:
    model = rd.LogisticRiskModel.from_formula("died ~ age + sex", data)
    profile, wald = model.conf_int(method="profile", X=data), model.conf_int()
    assert np.abs((profile - wald).to_numpy() / model.bse.to_numpy()[:, None]).max() < 0.1
    assert not np.allclose(profile, wald, rtol=1e-6)
    with pytest.raises(InputError, match="X must be given with method='profile'"):
        model.conf_int(method="profile")


def test_formula_without_intercept_has_none(data: pd.DataFrame) -> None:
    model = rd.LogisticRiskModel.from_formula("died ~ age + dose - 1", data)
    assert list(model.params.index) == ["age", "dose"]
    assert model.intercept_[0] == 0
    assert model.risk_interval(data).shape == (600, 2)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("died ~ __import__('os').system('true')", "formula"),
        ("died ~ age +", "formula"),
        ("died ~ height", "height"),
        (3, "formula must be text or None"),
    ],
)
def test_formulas_that_cannot_be_read_are_refused(data: pd.DataFrame, formula: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rd.LogisticRiskModel(formula=formula).fit(data)


def test_outcome_is_named_once(data: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="name the outcome when y is None"):
        rd.LogisticRiskModel(formula="~ age").fit(data)
    with pytest.raises(InputError, match="name the outcome only where y is not given"):
        rd.LogisticRiskModel(formula="died ~ age").fit(data, data["died"].to_numpy())
    named = rd.LogisticRiskModel(formula="died ~ age").fit(data, data["died"])
    assert named.params.equals(rd.LogisticRiskModel(formula="~ age").fit(data, data["died"]).params)


def test_frame_is_asked_for_and_options_without_formula_are_refused(data: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="X must be a data frame for a model with a formula; got ndarray"):
        rd.LogisticRiskModel(formula="~ age").fit(data[["age"]].to_numpy(), data["died"])
    with pytest.raises(InputError, match="be left at 'error' without a formula"):
        rd.LogisticRiskModel(missing="drop").fit(data[["age"]], data["died"])
