"""Which cuts of a ranking keep an error limit for certain: exact tests in a fixed sequence, without correction.

The claim. Cases are drawn independently, and a ranking that these cases did not shape puts them in order, the
safest first. Let a cut accept every case up to a rank, and let `e(u)` be the true error rate among the share `u`
of the population that is safest. Start at a rank that was fixed in advance, test cut after cut with an exact
binomial test at level delta, and stop at the first failure. Then with probability at least `1 - delta` the
true error rate of every accepted cut is at most `limit`.

Proof for scores without ties. Call a share bad if `e(u) > limit`. The bad shares are open intervals at both ends of
which, the last end 1 excepted, `e` equals the limit exactly; so between neighbouring ends the average error is the
limit exactly, and above it between the left end of a bad interval and any share inside it. (a) Let the first rank fall
outside the bad intervals. Let N be the number of cases before the next bad interval that begins after it; given how
many cases fall between the ends, the errors among these N are binomial with the limit as their rate. For any bad cut
to be accepted, the test of these very N cases must have been passed: which happens with probability at most delta.
(b) Let the first rank fall inside a bad interval. Given its share, the other cases up to it are drawn from that share,
so their errors are binomial with a rate above the limit: their test passes with probability at most delta. The two
events exclude each other and cover everything; neither asks how the local error moves. (a) needs the test of the first
cut with the case at the cut (N may be the first rank), (b) needs it without; so both are made, and every later cut is
tested with its own case.

Ties are one unit: all or none of them are accepted, and tested whole. Let v be the first bad value from the value of
the first rank on. Whether or not a case has this value, the test of the N cases up to v has to be passed for a bad
cut to be accepted, so (a) and (b) become one: P(first rank after the bad value before v and up to v, test of N cases
passed). If no value before v is bad, the condition only says that N is not below the first rank, and given N the errors
are binomial with a rate above the limit. If there is a bad value w before v, fewer cases up to w than the first rank
are wanted as well, and N then holds fewer of them than usual: harmless if those between w and v err at the rate of
the limit at least. This is so if the local error does not fall from the safest case up to the end of the first tied
group; beyond it, it may do what it likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions.certificates.exact import error_p_values, first_rank

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray


class Prefixes(NamedTuple):
    """The safest cases up to each distinct place of a ranking.

    Attributes
    ----------
    key : ndarray of shape (g,)
        The distinct values ranked by, ascending: the safest first.
    size, errors : ndarray of shape (g,)
        Cases up to and including the value, and errors among them.
    gain : ndarray of shape (g,)
        Cumulative sum of what accepting these cases saves.
    """

    key: FloatArray
    size: FloatArray
    errors: FloatArray
    gain: FloatArray


def find_prefixes(key: FloatArray, error: BoolArray, weight: FloatArray, gain: FloatArray) -> Prefixes:
    """Rank cases and add up size, errors and gain, one entry per tied group.

    Parameters
    ----------
    key : ndarray of shape (n,)
        What to rank by, the safest cases first.
    error : ndarray of bool, shape (n,)
        Whether accepting the case would be an error.
    weight : ndarray of shape (n,)
        How often the case counts.
    gain : ndarray of shape (n,)
        What accepting the case once saves.
    """
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    last = np.append(ranked[1:] != ranked[:-1], [True]) if ranked.size else np.zeros(0, dtype=bool)
    counts = weight[order]
    return Prefixes(
        key=ranked[last],
        size=np.cumsum(counts)[last],
        errors=np.cumsum(counts * error[order])[last],
        gain=np.cumsum(counts * gain[order])[last],
    )


def certified_range(prefixes: Prefixes, limit: float, risk: float) -> range:
    """Find the cuts that pass, one after the other, from the first that can be tested to the first failure.

    Parameters
    ----------
    prefixes : Prefixes
        The ranking.
    limit : float
        Error rate in (0, 1) to be kept.
    risk : float
        Probability that the promise may fail.

    Returns
    -------
    range
        Places in `prefixes`; empty where not even the first cut passes.
    """
    n = float(prefixes.size[-1]) if prefixes.size.size else 0.0
    first = int(np.searchsorted(prefixes.size, first_rank(limit, risk, n)))
    if first == prefixes.size.shape[0]:
        return range(first, first)
    passed = error_p_values(prefixes.errors[first:], prefixes.size[first:], limit) <= risk
    before = prefixes.size[first - 1] if first else 0.0
    # Where nothing is tied, the first cut is tested a second time, without the case at the cut.
    if prefixes.size[first] - before == 1:
        passed[0] &= error_p_values(prefixes.errors[first - 1 : first], prefixes.size[first - 1 : first], limit) <= risk
    return range(first, first + int(np.argmin(np.append(passed, [False]))))
