"""Validation by repeated cross-validation: every row is judged by fits that have not seen it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_integer, refuse
from riskdec._base.codes import each_once
from riskdec._base.frames import frame_kind
from riskdec.models.inference.bootstrap_draws import make_resamples
from riskdec.models.inference.bootstrap_workers import check_executor, check_jobs, map_in_order
from riskdec.resampling.averages import Refit, answer, curve_places, rate_at
from riskdec.resampling.door import check_costs, check_stream, open_procedure
from riskdec.resampling.performance import RankedRisks
from riskdec.resampling.procedure import Refitted, take_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from riskdec._base.typing import ArrayLike, BoolArray, FloatArray, IntArray, RngLike
    from riskdec.decisions import CostMatrix
    from riskdec.models.inference.bootstrap_draws import Resamples
    from riskdec.resampling.performance import Performance
    from riskdec.resampling.procedure import Procedure
    from riskdec.resampling.validation_answer import BootstrapValidation


def validate_by_folds(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    n_folds: int = 10,
    n_repeats: int = 10,
    groups: ArrayLike | None = None,
    costs: CostMatrix | Mapping[str, object] | None = None,
    sample_weight: ArrayLike | None = None,
    event: object = None,
    rng: RngLike = None,
    random_state: RngLike = None,
    n_jobs: int | None = None,
    executor: Executor | None = None,
) -> BootstrapValidation:
    """Judge a procedure on rows left out in turn, several times over.

    Parameters
    ----------
    estimator, X, y, groups, costs, sample_weight, event, rng, random_state, n_jobs, executor
        As in `validate_by_bootstrap`. Groups are left out whole; a row of frequency weight 3 is left out as one.
    n_folds : int, default=10
        Parts into which the rows are dealt, events and non-events alike.
    n_repeats : int, default=10
        How often they are dealt.

    Returns
    -------
    BootstrapValidation
        Apparent and corrected value of each index. Corrected is the mean over repetitions of the index on the risks
        of all rows, each by the fit that did not see it; optimism is the difference.

    Notes
    -----
    Fits on nine tenths of the rows are a little worse than the fit on all, so that figures are a little too low; they
    hold for procedures of any kind, those that reproduce their training rows among them. Risks of different fits are
    ranked together, which lowers the AUC further where a fold has few events.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(150, 4))
    >>> y = rng.random(150) < 1 / (1 + np.exp(1 - X[:, 0]))
    >>> forest = RandomForestClassifier(20, random_state=0)
    >>> auc = validate_by_folds(forest, X, y, n_folds=5, n_repeats=2, rng=0)["auc"]
    >>> auc.apparent > 0.99, auc.corrected < 0.8
    (True, True)
    """
    n_parts = check_integer(n_folds, name="n_folds", low=2)
    repeats = check_integer(n_repeats, name="n_repeats", low=1)
    jobs, stream, matrix = check_jobs(n_jobs), check_stream(rng, random_state), check_costs(costs)
    outside = check_executor(executor, n_jobs)
    procedure = open_procedure(estimator, X, y, groups=groups, sample_weight=sample_weight, event=event)
    n_units = procedure.n_rows if procedure.groups is None else int(procedure.groups.max()) + 1
    if n_parts > n_units:
        unit = "rows" if procedure.groups is None else "groups"
        raise refuse("n_folds", f"be at most the number of {unit} ({n_units})", n_parts)
    # One stream of random numbers deals each repetition; fits have one each.
    seeds = make_resamples(procedure.n_rows, repeats * (n_parts + 1), rng=stream)
    deals = [_deal(procedure, n_parts, seeds.stream(repeat)) for repeat in range(repeats)]
    with each_once():
        fitted = procedure.fit(None, seeds.stream(0))
    whole = RankedRisks(procedure.risk(fitted), procedure.is_event, costs=matrix)
    apparent = whole.measure(procedure.weight)
    work = partial(_predict_left_out, procedure=procedure, deals=deals, seeds=seeds)
    left_out = map_in_order(work, range(repeats * n_parts), n_jobs=jobs, label="cross-validation", executor=outside)
    parts = [left_out[start : start + n_parts] for start in range(0, len(left_out), n_parts)]
    places = curve_places(apparent.curve)
    done = [_judge(procedure, deal, part, apparent, places, matrix) for deal, part in zip(deals, parts, strict=True)]
    return answer(
        procedure,
        apparent,
        whole.n_certain,
        places,
        done,
        method="folds",
        kind=frame_kind(X, y),
        n_folds=n_parts,
    )


def _deal(procedure: Procedure, n_folds: int, stream: np.random.Generator) -> IntArray:
    """Deal rows, or whole groups, into folds: those with and those without events evenly."""
    units = np.arange(procedure.n_rows) if procedure.groups is None else procedure.groups
    has_event = np.bincount(units, weights=procedure.is_event) > 0
    order = np.concatenate([stream.permutation(np.flatnonzero(has_event == kind)) for kind in (True, False)])
    fold = np.empty(len(order), dtype=np.intp)
    fold[order] = np.arange(len(order)) % n_folds
    return fold[units]


def _predict_left_out(
    number: int, *, procedure: Procedure, deals: Sequence[IntArray], seeds: Resamples
) -> Refitted | None:
    """Fit on the rows outside one fold, and predict those inside."""
    repeat, fold = divmod(number, int(deals[0].max()) + 1)
    inside: BoolArray = deals[repeat] == fold
    left_out = take_rows(procedure.X, np.flatnonzero(inside))
    return procedure.try_fit(np.where(inside, 0.0, procedure.weight), seeds.stream(len(deals) + number), left_out)


def _judge(
    procedure: Procedure,
    deal: IntArray,
    parts: Sequence[Refitted | None],
    apparent: Performance,
    places: FloatArray,
    costs: CostMatrix | None,
) -> Refit | None:
    """Judge one repetition: all rows, each with the risk given without it."""
    risk = np.empty(procedure.n_rows)
    for fold, part in enumerate(parts):
        if part is None:
            return None
        risk[deal == fold] = part.risk
    ranked = RankedRisks(risk, procedure.is_event, costs=costs)
    left_out = ranked.measure(procedure.weight)
    lift = rate_at(apparent.curve, places) - rate_at(left_out.curve, places)
    any_fell_back = any(part.fell_back for part in parts if part is not None)
    return Refit(left_out.indices, left_out.indices, None, lift, ranked.n_certain, any_fell_back)
