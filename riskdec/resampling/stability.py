"""How single risks, and the actions taken on them, move when the whole procedure is repeated on resampled rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_integer, refuse
from riskdec._base.codes import each_once
from riskdec._base.frames import frame_kind
from riskdec.decisions import decide
from riskdec.likelihood import risks
from riskdec.models.inference.bootstrap_draws import make_resamples
from riskdec.models.inference.bootstrap_workers import check_executor, check_jobs, map_in_order
from riskdec.resampling.conclusions import conclude_stability
from riskdec.resampling.door import check_costs, check_stream, open_procedure
from riskdec.resampling.procedure import Refitted
from riskdec.resampling.shared_refits import SharedRefits, is_shared, refit_together
from riskdec.resampling.stability_answer import ActionStability, DecisionStability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from riskdec._base.typing import ArrayLike, FloatArray, RngLike
    from riskdec.decisions import CostMatrix
    from riskdec.models.inference.bootstrap_draws import Resamples
    from riskdec.resampling.procedure import Procedure

# Rows whose single refits are kept for the picture.
_SHOWN = 300
# Rows whose percentiles are computed at a time.
_BLOCK = 4096
_LIMITS = (0.025, 0.975)


def decision_stability(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    costs: CostMatrix | Mapping[str, object] | None = None,
    X_new: ArrayLike | None = None,
    n_resamples: int = 200,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    event: object = None,
    rng: RngLike = None,
    random_state: RngLike = None,
    n_jobs: int | None = None,
    executor: Executor | None = None,
) -> DecisionStability:
    """Show how far each risk, and with costs each action, would have been another one with other training rows.

    Parameters
    ----------
    estimator : classifier
        As in `validate_by_bootstrap`. It is copied, never fitted itself.
    X, y : array-like of shape (n, p) and (n,)
        Rows to fit on, and their two labels.
    costs : CostMatrix or dict, optional
        Costs under which actions are chosen; "defer" may be one of them.
    X_new : array-like of shape (m, p), optional
        Rows whose risks are looked at; those of `X` by default. Risks of all refits are held at once: 8 bytes times m
        times `n_resamples`.
    n_resamples : int, default=200
        Number of refits.
    groups, sample_weight, event, rng, random_state, n_jobs, executor
        As in `validate_by_bootstrap`.

    Returns
    -------
    DecisionStability
        For each row its risk, the range of its risks over refits, their mean distance from it, and how often its
        action would have been another one.

    Notes
    -----
    A narrow range says that the procedure gives the same answer again, not that the answer is right: shrinkage and
    simple models are stable. Refits are on resamples of the rows, of the same size.

    References
    ----------
    Riley RD, Collins GS (2023). Stability of clinical prediction models developed using statistical or machine
    learning methods. Biometrical Journal 65:2200302. doi:10.1002/bimj.202200302

    Examples
    --------
    >>> import numpy as np
    >>> from riskdec import LogisticRiskModel
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 3))
    >>> y = rng.random(300) < 1 / (1 + np.exp(1 - X[:, 0]))
    >>> stability = decision_stability(
    ...     LogisticRiskModel(), X, y, costs={"false_positive": 1, "false_negative": 4}, rng=0
    ... )
    >>> 0.05 < stability.actions.mean_share_changed < 0.15
    True
    """
    wanted = check_integer(n_resamples, name="n_resamples", low=2)
    jobs, stream, matrix = check_jobs(n_jobs), check_stream(rng, random_state), check_costs(costs)
    outside = check_executor(executor, n_jobs)
    procedure = open_procedure(estimator, X, y, groups=groups, sample_weight=sample_weight, event=event)
    resamples = make_resamples(procedure.n_rows, wanted, counts=procedure.counts, groups=procedure.groups, rng=stream)
    with each_once():
        fitted = procedure.fit(None, resamples.stream(0))
    rows = procedure.X if X_new is None else X_new
    risk = procedure.risk(fitted, rows)
    if not len(risk):
        raise refuse("X_new", "have at least one row", "0 rows")
    if is_shared(estimator):
        shared = refit_together(procedure, fitted, resamples, n_jobs=jobs, rows=rows)
        done = [_shared_refit(shared, number) for number in range(wanted)]
    else:
        work = partial(_refit_one, procedure=procedure, resamples=resamples, rows=rows)
        done = map_in_order(work, range(wanted), n_jobs=jobs, label="refits", executor=outside)
    return _answer(procedure, risk, done, matrix, rows_are_new=X_new is not None, kind=frame_kind(X, y))


def _refit_one(number: int, *, procedure: Procedure, resamples: Resamples, rows: Any) -> Refitted | None:
    stream = resamples.stream(number)
    return procedure.try_fit(resamples.multiplicity(number, stream), stream, rows)


def _shared_refit(shared: SharedRefits, number: int) -> Refitted | None:
    eta = shared.log_odds(number)
    return None if eta is None else Refitted(risks(eta), shared.fell_back(number))


def _answer(
    procedure: Procedure,
    risk: FloatArray,
    done: Sequence[Refitted | None],
    costs: CostMatrix | None,
    *,
    rows_are_new: bool,
    kind: Any,
) -> DecisionStability:
    refits = [refit for refit in done if refit is not None]
    n_failed, n_firth = len(done) - len(refits), sum(refit.fell_back for refit in refits)
    if len(refits) < 2:
        cure = "Fit it once by hand on a resample to see why."
        raise refuse("estimator", "be fitted on at least two resamples", f"{n_failed} of {len(done)} that failed", cure)
    refitted = np.stack([refit.risk for refit in refits])
    low, high = _limits(refitted)
    error = np.zeros(len(risk))
    for line in refitted:
        error += np.abs(line - risk)
    shown = np.unique(np.linspace(0, len(risk) - 1, min(len(risk), _SHOWN)).astype(np.intp))
    # Evenly over the risks, so that rare high ones are in the picture.
    shown = np.argsort(risk, kind="stable")[shown]
    actions = None if costs is None else _actions(risk, refitted, costs)
    mape = error / len(refits)
    return DecisionStability(
        risk=risk,
        low=low,
        high=high,
        mape=mape,
        shown=shown,
        shown_risks=np.ascontiguousarray(refitted[:, shown]),
        refit_mape=np.array([float(np.abs(line - risk).mean()) for line in refitted]),
        actions=actions,
        n_resamples=len(done),
        n_failed=n_failed,
        n_firth=n_firth,
        n_groups=None if procedure.groups is None else int(procedure.groups.max()) + 1,
        rows_are_new=rows_are_new,
        estimator=type(procedure.estimator).__name__,
        event=str(procedure.event),
        findings=conclude_stability(
            low,
            high,
            mape,
            actions,
            n_refits=len(done),
            n_failed=n_failed,
            n_firth=n_firth,
            about_rows=procedure.findings,
        ),
        frame_kind=kind,
    )


def _limits(refitted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the 2.5 % and 97.5 % points of each row's risks."""
    low, high = np.empty((2, refitted.shape[1]))
    for start in range(0, refitted.shape[1], _BLOCK):
        rows = slice(start, start + _BLOCK)
        low[rows], high[rows] = np.quantile(refitted[:, rows], _LIMITS, axis=0)
    return low, high


def _actions(risk: FloatArray, refitted: FloatArray, costs: CostMatrix) -> ActionStability:
    """Decide on the risks of each refit, and say what that would cost if the risks of the fit were right."""
    own = decide(risk, costs, keep_cost=False).action_index
    expected = np.stack([1 - risk, risk], axis=1) @ costs.costs
    every = np.arange(len(risk))
    changed = np.zeros(len(risk))
    share_changed, cost = np.empty((2, len(refitted)))
    transitions = np.zeros((len(costs.actions), len(costs.actions)))
    for b, line in enumerate(refitted):
        other = decide(line, costs, keep_cost=False).action_index
        differs = other != own
        changed += differs
        share_changed[b] = differs.mean()
        cost[b] = expected[every, other].mean()
        np.add.at(transitions, (own, other), 1.0)
    return ActionStability(
        names=costs.actions,
        action_index=own,
        share_changed=changed / len(refitted),
        refit_share_changed=share_changed,
        expected_cost=float(expected[every, own].mean()),
        refit_expected_cost=cost,
        transitions=transitions / transitions.sum(),
        costs=costs,
    )
