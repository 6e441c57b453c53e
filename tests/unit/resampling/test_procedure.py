"""The whole procedure is fitted on repeated rows of any kind of table, and what cannot be is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from riskdec import LogisticRiskModel, TabularRiskModel
from riskdec.errors import InputError
from riskdec.resampling.door import check_stream, open_procedure
from riskdec.resampling.procedure import fell_back, take_rows
from riskdec.resampling.shared_refits import is_shared

if TYPE_CHECKING:
    from tests.unit.resampling.conftest import Rows


def test_rows_of_any_table_are_taken_in_order_and_repeated() -> None:
    numbers = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    frame = pd.DataFrame(numbers, columns=["a", "b"], index=[7, 8, 9])
    wanted = np.array([2, 0, 2])
    for table in (numbers, frame, pl.from_pandas(frame), csr_matrix(numbers), numbers.tolist()):
        taken = take_rows(table, wanted)
        values = taken.toarray() if isinstance(table, csr_matrix) else np.asarray(taken)
        assert values[:, 0].tolist() == [4, 0, 4]
    assert take_rows(frame, wanted).index.tolist() == [0, 1, 2]


def test_resample_is_fitted_as_repeated_rows(rows: Rows) -> None:
    procedure = open_procedure(LogisticRiskModel(), rows.X, rows.y)
    times = np.random.default_rng(0).integers(0, 3, len(rows.y)).astype(float)
    fitted = procedure.fit(times, np.random.default_rng(0))
    direct = LogisticRiskModel().fit(rows.X, rows.y, sample_weight=times)
    np.testing.assert_allclose(fitted.coef_, direct.coef_, rtol=1e-6, atol=1e-8)


def test_open_random_states_are_set_from_the_stream(rows: Rows) -> None:
    procedure = open_procedure(make_pipeline(StandardScaler(), RandomForestClassifier(5)), rows.X, rows.y)
    states = [
        procedure.fit(None, np.random.default_rng(seed)).get_params()["randomforestclassifier__random_state"]
        for seed in (0, 0, 1)
    ]
    assert states[0] == states[1] != states[2]


def test_copies_of_a_row_share_a_fold(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, np.ndarray] = {}
    fit = TabularRiskModel.fit

    def spy(self: TabularRiskModel, X: object, y: object, *, groups: np.ndarray) -> TabularRiskModel:
        seen["groups"] = groups
        return fit(self, X, y, groups=groups)

    monkeypatch.setattr(TabularRiskModel, "fit", spy)
    procedure = open_procedure(TabularRiskModel(alpha=1.0), rows.X, rows.y)
    times = np.zeros(len(rows.y))
    times[:200] = 2
    procedure.fit(times, np.random.default_rng(0))
    assert seen["groups"].tolist() == np.repeat(np.arange(200), 2).tolist()


def test_resample_without_events_is_none(rows: Rows) -> None:
    procedure = open_procedure(LogisticRiskModel(), rows.X, rows.y)
    assert procedure.try_fit((rows.y == 0).astype(float), np.random.default_rng(0)) is None


def test_fallback_is_seen_through_a_pipeline(rows: Rows) -> None:
    X = np.column_stack([rows.X[:, 0], rows.y])
    with pytest.warns(UserWarning, match="RD101"):
        fitted = make_pipeline(StandardScaler(), LogisticRiskModel()).fit(X, rows.y)
    assert fell_back(fitted)
    assert not fell_back(LogisticRiskModel().fit(rows.X, rows.y))
    assert not fell_back(LogisticRegression().fit(rows.X, rows.y))


def test_rows_of_weight_zero_are_as_if_absent(rows: Rows) -> None:
    weight = np.r_[np.zeros(20), np.ones(280)]
    groups = np.arange(300)
    procedure = open_procedure(LogisticRiskModel(), rows.X, rows.y, sample_weight=weight, groups=groups)
    assert procedure.n_rows == 280
    assert procedure.groups is not None
    assert procedure.groups.tolist() == list(range(280))


def test_event_of_the_model_is_used(rows: Rows) -> None:
    labels = np.where(rows.y == 1, "ill", "well")
    procedure = open_procedure(LogisticRiskModel(event="ill"), rows.X, labels)
    assert (procedure.is_event == rows.y).all()
    fitted = procedure.fit(None, np.random.default_rng(0))
    np.testing.assert_allclose(procedure.risk(fitted), fitted.predict_risk(rows.X))


def test_only_refits_that_share_the_design_share_it() -> None:
    assert is_shared(LogisticRiskModel())
    assert is_shared(LogisticRiskModel(fit_intercept=False))
    others = (
        LogisticRiskModel(penalty="firth"),
        LogisticRiskModel(formula="y ~ x"),
        LogisticRiskModel(class_weight="balanced"),
        LogisticRegression(),
    )
    assert not any(is_shared(other) for other in others)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"estimator": LogisticRiskModel}, "must be a scikit-learn-style classifier"),
        ({"estimator": LinearSVC()}, "must have predict_proba"),
        ({"y": np.zeros(300)}, "y must hold events and non-events"),
        ({"y": np.arange(300) % 3}, "y must hold two outcomes"),
        ({"sample_weight": np.full(300, 0.5)}, "sample_weight must be whole numbers"),
        ({"groups": np.zeros(300)}, "groups must hold at least two groups"),
        ({"X": 3}, "X must hold rows"),
    ],
)
def test_what_cannot_be_is_refused(rows: Rows, change: dict[str, object], words: str) -> None:
    arguments: dict[str, object] = {"estimator": LogisticRiskModel(), "X": rows.X, "y": rows.y} | change
    estimator, X, y = (arguments.pop(name) for name in ("estimator", "X", "y"))
    with pytest.raises(InputError, match=words):
        open_procedure(estimator, X, y, **arguments)  # type: ignore[arg-type]


@pytest.fixture
def frame(rng: np.random.Generator) -> pd.DataFrame:
    frame = pd.DataFrame({"age": rng.normal(50, 10, 200), "sex": rng.choice(["f", "m"], 200)})
    frame["died"] = (rng.random(200) < 1 / (1 + np.exp(-(frame["age"] - 50) / 10))).astype(int)
    frame.loc[[3, 5], "age"] = np.nan
    return frame


def test_formula_finds_outcomes_and_leaves_incomplete_rows_out(frame: pd.DataFrame) -> None:
    model = LogisticRiskModel(formula="died ~ age + sex", missing="drop")
    procedure = open_procedure(model, frame, groups=np.arange(200))
    assert procedure.n_rows == 198
    assert procedure.finds_outcome
    assert [finding.code for finding in procedure.findings] == ["RD111"]
    fitted = procedure.fit(None, np.random.default_rng(0))
    direct = LogisticRiskModel(formula="died ~ age + sex").fit(frame.dropna())
    np.testing.assert_allclose(procedure.risk(fitted), direct.predict_risk(frame.dropna()))


def test_one_sided_formula_takes_y(frame: pd.DataFrame) -> None:
    model = LogisticRiskModel(formula="~ age + sex", missing="drop")
    procedure = open_procedure(model, frame.drop(columns="died"), frame["died"], sample_weight=2)
    assert procedure.n_rows == 198
    assert procedure.weight.sum() == 396
    assert 0 < procedure.risk(procedure.fit(None, np.random.default_rng(0))).mean() < 1


def test_outcomes_named_twice_or_nowhere_are_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="name the outcome only where y is not given"):
        open_procedure(LogisticRiskModel(formula="died ~ age"), frame, frame["died"].to_numpy())
    with pytest.raises(InputError, match="name the outcome when y is None"):
        open_procedure(LogisticRiskModel(formula="~ age"), frame)
    with pytest.raises(InputError, match="y must be given"):
        open_procedure(LogisticRiskModel(), frame[["age"]])


def test_random_numbers_have_one_seed() -> None:
    assert check_stream(3, None).random() == check_stream(None, 3).random()
    with pytest.raises(InputError, match="not both be given"):
        check_stream(1, 1)
