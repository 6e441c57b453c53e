"""Every answer keeps the rules of results: frozen, slotted, a leaf, and drawn or listed as not drawn."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import pkgutil
import sys
from typing import TYPE_CHECKING

import pytest

import riskdec
from riskdec._base.kept import Kept
from riskdec._base.result import Framed, Report, Result
from riskdec.plot import draw

if TYPE_CHECKING:
    from collections.abc import Iterator

# Answers without a picture, each with the reason.
NOT_DRAWN: dict[str, str] = {
    "BootstrapRefits": "coefficients have units of their own, so one axis for all would mislead",
    "AlphaChoice": "a table of few strengths of the penalty; the chosen one is what matters",
    "RidgeFit": "as LogisticFit",
    "BestThreshold": "two thresholds and their costs; the cost curve shows all of them",
    "CalibrationSlope": "two numbers; the reliability curve shows what they mean",
    "CalibrationEquivalence": "a verdict on limits that the report shows",
    "CalibratorChoice": "a handful of scores with limits, side by side in the table",
    "CalibrationSums": "sums on the way to a report, which is drawn",
    "CertificateCheck": "one or two rates beside their limits",
    "CostCertificate": "one limit and one mean",
    "Contrasts": "a table of a few chosen combinations",
    "DecisionOffsets": "a handful of recalls with their limits, side by side in the table",
    "DevelopmentSize": "three sample sizes and the largest of them",
    "FlaggedBatch": "a list of cases",
    "FitStatistics": "single numbers of different kinds",
    "LikelihoodRatioTest": "one statistic and its p-value",
    "MarginalEffects": "effects have the units of their columns, so one axis for all would mislead",
    "Policy": "costs, prices and promises; its decisions and its check are drawn",
    "PooledFit": "as LogisticFit",
    "RiskBins": "sums behind the cost explorer of a page",
    "WhatIf": "the numbers that the cost explorer of a page shows and draws",
    "ModelCard": "a text",
    "ScoreSums": "sums on the way to a calibrator",
    "ProfileIntervals": "coefficients have units of their own, so one axis for all would mislead",
    "RecallFloors": "as DecisionOffsets",
    "RealisedNetBenefit": "two numbers and their difference",
    "RobustErrors": "coefficients have units of their own, so one axis for all would mislead",
    "CaseControlSample": "positions of the rows kept",
    "PrevalenceEstimate": "one prevalence per outcome with its interval",
    "UpdatingLadder": "a table of three or four models; reliability curves of old and updated risks show the effect",
    "UpdatingRung": "one or a few coefficients",
    "TermTests": "a table of statistics and p-values",
    "ValidationPlan": "numbers of rows for one or two wishes",
    "ValidationValue": "a few strategies and what a few sample sizes are worth",
    "ValueOfInformation": "one mean per source of information",
    "WaldTest": "one statistic and its p-value",
    "WeightingEfficiency": "ratios close to one and standard errors of many units: the table says it",
    "AlarmCertificate": "two thresholds and one sentence",
    "ScenePlan": "a table of few recalls, and one number of scenes",
    "SceneScans": "sums on the way to an evaluation, which is drawn",
    "WindowSample": "windows to train on",
    "LogisticFit": "coefficients have units of their own, so one axis for all would mislead; the table says it",
    "ScoreDecomposition": "three numbers that add up to a fourth",
}

# Answers that give no data frame, each with the reason.
NOT_FRAMED: dict[str, str] = {
    "AlarmCertificate": "two thresholds and one promise",
    "BestThreshold": "two thresholds and their costs",
    "CalibrationSlope": "two estimates",
    "CostCertificate": "one limit and one mean",
    "ModelCard": "a text",
    "Policy": "costs, prices and promises; what it decides has a frame",
    "RealisedNetBenefit": "two numbers and their difference",
    "RiskMap": "a picture: its arrays are the table",
    "SceneOverlay": "a picture",
    "SceneScans": "sums of scenes, objects and regions on the way to an evaluation, which has a frame",
    "ScoreDecomposition": "three numbers that add up to a fourth",
    "UpdatingRung": "one or a few coefficients; the ladder has a frame",
    "ValidationPlan": "numbers of rows for one or two wishes",
    "WhatIf": "numbers of different kinds that the cost explorer of a page shows",
    "WindowSample": "windows to train on",
}


def all_modules() -> Iterator[str]:
    """Name every module of the package that can be imported here."""
    with_torch = importlib.util.find_spec("torch") is not None
    for module in pkgutil.walk_packages(riskdec.__path__, "riskdec."):
        if with_torch or not module.name.startswith("riskdec.nn"):
            yield module.name


def descendants(cls: type) -> Iterator[type]:
    """Give the subclasses, without those that `dataclass(slots=True)` replaced by a slotted copy."""
    for child in cls.__subclasses__():
        # Test modules in the same process may have answers of their own.
        if not child.__module__.startswith("riskdec."):
            continue
        if getattr(sys.modules[child.__module__], child.__name__, None) is child:
            yield child
            yield from descendants(child)


for name in all_modules():
    importlib.import_module(name)
ABSTRACT = {Result, Framed, Report}
RESULTS = sorted(set(descendants(Result)) - ABSTRACT, key=lambda cls: cls.__name__)


def test_there_are_results() -> None:
    assert RESULTS


@pytest.mark.parametrize("cls", RESULTS)
def test_result_is_frozen_slotted_and_compared_by_identity(cls: type) -> None:
    assert dataclasses.is_dataclass(cls)
    assert "__dataclass_fields__" in vars(cls), "the class itself is decorated, not only its base"
    parameters = cls.__dataclass_params__
    assert parameters.frozen
    assert not parameters.eq
    assert not parameters.repr
    assert all(field.kw_only for field in dataclasses.fields(cls))
    assert cls.__dictoffset__ == 0, "every base has __slots__, so that no instance has a __dict__"


@pytest.mark.parametrize("cls", RESULTS)
def test_result_is_final_and_leaves_construction_to_base(cls: type) -> None:
    assert set(cls.__bases__) - {Kept} in ({Result}, {Framed}, {Report}, {Framed, Report})
    assert not list(descendants(cls))
    assert "__post_init__" not in vars(cls)
    assert "__reduce__" not in vars(cls)
    assert not getattr(cls, "__abstractmethods__", None)


@pytest.mark.parametrize("cls", RESULTS)
def test_result_has_a_drawing_or_is_listed(cls: type) -> None:
    drawn = draw.dispatch(cls) is not draw.dispatch(object)
    listed = cls.__name__ in NOT_DRAWN
    assert drawn != listed, "register a drawing in riskdec/plot, or give the reason in NOT_DRAWN; not both"


def test_list_of_results_without_drawing_names_results_only() -> None:
    assert set(NOT_DRAWN) <= {cls.__name__ for cls in RESULTS}


@pytest.mark.parametrize("cls", RESULTS)
def test_result_has_a_frame_or_is_listed(cls: type) -> None:
    listed = cls.__name__ in NOT_FRAMED
    assert issubclass(cls, Framed) != listed, "stand on Framed, or give the reason in NOT_FRAMED; not both"
    assert ("frame" in dir(cls)) != listed
    assert "frame" not in vars(cls), "the base makes the frame of what _columns gives"
    assert ("_columns" in vars(cls)) != listed


def test_list_of_results_without_frame_names_results_only() -> None:
    assert set(NOT_FRAMED) <= {cls.__name__ for cls in RESULTS}
