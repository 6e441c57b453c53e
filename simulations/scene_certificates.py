"""How often certified thresholds of a detector fail: 100 scenes, 1000 repeats, beside the plug-in threshold.

Run as a file, it prints the tables of docs/simulations/scene_certificates.md. A scene has false alarms with risks of
1 - u, u from a Poisson process on [0, 1] whose rate differs between scenes as named; so the true number of false alarms
at each threshold is known in closed form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import gammaincc

from riskdec.detection.evaluation.certificates import cut_by_betting, cut_by_poisson, cut_by_share
from simulations.markdown import share, table

if TYPE_CHECKING:
    from riskdec.detection.evaluation.certificates import Statement

SEED = 20261121
N_SCENES, DELTA = 100, 0.1
MAX_FALSE, MAX_SHARE, CAP = 1, 0.1, 8
# Rate per scene at the laxest threshold, as equally frequent kinds of scenes.
POPULATIONS: dict[str, np.ndarray] = {
    "equal scenes": np.array([4.0]),
    "busy and quiet scenes": np.array([1.0, 1.0, 2.0, 4.0, 12.0]),
    "one scene in 20 is bad": np.append(np.full(19, 1.0), [40.0]),
}
STATEMENTS: tuple[Statement, ...] = ("share of scenes", "mean, Poisson", "mean, capped")


class Row(NamedTuple):
    """How certified and plug-in thresholds fared: shares of violations, and mean distance from the strictest cut."""

    population: str
    statement: Statement
    violated: float
    plug_in: float
    reach: float
    plug_in_reach: float


def true_value(statement: Statement, rates: np.ndarray, u: float) -> float:
    """Give what a statement limits, at the threshold 1 - u, over all scenes."""
    mean = rates * u
    if statement == "share of scenes":
        return float((1 - gammaincc(MAX_FALSE + 1.0, mean)).mean())
    if statement == "mean, Poisson":
        return float(mean.mean())
    # E min(N, cap) = sum over k below the cap of P(N > k)
    return float(sum((1 - gammaincc(k + 1.0, mean)).mean() for k in range(CAP)))


def limit_of(statement: Statement) -> float:
    """Give the number that must not be exceeded."""
    return MAX_SHARE if statement == "share of scenes" else float(MAX_FALSE)


def violations(population: str, statement: Statement, *, repetitions: int, seed: int = SEED) -> Row:
    """Certify many samples of 100 scenes, and compare both thresholds with the truth."""
    rates = POPULATIONS[population]
    rng = np.random.default_rng([seed, list(POPULATIONS).index(population), STATEMENTS.index(statement)])
    found = np.empty((repetitions, 4))
    for repetition in range(repetitions):
        counts = rng.poisson(rng.choice(rates, N_SCENES))
        scene = np.repeat(np.arange(N_SCENES), counts)
        risk = 1 - rng.random(len(scene))
        cuts = cut(statement, scene, risk)
        # A threshold of inf raises no alarm; one of 0 is as lax as can be.
        u = [0.0 if np.isinf(one) else 1 - one for one in cuts]
        found[repetition] = [*(true_value(statement, rates, one) > limit_of(statement) for one in u), *u]
    return Row(population, statement, *found.mean(axis=0).tolist())


def cut(statement: Statement, scene: np.ndarray, risk: np.ndarray) -> tuple[float, float]:
    """Give the certified and the plug-in threshold from false alarms."""
    from riskdec.detection.evaluation.certificates import critical_risks

    match statement:
        case "share of scenes":
            return cut_by_share(critical_risks(scene, risk, N_SCENES, MAX_FALSE), MAX_SHARE, DELTA)
        case "mean, Poisson":
            return cut_by_poisson(risk, N_SCENES, MAX_FALSE, DELTA)
        case _:
            return cut_by_betting(scene, risk, N_SCENES, MAX_FALSE, cap=CAP, delta=DELTA)


def ceiling(repetitions: int) -> float:
    """Give delta and two Monte Carlo errors."""
    return DELTA + 2 * float(np.sqrt(DELTA * (1 - DELTA) / repetitions))


def main(repetitions: int = 1000) -> None:
    """Print the table."""
    print(f"{N_SCENES} scenes, {repetitions} repeats, confidence {1 - DELTA:.0%}, seed {SEED}.")
    print(f"Statements: more than {MAX_FALSE} false alarm in at most {MAX_SHARE:.0%} of the scenes; {MAX_FALSE} per")
    print(f"scene on average if counts are Poisson; the same with each scene counted up to {CAP}, by betting.\n")
    rows = [
        violations(population, statement, repetitions=repetitions)
        for population in POPULATIONS
        for statement in STATEMENTS
    ]
    header = ("scenes", "statement", "violated", "plug-in violated", f"{DELTA:g} + 2 errors", "reach", "plug-in reach")
    cells = [
        (
            row.population,
            row.statement,
            share(row.violated),
            share(row.plug_in),
            share(ceiling(repetitions)),
            share(row.reach),
            share(row.plug_in_reach),
        )
        for row in rows
    ]
    print(table(header, cells))


if __name__ == "__main__":
    main()
