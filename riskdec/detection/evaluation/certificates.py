"""Thresholds with a promise about whole scenes, from labelled scenes: exact where scenes are independent.

Alarms only grow in number as the threshold falls. So every scene has a critical risk, at which its false alarms become
too many, and the statement "at most a share q of the scenes has a critical risk above the threshold" is one about a
quantile of independent draws. The fixed sequence of tests runs over the observed risks from strict to lax and stops at
the first failure; the first threshold for which the statement is false does not depend on the data, and to certify
anything laxer its test has to be passed: which happens with probability delta at most. The same holds for the mean
number of false alarms, whose test rests on an assumption that has to be named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_number, check_option, refuse
from riskdec._base.kept import Kept, maybe, one_of, real, whole, word
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.certificates.betting import upper_mean
from riskdec.decisions.certificates.exact import error_p_values
from riskdec.detection.evaluation.reading import FALSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.kept import Rule
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.detection.evaluation.scans import SceneScans

Statement = Literal["share of scenes", "mean, Poisson", "mean, capped"]
_STATEMENTS: tuple[Statement, ...] = ("share of scenes", "mean, Poisson", "mean, capped")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class AlarmCertificate(Kept, Result):
    """A threshold of region risk, and what it promises about scenes to come.

    Attributes
    ----------
    threshold : float
        A region is an alarm from here on; inf where nothing can be certified.
    plug_in_threshold : float
        The laxest threshold that keeps the limit on the scenes seen, without any promise.
    statement : {"share of scenes", "mean, Poisson", "mean, capped"}
        What is limited.
    max_false_alarms : float
        The limit of false alarms in a scene, or of their mean.
    max_share : float
        Share of scenes that may have more; used by "share of scenes".
    cap : int or None
        Count at which a scene's false alarms are cut off in "mean, capped".
    confidence_level : float
        Probability with which the promise holds, over the draw of the scenes.
    n_scenes : int
        Scenes it rests on.
    recall, plug_in_recall : float
        Share of the objects of these scenes that alarms find.
    false_alarms : float
        Mean number of false alarms in these scenes at the threshold.
    promise : str
        One sentence.
    """

    threshold: float
    plug_in_threshold: float
    statement: Statement
    max_false_alarms: float
    max_share: float
    cap: int | None
    confidence_level: float
    n_scenes: int
    recall: float
    plug_in_recall: float
    false_alarms: float
    promise: str

    @classmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give what a model file may hold in each field."""
        return {
            **dict.fromkeys(("threshold", "plug_in_threshold"), real(0, 1, may_be_infinite=True)),
            "statement": one_of(*_STATEMENTS),
            "max_false_alarms": real(0),
            **dict.fromkeys(("max_share", "confidence_level"), real(0, 1)),
            "cap": maybe(whole()),
            "n_scenes": whole(1),
            **dict.fromkeys(("recall", "plug_in_recall"), real(0, 1, may_lack=True)),
            "false_alarms": real(0),
            "promise": word(),
        }

    def is_kept_by(self, scans: SceneScans) -> bool:
        """Tell whether the statement is true of the scenes at hand, taken as the whole population."""
        counts = _counts_at(scans, self.threshold)
        if self.statement == "share of scenes":
            return bool((counts > self.max_false_alarms).mean() <= self.max_share)
        capped = counts if self.cap is None else np.minimum(counts, self.cap)
        return bool(capped.mean() <= self.max_false_alarms)

    def _headline(self) -> str:
        cut = "nothing certified" if np.isinf(self.threshold) else f"alarms from a risk of {number(self.threshold, 3)}"
        return f"{cut}, recall {percent(self.recall)} (plug-in {percent(self.plug_in_recall)})"

    def summary(self) -> Table:
        """Give the promise, and the two thresholds side by side."""
        rows = (
            ("certified", _cut_text(self.threshold), percent(self.recall)),
            ("plug-in, no promise", _cut_text(self.plug_in_threshold), percent(self.plug_in_recall)),
        )
        return Table(
            title=f"Certified alarms: {count(self.n_scenes)} scenes",
            header=("", "threshold", "recall on these scenes"),
            rows=rows,
            notes=(self.promise,),
        )

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; a threshold of inf is None."""
        return {name: jsonable(getattr(self, name)) for name in self.__slots__}


def certify_alarms(
    scans: SceneScans,
    *,
    max_false_alarms: float = 1,
    max_share: float = 0.1,
    statement: Statement = "share of scenes",
    cap: int | None = None,
    confidence_level: float = 0.9,
) -> AlarmCertificate:
    """Find the laxest threshold whose false alarms per scene are limited for certain.

    Parameters
    ----------
    scans : SceneScans
        Labelled scenes, drawn independently as those to come, and not used to train or calibrate.
    max_false_alarms : float
        The limit: a whole number for "share of scenes".
    max_share : float
        Share of scenes in (0, 1) that may have more.
    statement : {"share of scenes", "mean, Poisson", "mean, capped"}
        ``"share of scenes"``: more than so many false alarms in at most a share of the scenes; exact, without any
        assumption about the counts. ``"mean, Poisson"``: so many on average, if the numbers of false alarms are
        Poisson. ``"mean, capped"``: so many on average, each scene counted up to `cap`; exact whatever the counts.
    cap : int, optional
        Needed by "mean, capped".
    confidence_level : float
        Probability with which the promise holds.

    Returns
    -------
    AlarmCertificate

    Raises
    ------
    InputError
        For limits that are none, and too few scenes for any promise.

    Notes
    -----
    Let c be the critical risk of a scene: that of its ``max_false_alarms + 1``-th false alarm. With k the largest
    number for which ``P(Bin(n, max_share) <= k) <= 1 - confidence_level``, the threshold is just above the
    ``k + 1``-th largest critical risk (a one-sided tolerance limit). Under the Poisson assumption the same argument
    runs over all false alarms of all scenes, with ``P(Poisson(n a) <= k)``.

    Scenes that share originals (digits, patients, cameras) are not independent: then certify on one scene of each.

    References
    ----------
    S. S. Wilks, Determination of sample sizes for setting tolerance limits, Annals of Mathematical Statistics 12
    (1941), 91-96. I. Waudby-Smith and A. Ramdas, Estimating means of bounded random variables by betting, JRSS B 86,
    2024.
    """
    check_option(statement, _STATEMENTS, name="statement")
    share = check_level(max_share, name="max_share")
    level = check_level(confidence_level)
    if statement == "share of scenes":
        limit: float = check_integer(max_false_alarms, name="max_false_alarms")
    else:
        limit = check_number(max_false_alarms, name="max_false_alarms", low=0, open_low=True)
    if statement == "mean, capped":
        cap = check_integer(cap, name="cap", low=1)
        if limit >= cap:
            raise refuse("cap", f"be above max_false_alarms ({limit:g})", cap)
    elif cap is not None:
        raise refuse("cap", "be given with statement='mean, capped' only", cap)
    false = scans.region_object == FALSE
    scene, risk = scans.region_scene[false], scans.region_risk[false]
    n, delta = scans.n_scenes, 1 - level
    if statement == "share of scenes":
        critical = critical_risks(scene, risk, n, int(limit))
        cut, plug_in = cut_by_share(critical, share, delta)
    elif statement == "mean, Poisson":
        cut, plug_in = cut_by_poisson(risk, n, limit, delta)
    else:
        cut, plug_in = cut_by_betting(scene, risk, n, limit, cap=int(cap or 0), delta=delta)
    return AlarmCertificate(
        threshold=cut,
        plug_in_threshold=plug_in,
        statement=statement,
        max_false_alarms=float(limit),
        max_share=share,
        cap=cap,
        confidence_level=level,
        n_scenes=n,
        recall=_recall(scans, cut),
        plug_in_recall=_recall(scans, plug_in),
        false_alarms=float(_counts_at(scans, cut).mean()),
        promise=_sentence(statement, limit, share, cap, level, certified=np.isfinite(cut)),
    )


def critical_risks(scene: IntArray, risk: FloatArray, n_scenes: int, limit: int) -> FloatArray:
    """Give, for each scene, the risk of its ``limit + 1``-th false alarm; -inf where there are not so many."""
    order = np.lexsort((-risk, scene))
    ordered = scene[order]
    start = np.searchsorted(ordered, np.arange(n_scenes))
    place = start + limit
    inside = place < np.append(start[1:], len(ordered))
    found = np.full(n_scenes, -np.inf)
    found[inside] = risk[order][place[inside]]
    return found


def cut_by_share(critical: FloatArray, share: float, delta: float) -> tuple[float, float]:
    """Give the certified and the plug-in threshold from the critical risks of independent scenes."""
    n = len(critical)
    ordered = -np.sort(-critical)
    allowed = np.flatnonzero(error_p_values(np.arange(n), np.full(n, n), share) <= delta)
    return _just_above(ordered, len(allowed) - 1, n), _just_above(ordered, int(np.floor(share * n + 1e-9)), n)


def cut_by_poisson(risk: FloatArray, n_scenes: int, limit: float, delta: float) -> tuple[float, float]:
    """Give both thresholds from the risks of all false alarms, whose numbers are taken as Poisson."""
    from scipy.special import gammaincc

    ordered = -np.sort(-risk)
    mean = n_scenes * limit
    # P(Poisson(mean) <= k) as k rises; no count above the mean can pass.
    allowed = np.flatnonzero(gammaincc(np.arange(int(mean) + 1) + 1.0, mean) <= delta)
    return _just_above(ordered, len(allowed) - 1, n_scenes), _just_above(ordered, int(np.floor(mean + 1e-9)), n_scenes)


def cut_by_betting(
    scene: IntArray, risk: FloatArray, n_scenes: int, limit: float, *, cap: int, delta: float
) -> tuple[float, float]:
    """Give both thresholds from the means of capped counts, each tested by betting against it.

    Counts only grow as the threshold falls, and so does the limit of their mean: the first failure of the sequence of
    tests is found by bisection.
    """
    order = np.argsort(-risk, kind="stable")
    ordered, counting = risk[order], np.zeros(len(order), dtype=bool)
    scenes = scene[order]
    for one in np.unique(scenes):
        counting[np.flatnonzero(scenes == one)[:cap]] = True
    ordered, scenes = ordered[counting], scenes[counting]
    plug_in = _just_above(ordered, int(np.floor(n_scenes * limit + 1e-9)), n_scenes)
    # A tie is one step: all or none of its alarms are raised.
    ends = np.append(0, np.flatnonzero(np.append(ordered[1:] != ordered[:-1], [True])) + 1)

    def passes(step: int) -> bool:
        counts = np.bincount(scenes[: ends[step]], minlength=n_scenes)
        often = np.bincount(counts).astype(np.float64)
        return upper_mean(np.arange(len(often), dtype=np.float64), often, 0.0, float(cap), delta) <= limit

    if not len(ordered):
        return (0.0, 0.0) if passes(0) else (np.inf, plug_in)
    low, high = -1, len(ends)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if passes(middle) else (low, middle)
    return (np.inf if low < 0 else _just_above(ordered, int(ends[low]), n_scenes)), plug_in


def _just_above(ordered: FloatArray, k: int, n: int) -> float:
    """Give the threshold that keeps at most k of falling values at or above it; inf if not even none is allowed."""
    if k < 0 or not n:
        return np.inf
    if k >= len(ordered) or ordered[k] == -np.inf:
        return 0.0
    return float(np.nextafter(ordered[k], np.inf))


def _counts_at(scans: SceneScans, threshold: float) -> FloatArray:
    alarms = (scans.region_risk >= threshold) & (scans.region_object == FALSE)
    return np.bincount(scans.region_scene[alarms], minlength=scans.n_scenes).astype(np.float64)


def _recall(scans: SceneScans, threshold: float) -> float:
    hits = (scans.region_risk >= threshold) & (scans.region_object >= 0)
    return float(hits.sum() / scans.n_objects) if scans.n_objects else np.nan


def _cut_text(cut: float) -> str:
    return "none" if np.isinf(cut) else number(cut, 4)


def _sentence(
    statement: Statement, limit: float, share: float, cap: int | None, level: float, *, certified: bool
) -> str:
    if not certified:
        return "No threshold can be certified: there are too few scenes for this promise."
    match statement:
        case "share of scenes":
            claim = f"more than {limit:g} false alarm(s) in at most {percent(share)} of the scenes"
            given = "scenes are drawn independently"
        case "mean, Poisson":
            claim = f"at most {limit:g} false alarm(s) per scene on average"
            given = "scenes are independent and their numbers of false alarms are Poisson"
        case _:
            claim = f"at most {limit:g} false alarm(s) per scene on average, each scene counted up to {cap}"
            given = "scenes are drawn independently"
    return f"With probability {percent(level, 0)}: {claim}. It holds if {given}."
