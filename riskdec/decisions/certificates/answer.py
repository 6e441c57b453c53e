"""The answer of a certificate: two cuts, what is promised about the cases beyond them, and on which assumption."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_level, check_risks
from riskdec._base.findings import Finding, findings_table
from riskdec._base.frames import frame_kind
from riskdec._base.modelfile import write_model
from riskdec._base.result import Framed, Report, jsonable, with_frame_kind
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.certificates.applying import check_deferral_costs, zone_decisions
from riskdec.decisions.certificates.cases import independent_cases
from riskdec.decisions.certificates.stored import read_certificate
from riskdec.decisions.zones.regions import risk_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskdec._base.typing import ArrayLike, RngLike, WeightKind
    from riskdec.decisions.certificates.checking import CertificateCheck
    from riskdec.decisions.choosing.answer import Decisions
    from riskdec.decisions.costs.cost_matrix import CostMatrix

ASSUMPTION = (
    "It holds if the cases it was computed from are independent, are drawn as the future ones will be, and had no part "
    "in fitting, tuning or recalibrating the risks."
)
TIED = "Scores are tied, so it also assumes that errors do not become rarer among the first tied cases tested."


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """One rate and the limit that it keeps.

    Attributes
    ----------
    rate : str
        What is limited: ``"error among the decided"``, ``"error among 'negative'"`` (one minus the negative
        predictive value), ``"error among 'positive'"`` (one minus the positive predictive value),
        ``"events called 'negative'"`` (one minus the recall) or ``"non-events called 'positive'"``.
    limit : float
        The promised upper limit of the rate.
    confidence_level : float
        Probability, over the draw of the calibration cases, with which the promise is kept.
    n, errors : int
        Calibration cases that the rate is taken over at the cut chosen, and errors among them.
    bound : float
        Exact upper limit of the rate at this cut, taken by itself; at most `limit` where something is certified.
    """

    rate: str
    limit: float
    confidence_level: float
    n: int
    errors: int
    bound: float

    def sentence(self) -> str:
        """Say the promise in one sentence."""
        level = percent(self.confidence_level)
        return f"With {level} confidence, the rate of {self.rate} is at most {rate_text(self.limit)}."


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class DeferralCertificate(Framed, Report):
    """A zone of risks in which nothing is decided, and exact promises about the cases outside it.

    `frame` gives one line per promise: rate, limit, confidence level, cases, errors, bound.

    Attributes
    ----------
    low, high : float
        A risk below `low` is called negative, a risk of at least `high` positive; between them the case is
        deferred. `low` is 0 where nothing may be called negative, `high` is inf where nothing may be called
        positive.
    max_error : float
        The promised limit; the larger one of two.
    confidence_level : float
        Probability, over the draw of the calibration cases, with which all promises are kept together.
    n : int
        Calibration cases, deferred ones included; one per group where there are groups.
    errors : int
        Wrong decisions among the calibration cases decided.
    bound : float
        Exact upper limit of the promised rate at the cut chosen; the larger one of two, nan if nothing is certified.
    coverage : float
        Share of the calibration cases that is decided.
    promises : tuple of Promise
        What is guaranteed, one entry per rate.
    mean_cost : float or None
        Mean cost of the policy on the calibration cases, if it was chosen by costs. These cases chose the
        policy, so this figure is too good.
    n_groups : int or None
        Number of groups, if one row of each was used.
    event_column : int
        Column of the event where probabilities have two.
    outcomes, actions : tuple of str
        Names of the two outcomes, and of calling negative, calling positive and deferring.
    findings : tuple of Finding
        What limits the certificate, and what could be attained where nothing is certified.
    """

    low: float
    high: float
    max_error: float
    confidence_level: float
    n: int
    errors: int
    bound: float
    coverage: float
    promises: tuple[Promise, ...]
    mean_cost: float | None
    n_groups: int | None
    event_column: int
    outcomes: tuple[str, ...]
    actions: tuple[str, ...]
    findings: tuple[Finding, ...]

    def apply(self, y_proba: ArrayLike, *, costs: CostMatrix | Mapping[str, object] | None = None) -> Decisions:
        """Decide new cases as certified.

        Parameters
        ----------
        y_proba : array-like of shape (n,) or (n, 2)
            Risks from the same model, treated in the same way.
        costs : CostMatrix or dict, optional
            Costs of both errors and of deferring, to price the decisions in; they change none of them.

        Returns
        -------
        Decisions
            Without `costs` nothing is priced: its costs then only express the zone, as those under which it is the
            cheapest rule, in units of one deferral.
        """
        risk = check_risks(y_proba, event_column=self.event_column)
        priced = None if costs is None else check_deferral_costs(costs)
        decisions = zone_decisions(
            risk, self.low, self.high, outcomes=self.outcomes, actions=self.actions, priced=priced
        )
        return with_frame_kind(decisions, frame_kind(y_proba))

    def check(
        self,
        y_proba: ArrayLike,
        y_true: ArrayLike,
        *,
        confidence_level: float = 0.95,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        groups: ArrayLike | None = None,
        event: object = None,
        rng: RngLike = 0,
    ) -> CertificateCheck:
        """Hold the promises against new cases whose outcomes are known.

        Parameters
        ----------
        y_proba : array-like of shape (n,) or (n, 2)
            Their risks.
        y_true : array-like of shape (n,)
            Their outcomes.
        confidence_level : float
            Level of the limits, and of the verdict.
        sample_weight, weight_kind, groups, event, rng
            As in `certify_deferral`.

        Returns
        -------
        CertificateCheck
            Each promised rate with exact limits, and the exact p-value of its being within the promised limit.
        """
        from riskdec.decisions.certificates.checking import check_certificate

        level = check_level(confidence_level)
        cases = independent_cases(
            y_true,
            y_proba,
            sample_weight=sample_weight,
            weight_kind=weight_kind,
            groups=groups,
            event=event,
            rng=rng,
        )
        return with_frame_kind(check_certificate(self, cases, level), frame_kind(y_proba, y_true))

    def summary(self) -> Table:
        """Give the zone, each promise in one sentence with its counts, and the assumption."""
        low = f"below {risk_text(self.low)}" if self.low > 0 else "never"
        high = f"from {risk_text(self.high)}" if self.high <= 1 else "never"
        rows = [
            (f"{self.actions[0]!r}", low),
            (f"{self.actions[1]!r}", high),
            ("coverage (share decided)", percent(self.coverage)),
            ("calibration cases", count(self.n)),
            ("wrong decisions among them", count(self.errors)),
        ]
        rows += [("mean cost on these cases", number(self.mean_cost))] if self.mean_cost is not None else []
        # A side on which nothing was certified is never called: its limit holds for no case and is no promise.
        kept = [promise for promise in self.promises if promise.bound <= promise.limit]
        notes = [promise.sentence() for promise in kept] if self.coverage else []
        assumption = (ASSUMPTION,) if self.coverage else ()
        optimistic = "The cost shown was used to choose the policy; an unbiased figure needs other data."
        return Table(
            title="Certificate of deferral",
            rows=tuple(rows),
            notes=(*notes, *assumption, *([optimistic] if self.mean_cost is not None else [])),
            sections=(self._promise_table(), *([findings_table(self.findings)] if self.findings else [])),
        )

    def _columns(self) -> dict[str, Any]:
        names = [field.name for field in fields(Promise)]
        return {name: [getattr(promise, name) for promise in self.promises] for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Give cuts, promises and findings as plain numbers, text and lists, ready for JSON."""
        plain = self._plain_fields()
        plain["high"] = self.high if self.high <= 1 else None
        plain["promises"] = [jsonable(asdict(promise)) for promise in self.promises]
        plain["findings"] = [finding.to_dict() for finding in self.findings]
        plain["assumption"] = ASSUMPTION
        return plain

    def to_json(self) -> str:
        """Write the certificate as JSON text, from which `from_json` makes the same one."""
        return json.dumps({"riskdec": "deferral certificate", "version": 1, **self.to_dict()}, indent=2)

    def save(self, path: str | Path) -> Path:
        """Write it to one file, whole or not at all; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        return write_model(path, kind="DeferralCertificate", header={"json": self.to_json()}, arrays={})

    @classmethod
    def from_json(cls, text: str) -> DeferralCertificate:
        """Read the certificate that `to_json` wrote.

        Parameters
        ----------
        text : str
            JSON text.

        Returns
        -------
        DeferralCertificate
            The same certificate; deciding with it gives the same actions.

        Raises
        ------
        InputError
            For text that is no certificate, or whose entries do not fit each other.
        """
        state = read_certificate(text)
        state["promises"] = tuple(Promise(**promise) for promise in state["promises"])
        return cls(**state)

    def _headline(self) -> str:
        if not self.coverage:
            return f"nothing certified at {rate_text(self.max_error)}, all cases deferred"
        share, level = percent(self.coverage), percent(self.confidence_level)
        parts = [f"{promise.rate} at most {rate_text(promise.limit)}" for promise in self.promises]
        return f"{share} decided, {' and '.join(parts)} ({level} confidence)"

    def _promise_table(self) -> Table:
        header = ("rate", "limit", "cases", "errors", "upper limit here")
        rows = [(p.rate, rate_text(p.limit), count(p.n), count(p.errors), rate_text(p.bound)) for p in self.promises]
        return Table(title="Evidence", header=header, rows=tuple(rows))


def rate_text(rate: float) -> str:
    """Write a rate as a percentage with all its digits that matter."""
    return f"{number(100 * rate)} %"
