"""Fits tell scikit-learn's callbacks of their folds and epochs, and lend callbacks to the estimators that they fit."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from contextlib import redirect_stdout
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import riskdec as rd
from riskdec._base.progress import LISTENER, progress

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks from 1.9 on")

RNG = np.random.default_rng(11)
X = RNG.normal(size=(240, 2))
Y = (RNG.random(240) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)
COSTS = {"false_positive": 1, "false_negative": 4}


class Diary:
    """Writes down what it is told; it is lent to estimators inside others."""

    max_propagation_depth = None

    def __init__(self) -> None:
        self.entries: list[tuple[Any, ...]] = []

    def setup(self, estimator: Any, context: Any) -> None:
        self.entries.append(("setup", type(estimator).__name__))

    def teardown(self, estimator: Any, context: Any) -> None:
        self.entries.append(("teardown", type(estimator).__name__))

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self.entries.append(("begin", type(estimator).__name__, place(context)))

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        self.entries.append(("end", type(estimator).__name__, place(context)))

    def tasks(self, estimator: str, depth: int) -> int:
        """Count the tasks of an estimator at a depth of the tree; the fit itself has depth 1."""
        return sum(entry[:2] == ("begin", estimator) and len(entry[2]) == depth for entry in self.entries)


class Stop(Diary):
    """Wants to stop after so many tasks."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        super().on_fit_task_end(estimator, context)
        return sum(entry[0] == "end" for entry in self.entries) >= self.after


def place(context: Any) -> tuple[int, ...]:
    return () if context is None else (*place(context.parent), context.task_id)


MODELS = {
    "maximum likelihood": rd.LogisticRiskModel(),
    "ridge": rd.LogisticRiskModel(penalty="ridge", alpha="cv"),
    "table": rd.TabularRiskModel(),
    "table, likelihood": rd.TabularRiskModel(penalty=None, calibration="platt"),
    "table, learner": rd.TabularRiskModel(learner=LogisticRegression()),
    "table, learner without callbacks": rd.TabularRiskModel(learner=GaussianNB()),
    "calibrated": rd.CalibratedRiskModel(rd.TabularRiskModel(alpha=1.0), cv=3),
    "calibrated pipeline": rd.CalibratedRiskModel(make_pipeline(LogisticRegression()), cv=3),
    "prefit": rd.CalibratedRiskModel(LogisticRegression().fit(X[:100], Y[:100]), cv="prefit"),
    "decisions": rd.DecisionClassifier(rd.LogisticRiskModel(penalty="ridge", alpha="cv"), COSTS),
}


@pytest.mark.parametrize("name", MODELS)
def test_each_task_begins_and_ends_once(name: str) -> None:
    diary = Diary()
    model = deepcopy(MODELS[name]).set_callbacks(diary).fit(X, Y)
    begun = [entry[1:] for entry in diary.entries if entry[0] == "begin"]
    ended = [entry[1:] for entry in diary.entries if entry[0] == "end"]
    assert len(set(begun)) == len(begun)
    assert sorted(begun) == sorted(ended)
    kind = type(model).__name__
    assert diary.entries[:2] == [("setup", kind), ("begin", kind, (0,))]
    assert diary.entries[-2:] == [("end", kind, (0,)), ("teardown", kind)]
    assert LISTENER.get() is None


@pytest.mark.parametrize("name", MODELS)
def test_callbacks_change_nothing(name: str) -> None:
    plain = deepcopy(MODELS[name]).fit(X, Y)
    told = deepcopy(MODELS[name]).set_callbacks(Diary()).fit(X, Y)
    np.testing.assert_array_equal(told.predict_proba(X), plain.predict_proba(X))
    assert vars(told).keys() - vars(plain).keys() == {"_skl_callbacks"}


def test_folds_are_subtasks() -> None:
    diary = Diary()
    rd.TabularRiskModel().set_callbacks(diary).fit(X, Y)
    assert (diary.tasks("TabularRiskModel", 2), diary.tasks("TabularRiskModel", 3)) == (1, 10)
    diary = Diary()
    rd.CalibratedRiskModel(GaussianNB(), cv=4).set_callbacks(diary).fit(X, Y)
    # One task of four folds, and the fit on all rows.
    assert (diary.tasks("CalibratedRiskModel", 2), diary.tasks("CalibratedRiskModel", 3)) == (2, 4)


def test_callbacks_are_lent_to_what_is_fitted_in_folds() -> None:
    diary = Diary()
    rd.CalibratedRiskModel(rd.TabularRiskModel(), cv=3).set_callbacks(diary).fit(X, Y)
    # Three folds at the depth of a fold, the fit on all rows one above; each with ten folds of its own.
    assert (diary.tasks("TabularRiskModel", 3), diary.tasks("TabularRiskModel", 2)) == (4, 1)
    assert diary.tasks("TabularRiskModel", 5) == 30
    assert sum(entry[0] == "setup" for entry in diary.entries) == 1
    model = rd.CalibratedRiskModel(LogisticRegression(), cv=3).set_callbacks(Diary()).fit(X, Y)
    assert "_skl_callbacks" not in vars(model.estimator_)


def test_a_depth_of_nothing_leaves_sub_estimators_out() -> None:
    diary = Diary()
    diary.max_propagation_depth = 0  # type: ignore[assignment]
    rd.CalibratedRiskModel(rd.TabularRiskModel(), cv=3).set_callbacks(diary).fit(X, Y)
    assert diary.tasks("CalibratedRiskModel", 3) == 3
    assert not any(entry[1] == "TabularRiskModel" for entry in diary.entries)


def test_a_model_in_a_pipeline_and_in_a_search_is_followed() -> None:
    from sklearn.model_selection import GridSearchCV

    diary = Diary()
    make_pipeline(rd.TabularRiskModel()).set_callbacks(diary).fit(X, Y)
    assert diary.tasks("TabularRiskModel", 4) == 10
    diary = Diary()
    GridSearchCV(rd.TabularRiskModel(alpha=1.0), {"shape": ["linear", "splines"]}, cv=2).set_callbacks(diary).fit(X, Y)
    assert sum(entry[:2] == ("begin", "TabularRiskModel") for entry in diary.entries) == 2 * 2 + 1


def test_a_fit_that_fails_leaves_nobody_listening() -> None:
    class Refuses(GaussianNB):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            raise RuntimeError("no")

    diary = Diary()
    model = rd.CalibratedRiskModel(Refuses(), cv=3).set_callbacks(diary)
    with pytest.raises(RuntimeError, match="no"):
        model.fit(X, Y)
    assert LISTENER.get() is None
    assert diary.entries[-1] == ("teardown", "CalibratedRiskModel")
    told = len(diary.entries)
    list(progress(range(3), label="something else", total=3))
    assert len(diary.entries) == told


def test_a_loop_that_is_left_does_not_speak_for_later_ones() -> None:
    diary = Diary()
    model = rd.TabularRiskModel().set_callbacks(diary)

    class Failing(Diary):
        def on_fit_task_end(self, estimator: Any, context: Any) -> None:
            raise KeyError(context.task_name)

    with pytest.raises(KeyError):
        model.set_callbacks(Failing()).fit(X, Y)
    assert LISTENER.get() is None
    model.set_callbacks().fit(X, Y)
    assert diary.entries == []


def test_progress_bar_shows_folds() -> None:
    pytest.importorskip("rich")
    shown = io.StringIO()
    with redirect_stdout(shown):
        rd.TabularRiskModel().set_callbacks(callback.ProgressBar()).fit(X, Y)
    assert "TabularRiskModel - fit" in shown.getvalue()
    assert "folds of the cross-validation" in shown.getvalue()
    assert "100%" in shown.getvalue()


@pytest.mark.parametrize("name", ["ridge", "table", "calibrated", "decisions"])
def test_scoring_monitor_judges_the_fitted_model(name: str) -> None:
    from sklearn.metrics import log_loss

    monitor = callback.ScoringMonitor(scoring="neg_log_loss")
    model = deepcopy(MODELS[name]).set_callbacks(monitor).fit(X, Y)
    row = monitor.get_logs().data[0]
    assert row["task_name"] == "fit"
    assert row["neg_log_loss"] == pytest.approx(-log_loss(Y, model.predict_proba(X)), rel=1e-12)


def test_weights_reach_the_monitor() -> None:
    from sklearn.metrics import log_loss

    monitor = callback.ScoringMonitor(scoring="neg_log_loss")
    weight = RNG.integers(1, 4, size=len(Y)).astype(float)
    model = rd.LogisticRiskModel().set_callbacks(monitor).fit(X, Y, sample_weight=weight)
    found = monitor.get_logs().data[0]["neg_log_loss"]
    assert found == pytest.approx(-log_loss(Y, model.predict_proba(X), sample_weight=weight), rel=1e-12)


def test_callbacks_survive_cloning_and_pickling() -> None:
    diary = Diary()
    model = rd.TabularRiskModel(alpha=1.0).set_callbacks(diary)
    clone(model).fit(X, Y)
    assert diary.tasks("TabularRiskModel", 1) == 1
    again = pickle.loads(pickle.dumps(model)).fit(X, Y)
    assert diary.tasks("TabularRiskModel", 1) == 1  # the copy has a diary of its own
    assert again.predict_proba(X).shape == (240, 2)
    assert "callbacks" not in model.get_params()


def test_estimators_without_callbacks_do_no_harm(recwarn: pytest.WarningsRecorder) -> None:
    forest = RandomForestClassifier(5, random_state=0)
    rd.CalibratedRiskModel(forest, cv=3).set_callbacks(Diary()).fit(X, Y)
    assert not [warning for warning in recwarn if "callback" in str(warning.message)]


def test_epochs_are_tasks_and_can_be_stopped() -> None:
    pytest.importorskip("torch")
    images = RNG.normal(size=(80, 8, 8)) + Y[:80, None, None]
    model = rd.CNNRiskModel(max_epochs=3, batch_size=32, precision="float32", random_state=0)
    diary = Diary()
    model.set_callbacks(diary).fit(images, Y[:80])
    assert (diary.tasks("CNNRiskModel", 1), diary.tasks("CNNRiskModel", 2)) == (1, 3)
    assert model.history_.ended == "all epochs"
    model.set_callbacks(Stop(after=2)).fit(images, Y[:80])
    assert len(model.history_.rows) == 2
    assert model.history_.ended == "stopped by a callback"
    assert "stopped by a callback" in str(model.summary())


def test_without_scikit_learns_callbacks_models_fit_as_before() -> None:
    # As with scikit-learn before 1.9: the module cannot be imported.
    program = """
import builtins, numpy as np
before = builtins.__import__
def without(name, globals=None, *others):
    if name == "sklearn.callback" and globals["__name__"] == "riskdec.models.callbacks":
        raise ImportError(name)
    return before(name, globals, *others)
builtins.__import__ = without
import riskdec as rd
x, y = np.arange(60.0)[:, None] % 7, (np.arange(60) % 3 == 0).astype(int)
logistic = rd.LogisticRiskModel()
for model in (logistic, rd.TabularRiskModel(), rd.CalibratedRiskModel(logistic), rd.DecisionClassifier(logistic, {})):
    assert "set_callbacks" not in dir(model)
    assert model.fit(x, y).predict_proba(x).shape == (60, 2)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "model",
    [
        rd.CalibratedRiskModel(rd.LogisticRiskModel()),
        rd.DecisionClassifier(rd.LogisticRiskModel(), COSTS),
        rd.TabularRiskModel(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_callbacks_stay_out_of_the_file_of_a_model(model: Any, tmp_path: Any) -> None:
    told = clone(model).set_callbacks(Diary()).fit(X, Y)
    same = rd.load(told.save(tmp_path / "told.riskdec"))
    np.testing.assert_array_equal(same.predict_proba(X), told.predict_proba(X))
    assert "_skl_callbacks" not in vars(same)
