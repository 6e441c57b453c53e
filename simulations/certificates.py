"""How often certificates fail, and how much they certify: violations under hostile truths, coverage, cost.

Run as a file, it prints the tables of docs/simulations/certificates.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions.certificates.betting import upper_mean
from riskdec.decisions.certificates.deferral import certify_deferral
from riskdec.decisions.certificates.exact import error_p_values, first_rank
from riskdec.decisions.certificates.fixed_sequence import certified_range, find_prefixes

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 20261121
LIMIT, DELTA = 0.05, 0.1
GRID = np.linspace(0.0005, 0.9995, 1000)

# Local error at the share u of the population that is safer.
SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "rising": lambda u: 0.2 * u,
    "flat, just above the limit": lambda u: np.full_like(u, 0.0501),
    "pocket at the start": lambda u: np.select([u < 0.2, u < 0.5], [0.09, 0.0], 0.3),
    "jump": lambda u: np.where(u < 0.3, 0.04, 0.5),
    "zig-zag": lambda u: np.where(u > 0.7, 0.3, np.where((u * 20).astype(int) % 2, 0.0, 0.105)),
    "bad head, falling": lambda u: np.clip(0.12 - 0.3 * u, 0.03, None),
}


class Violations(NamedTuple):
    """How a certificate fared over many calibrations."""

    shape: str
    n: int
    digits: int | None
    rate: float
    standard_error: float
    coverage: float


def violation_rate(shape: str, *, n: int, digits: int | None, repetitions: int, seed: int = SEED) -> Violations:
    """Certify many calibrations of n cases and count how often the true error is above the limit."""
    rng = np.random.default_rng([seed, n, list(SHAPES).index(shape), digits or 0])
    local = SHAPES[shape]
    true_error = np.cumsum(local(GRID)) / np.arange(1, GRID.size + 1)
    failures, share = 0, 0.0
    for _ in range(repetitions):
        u = rng.random(n)
        error = rng.random(n) < local(u)
        key = u if digits is None else np.ceil(u * 10**digits) / 10**digits
        prefixes = find_prefixes(key, error, np.ones(n), np.ones(n))
        passed = certified_range(prefixes, LIMIT, DELTA)
        if passed:
            cut = float(prefixes.key[passed.stop - 1])
            failures += bool(np.interp(cut, GRID, true_error) > LIMIT)
            share += cut
    rate = failures / repetitions
    return Violations(shape, n, digits, rate, float(np.sqrt(DELTA * (1 - DELTA) / repetitions)), share / repetitions)


def coverage(*, n: int, digits: int | None, repetitions: int, seed: int = SEED) -> tuple[float, float, float]:
    """Give mean certified coverage, frequency of violations, and share of calibrations with a certificate."""
    rng = np.random.default_rng([seed, n, digits or 0])
    population = _risks(rng, 200_000, digits)
    doubt = np.sort(np.minimum(population, 1 - population))
    true_error = np.cumsum(doubt) / np.arange(1, doubt.size + 1)
    shares = np.zeros(repetitions)
    failures = 0
    for i in range(repetitions):
        risk = _risks(rng, n, digits)
        certificate = certify_deferral(rng.random(n) < risk, risk, max_error=LIMIT, confidence_level=1 - DELTA)
        if certificate.coverage:
            accepted = int(np.count_nonzero((population < certificate.low) | (population >= certificate.high)))
            shares[i] = accepted / population.size
            failures += bool(accepted and true_error[accepted - 1] > LIMIT)
    return float(shares.mean()), failures / repetitions, float((shares > 0).mean())


def holm_coverage(*, n: int, repetitions: int, seed: int = SEED) -> float:
    """Give the mean coverage that Holm's correction over 100 fixed cut-points certifies on the same design."""
    rng = np.random.default_rng([seed, n, 0])
    population = _risks(rng, 200_000, None)
    cuts = np.linspace(0, 0.5, 101)[1:]
    reach = np.searchsorted(np.sort(np.minimum(population, 1 - population)), cuts, side="right") / population.size
    shares = np.zeros(repetitions)
    for i in range(repetitions):
        risk = _risks(rng, n, None)
        doubt, error = np.minimum(risk, 1 - risk), (risk >= 0.5) != (rng.random(n) < risk)
        inside = doubt[:, None] <= cuts
        p_values = np.sort(error_p_values((inside & error[:, None]).sum(axis=0), inside.sum(axis=0), LIMIT))
        rejected = int(np.argmin(np.append(p_values <= DELTA / np.arange(100, 0, -1), [False])))
        order = np.argsort(error_p_values((inside & error[:, None]).sum(axis=0), inside.sum(axis=0), LIMIT))
        shares[i] = reach[order[:rejected]].max(initial=0)
    return float(shares.mean())


def two_sides(*, n: int, share: float, repetitions: int, seed: int = SEED) -> float:
    """Give how often NPV error <= .05 or PPV error <= .2 is missed when each side gets `share` of delta."""
    rng = np.random.default_rng([seed, n, int(100 * share)])
    risks = np.sort(_risks(rng, 400_000, None))
    below = np.cumsum(risks) / np.arange(1, risks.size + 1)
    above = np.cumsum(1 - risks[::-1]) / np.arange(1, risks.size + 1)
    failures = 0
    for _ in range(repetitions):
        risk = _risks(rng, n, None)
        event = rng.random(n) < risk
        missed = False
        for key, error, limit, truth in ((risk, event, 0.05, below), (-risk, ~event, 0.2, above)):
            prefixes = find_prefixes(key, error, np.ones(n), np.ones(n))
            passed = certified_range(prefixes, limit, DELTA * share)
            if passed:
                ranked = risks if truth is below else -risks[::-1]
                place = int(np.searchsorted(ranked, prefixes.key[passed.stop - 1], side="right"))
                missed |= bool(place and truth[place - 1] > limit)
        failures += missed
    return failures / repetitions


def cost_limit(*, n: int, miss: float, repetitions: int, seed: int = SEED) -> tuple[float, float, float]:
    """Give the true mean cost, the mean betting limit, and how often the limit is too low."""
    rng = np.random.default_rng([seed, n, int(miss)])
    values = np.array([0.0, 0.3, 1.0, miss])
    shares = np.array([0.6, 0.25, 0.13, 0.02])
    truth = float(shares @ values)
    limits = [
        upper_mean(values, rng.multinomial(n, shares).astype(float), 0.0, miss, DELTA) for _ in range(repetitions)
    ]
    return truth, float(np.mean(limits)), float(np.mean(np.array(limits) < truth))


def _risks(rng: np.random.Generator, n: int, digits: int | None) -> np.ndarray:
    risk = rng.beta(0.4, 0.8, n)
    return risk if digits is None else np.round(risk, digits)


def main(repetitions: int = 4000) -> None:
    """Print every table."""
    level = f"error limit {LIMIT:.0%}, confidence {1 - DELTA:.0%}, first rank {first_rank(LIMIT, DELTA, 300)}"
    print(f"Violations ({level}; {repetitions} calibrations, seed {SEED})\n")
    print("| local error | n | scores | violations | three standard errors above 0.1 | mean coverage |")
    print("|---|---:|---|---:|---:|---:|")
    designs = [(shape, n, None) for n in (300, 1000) for shape in SHAPES]
    designs += [(shape, 300, 2) for shape in SHAPES]
    for shape, n, digits in designs:
        row = violation_rate(shape, n=n, digits=digits, repetitions=repetitions)
        scores = "continuous" if digits is None else f"{digits} digits"
        ceiling = DELTA + 3 * row.standard_error
        print(f"| {shape} | {n} | {scores} | {row.rate:.4f} | {ceiling:.4f} | {row.coverage:.3f} |")
    print(f"\nCoverage, risks from Beta(0.4, 0.8) ({level}; {repetitions // 4} calibrations)\n")
    print("| n | scores | mean coverage | violations | something certified |\n|---:|---|---:|---:|---:|")
    for n, digits in ((300, None), (300, 2), (1000, None)):
        mean, failed, some = coverage(n=n, digits=digits, repetitions=repetitions // 4)
        print(f"| {n} | {'continuous' if digits is None else '2 digits'} | {mean:.3f} | {failed:.3f} | {some:.2f} |")
    print(f"| 300 | Holm over 100 fixed cuts | {holm_coverage(n=300, repetitions=repetitions // 8):.3f} | | |")
    print(f"\nTwo sides: NPV error 5 %, PPV error 20 %, delta {DELTA} ({repetitions // 2} calibrations)\n")
    print("| n | each side tests at | violations |\n|---:|---|---:|")
    for n in (300, 1000):
        for share, name in ((0.5, "delta/2"), (1.0, "delta (not offered)")):
            print(f"| {n} | {name} | {two_sides(n=n, share=share, repetitions=repetitions // 2):.3f} |")
    print(f"\nExpected cost by betting, costs 0, 0.3, 1 and a miss ({repetitions // 4} calibrations)\n")
    print("| n | a miss costs | true mean | mean limit | limit too low |\n|---:|---:|---:|---:|---:|")
    for n, miss in ((300, 5), (1000, 5), (1000, 20), (10_000, 20)):
        truth, limit, low = cost_limit(n=n, miss=miss, repetitions=repetitions // 4)
        print(f"| {n} | {miss} | {truth:.3f} | {limit:.3f} | {low:.3f} |")


if __name__ == "__main__":
    main()
