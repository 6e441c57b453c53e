"""One question to every public function that answers with a table, asked with arrays or with any kind of frame."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from sklearn.linear_model import LogisticRegression

import riskdec as rd
from riskdec.models.inference import development_size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N = 240
RNG = np.random.default_rng(0)
AGE, DOSE = RNG.normal(size=(2, N))
RISK = 1 / (1 + np.exp(0.5 - AGE - 0.5 * DOSE))
Y = (RNG.random(N) < RISK).astype(np.int64)
WEIGHT = RNG.integers(1, 3, N)
PLACE = np.repeat(np.arange(N // 4), 4)
SITE = np.array(["north", "south"])[RNG.integers(0, 2, N)]
PROBA = 0.9 * RNG.dirichlet([1, 1, 1], N) + 0.1 / 3
Y_OF_3 = (RNG.random(N)[:, np.newaxis] > PROBA.cumsum(axis=1)).sum(axis=1)
COSTS: Any = {"false_positive": 1, "false_negative": 5, "defer": 0.3}

_SERIES: dict[str, Callable[[Any], Any]] = {
    "arrays": np.asarray,
    "pandas": pd.Series,
    "polars": lambda values: pl.Series("value", values),
    "pyarrow": pa.array,
}
_TABLES: dict[str, Callable[[Any], Any]] = {
    "arrays": pd.DataFrame,
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
}


@dataclasses.dataclass(frozen=True)
class Given:
    """The same rows as arrays, or in series and frames of one library; X is a frame of pandas beside arrays."""

    library: str

    def series(self, values: Any) -> Any:
        """Give one column."""
        return _SERIES[self.library](values)

    def table(self, **columns: Any) -> Any:
        """Give columns with names."""
        return _TABLES[self.library](columns)

    @property
    def y(self) -> Any:
        return self.series(Y)

    @property
    def risk(self) -> Any:
        return self.series(RISK)

    @property
    def weight(self) -> Any:
        return self.series(WEIGHT)

    @property
    def groups(self) -> Any:
        return self.series(PLACE)

    @property
    def X(self) -> Any:  # noqa: N802 -- matrices are called X
        return self.table(age=AGE, dose=DOSE)

    @property
    def proba(self) -> Any:
        return self.table(**{str(k): PROBA[:, k] for k in range(3)})

    @property
    def y_of_3(self) -> Any:
        return self.series(Y_OF_3)


def _diagnose(given: Given) -> Any:
    report = rd.diagnose(
        given.y, given.risk, costs=COSTS, sample_weight=given.weight, groups=given.groups, n_resamples=10, rng=0
    )
    return report, report.equivalence(max_regret=1.0)


def _subgroups(given: Given) -> Any:
    by = given.table(site=SITE)
    return rd.diagnose_subgroups(given.y, given.risk, by=by, sample_weight=given.weight, n_resamples=10, rng=0)


def _curves(given: Given) -> Any:
    methods: Any = ("isotonic", "lowess", "spline", "binned")
    return [rd.reliability_curve(given.y, given.risk, sample_weight=given.weight, method=one, rng=0) for one in methods]


def _policy(given: Given) -> Any:
    decisions = rd.decide(given.risk, COSTS, capacity={"positive": 0.2})
    return decisions, decisions.policy().check(given.risk, given.y)


def _certificate(given: Given) -> Any:
    found = rd.certify_deferral(given.y, given.risk, max_error=0.3, sample_weight=given.weight, groups=given.groups)
    return found, found.apply(given.risk), found.check(given.risk, given.y, sample_weight=given.weight)


def _offsets(given: Given) -> Any:
    found = rd.recall_offsets(given.y_of_3, given.proba, sample_weight=given.weight)
    floors = rd.recall_floors(given.y_of_3, given.proba, floors={2: 0.5}, sample_weight=given.weight)
    return found, found.apply(given.proba), floors, floors.apply(given.proba)


def _prevalence(given: Given) -> Any:
    return rd.estimate_prevalence(
        given.risk,
        sample_weight=given.weight,
        groups=given.groups,
        y_true_calibration=given.y,
        y_proba_calibration=given.risk,
    )


def _logistic(given: Given) -> Any:
    X, y = given.X, given.y
    model = rd.LogisticRiskModel().fit(X, y)
    smaller = rd.LogisticRiskModel().fit(given.table(age=AGE), y)
    return (
        *(model.fit_result_, model.diagnose(X, y, n_resamples=10, rng=0), model.decide(X, costs=COSTS)),
        *(model.anova(), model.lr_test(smaller), model.wald_test([{"age": 1}]), model.contrasts({"older": {"age": 1}})),
        *(model.profile_intervals(X, y), model.robust_errors(X, y), model.marginal_effects(X)),
        *(model.bootstrap(X, y, n_resamples=10, rng=0), model.fit_statistics()),
        *(development_size_of(model.fit_result_), rd.pool_imputations([model, model]).fit_result_),
    )


def _weighted_logistic(given: Given) -> Any:
    model = rd.LogisticRiskModel().fit(given.X, given.y, sample_weight=given.weight, groups=given.groups)
    return model.fit_result_


def _shrunken(given: Given) -> Any:
    ridge = rd.LogisticRiskModel(penalty="ridge", alpha="cv").fit(given.X, given.y)
    table = rd.TabularRiskModel(random_state=0).fit(given.X, given.y, sample_weight=given.weight)
    return ridge.fit_result_, ridge.alpha_choice_, table.fit_result_, table.alpha_choice_


def _calibrated(given: Given) -> Any:
    model = rd.CalibratedRiskModel(LogisticRegression(), method="auto", random_state=0)
    return model.fit(given.X, given.y, sample_weight=given.weight).choice_


def _sums(given: Given) -> Any:
    here = rd.CalibrationSums.from_rows(given.y, given.risk, sample_weight=given.weight)
    scores = rd.ScoreSums.from_rows(given.risk, given.y, given.weight)
    return here, here + here, here.diagnose(n_resamples=10, rng=0), scores, scores + scores


def _resampling(given: Given) -> Any:
    model = rd.LogisticRiskModel()
    return (
        rd.validate_by_bootstrap(model, given.X, given.y, n_resamples=5, rng=0),
        rd.validate_by_folds(model, given.X, given.y, rng=0),
        rd.decision_stability(model, given.X, given.y, costs=COSTS, n_resamples=5, rng=0),
    )


def _weighting(given: Given) -> Any:
    model = rd.LogisticRiskModel()
    return (
        rd.compare_weighting(model, given.X, given.y, rng=0),
        rd.sweep_weights(model, given.X, given.y, ratios=[1, 2, 4], rng=0),
        rd.balance_recall(model, given.X, given.y, rng=0),
        rd.weighting_efficiency(model, given.X, given.y),
        rd.weighting_distortion(given.y, given.risk, weight_ratio=2),
    )


def _value(given: Given) -> Any:
    models = {"model": given.risk}
    return (
        rd.value_of_information(given.risk, COSTS, sensitivity=0.9, specificity=0.9, price=0.1),
        rd.value_of_validation(given.y, models, threshold=0.2, sample_weight=given.weight, n_draws=100, rng=0),
    )


ANSWERS: dict[str, Callable[[Given], Any]] = {
    "diagnose": _diagnose,
    "diagnose, of three": lambda given: rd.diagnose(given.y_of_3, given.proba, n_resamples=10, rng=0),
    "diagnose_subgroups": _subgroups,
    "calibration_heterogeneity": lambda given: rd.calibration_heterogeneity(
        given.y, given.risk, groups=given.series(PLACE // 15), sample_weight=given.weight
    ),
    "reliability_curve": _curves,
    "decide": lambda given: rd.decide(given.risk, COSTS),
    "evaluate_decisions": lambda given: rd.evaluate_decisions(
        given.y, rd.decide(RISK, COSTS), sample_weight=given.weight, groups=given.groups
    ),
    "policy": _policy,
    "decision_curve": lambda given: rd.decision_curve(
        given.y, {"model": given.risk}, sample_weight=given.weight, groups=given.groups
    ),
    "decision_curve, of decisions": lambda given: rd.decision_curve(Y, rd.decide(given.risk, COSTS), defer=0.1),
    "cost_curve": lambda given: rd.cost_curve(given.y, {"model": given.risk}, sample_weight=given.weight),
    "risk_coverage": lambda given: rd.risk_coverage(given.y, given.risk, sample_weight=given.weight),
    "value": _value,
    "certify_deferral": _certificate,
    "certify_rates": lambda given: rd.certify_rates(given.y, given.risk, min_recall=0.8, max_false_positive_rate=0.3),
    "flag_batch": lambda given: rd.flag_batch(given.y, given.risk, given.series(RISK[:50]), max_fdr=0.2),
    "recall_offsets": _offsets,
    "case_control": lambda given: rd.case_control(given.y, keep_rates=(0.3, 1), rng=0),
    "local_case_control": lambda given: rd.local_case_control(given.y, given.risk, rng=0),
    "choose_update": lambda given: rd.choose_update(
        given.y, given.risk, X=given.X, sample_weight=given.weight, groups=given.groups
    ),
    "estimate_prevalence": _prevalence,
    "estimate_prevalence, of three": lambda given: rd.estimate_prevalence(given.proba, train=[0.3, 0.3, 0.4]),
    "LogisticRiskModel": _logistic,
    "LogisticRiskModel, weighted": _weighted_logistic,
    "ridge": _shrunken,
    "CalibratedRiskModel": _calibrated,
    "sums": _sums,
    "resampling": _resampling,
    "weighting": _weighting,
    "plan_scenes": lambda given: rd.plan_scenes(given.y, given.risk, windows_per_scene=1000, objects_per_scene=2),
}

# What is asked of probabilities alone and answers with arrays.
REPAIRS: dict[str, Callable[[Any], Any]] = {
    "adjust_prevalence": partial(rd.adjust_prevalence, train=0.5, target=0.1),
    "undo_class_weight": partial(rd.undo_class_weight, class_weight=[1, 5]),
    "undo_sampling": partial(rd.undo_sampling, keep_rates=[0.1, 1]),
}


def framed_parts(answer: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give every answer with a frame in an answer, with the way to it."""
    if isinstance(answer, (list, tuple)):
        for place, part in enumerate(answer):
            yield from framed_parts(part, f"{path}[{place}]")
    elif dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        if isinstance(answer, rd._base.result.Framed):
            yield f"{path} {type(answer).__name__}", answer
        for field in dataclasses.fields(answer):
            yield from framed_parts(getattr(answer, field.name), f"{path}.{field.name}")
