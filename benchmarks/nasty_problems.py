"""Some twenty logistic regressions on which programs lose digits, each small enough to be solved to fifty of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class NastyProblem:
    """One regression.

    Attributes
    ----------
    name : str
        What is nasty about it.
    X : ndarray of shape (n, p)
        Rows; p may be 0.
    y : ndarray of int, shape (n,)
        Outcomes 0 to K - 1.
    weight, offset : ndarray or None
        Row weights, and known log-odds: (n,) with two outcomes, (n, K) with more.
    weight_kind : {"frequency", "importance"}
        With importance weights the standard errors are the robust ones.
    intercept : bool
        Whether the model has one.
    repeats : int
        How many times the rows are there; their optimum is that of so large a weight.
    """

    name: str
    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None = None
    weight_kind: str = "frequency"
    offset: np.ndarray | None = None
    intercept: bool = True
    repeats: int = 1

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """X and y with all repetitions, in random order."""
        order = np.random.default_rng(6).permutation(len(self.y) * self.repeats) % len(self.y)
        return (self.X[order], self.y[order]) if self.repeats > 1 else (self.X, self.y)

    @property
    def n_outcomes(self) -> int:
        """K."""
        return int(self.y.max()) + 1


def nasty_problems() -> Iterator[NastyProblem]:
    """Make the problems, the same in every run."""
    yield from _units(np.random.default_rng(1))
    yield from _columns_close_to_each_other(np.random.default_rng(2))
    yield from _outcomes(np.random.default_rng(3))
    yield from _weights_and_offsets(np.random.default_rng(4))
    yield from _many_outcomes(np.random.default_rng(5))
    names = ("nothing (three normal columns)", "two columns 1e-06 apart", "three outcomes, means 1e6 and 1e-6")
    units, near = _units(np.random.default_rng(1)), _columns_close_to_each_other(np.random.default_rng(2))
    for problem in (*units, *near, *_many_outcomes(np.random.default_rng(5))):
        if problem.name in names:
            yield replace(problem, name=f"{problem.name}, 600 times over", repeats=600)


def _units(rng: np.random.Generator) -> Iterator[NastyProblem]:
    Z = rng.normal(size=(120, 3))
    y = _draw(rng, 0.3 + Z @ [1.0, -0.5, 0.8])
    yield NastyProblem(name="nothing (three normal columns)", X=Z, y=y)
    yield NastyProblem(name="units from 1e-8 to 1e8", X=Z * [1e-8, 1.0, 1e8], y=y)
    yield NastyProblem(name="means 1e8 with sd 1", X=1e8 + Z, y=y)
    yield NastyProblem(name="a column of size 1e150", X=Z * [1e150, 1.0, 1.0], y=y)
    yield NastyProblem(name="a column of size 1e-150", X=Z * [1e-150, 1.0, 1.0], y=y)
    yield NastyProblem(name="float32 rows, means 1e3", X=(1e3 + Z).astype(np.float32), y=y)
    tails = np.column_stack([Z[:, 0], rng.standard_t(0.7, size=120)])
    yield NastyProblem(name="heavy tails (t with 0.7 df)", X=tails, y=_draw(rng, 0.8 * Z[:, 0]))
    wide = np.column_stack([10.0 ** (10 * np.abs(Z[:, 1])), Z[:, 0]])
    y = _draw(rng, 0.8 * Z[:, 0])
    y[np.argsort(wide[:, 0])[-3:]] = [1, 0, 1]
    yield NastyProblem(name="tails over 25 orders of magnitude", X=wide, y=y)


def _columns_close_to_each_other(rng: np.random.Generator) -> Iterator[NastyProblem]:
    Z = rng.normal(size=(150, 3))
    y = _draw(rng, Z @ [0.8, -0.6, 0.4] - 0.4)
    for distance in (1e-3, 1e-6):
        near = np.column_stack([Z[:, 0], Z[:, 0] + distance * Z[:, 1]])
        yield NastyProblem(name=f"two columns {distance:.0e} apart", X=near, y=y)
    together = np.column_stack([Z, Z.sum(axis=1) + 1e-5 * rng.normal(size=150)])
    yield NastyProblem(name="a sum of three columns, 1e-5 off", X=together, y=y)
    t = rng.uniform(0, 10, size=150)
    y = _draw(rng, np.sin(t))
    yield NastyProblem(name="powers 1 to 6 of 0 to 10 (Vandermonde)", X=t[:, None] ** np.arange(1, 7), y=y)
    year = rng.integers(1990, 2021, size=150).astype(float)
    y = _draw(rng, (year - 2005) / 15)
    yield NastyProblem(name="calendar year and its square", X=np.column_stack([year, year**2]), y=y)
    rare = np.zeros(200)
    rare[:5] = 1.0
    y = _draw(rng, np.zeros(200))
    y[:5] = [0, 1, 0, 1, 1]
    mixed = np.column_stack([rng.normal(size=200), 7.0 + 1e-9 * rare])
    yield NastyProblem(name="a column constant but for 5 rows, by 1e-9", X=mixed, y=y)


def _outcomes(rng: np.random.Generator) -> Iterator[NastyProblem]:
    x = np.sort(rng.normal(size=200))
    y = (x > 0).astype(int)
    y[[99, 100, 101]] = [1, 0, 1]
    y[90] = 1
    yield NastyProblem(name="near separation (slope 40)", X=x[:, None], y=y)
    cells = np.array([[a, b] for a in range(6) for b in range(4)], dtype=float)
    rare = rng.integers(1, 6, size=24)
    counts = np.concatenate([rng.integers(100_000, 500_000, size=24), rare]).astype(float)
    outcome = np.repeat([0, 1], 24)
    yield NastyProblem(name="events of 1e-5 (frequency weights)", X=np.vstack([cells, cells]), y=outcome, weight=counts)
    few = _draw(rng, np.full(300, -1.0))
    yield NastyProblem(name="no column at all", X=np.empty((300, 0)), y=few)
    Z = rng.normal(size=(150, 2))
    yield NastyProblem(name="no intercept, means 30", X=Z + 30, y=_draw(rng, Z[:, 0]), intercept=False)


def _weights_and_offsets(rng: np.random.Generator) -> Iterator[NastyProblem]:
    Z = rng.normal(size=(120, 2))
    y = _draw(rng, Z @ [1.0, -0.5])
    counts = rng.integers(1, 9, size=120).astype(float)
    yield NastyProblem(name="repeated rows as frequency weights", X=np.round(Z), y=y, weight=counts)
    huge = 1e12 * counts
    yield NastyProblem(name="frequency weights of 1e12", X=Z, y=y, weight=huge)
    uneven = 10.0 ** rng.uniform(-6, 6, size=120)
    yield NastyProblem(name="importance weights 1e-6 to 1e6", X=Z, y=y, weight=uneven, weight_kind="importance")
    known = rng.uniform(-30, 30, size=120)
    yield NastyProblem(name="offsets of -30 to 30", X=Z, y=_draw(rng, known / 10 + Z[:, 0]), offset=known)


def _many_outcomes(rng: np.random.Generator) -> Iterator[NastyProblem]:
    Z = rng.normal(size=(150, 2))
    three = _draw_many(rng, Z @ rng.normal(size=(2, 2)) + [-1.0, 0.5])
    yield NastyProblem(name="three outcomes, means 1e6 and 1e-6", X=Z * [1.0, 1e-6] + [1e6, 1e-6], y=three)
    near = np.column_stack([Z[:, 0], Z[:, 0] + 1e-5 * Z[:, 1]])
    yield NastyProblem(name="three outcomes, columns 1e-5 apart", X=near, y=three)
    counts = rng.integers(1, 1000, size=150).astype(float)
    known = np.column_stack([np.zeros(150), rng.uniform(-20, 20, size=(150, 2))])
    y = _draw_many(rng, known[:, 1:] / 10 + Z)
    yield NastyProblem(name="three outcomes, offsets of 20 and weights", X=Z, y=y, weight=counts, offset=known)
    six = _draw_many(rng, Z @ rng.normal(size=(2, 5)) - [0.0, 0.0, 1.0, 2.0, 2.5])
    yield NastyProblem(name="six outcomes, one of them rare", X=Z, y=six)


def _draw(rng: np.random.Generator, eta: np.ndarray) -> np.ndarray:
    return (rng.random(len(eta)) < 1 / (1 + np.exp(-eta))).astype(int)


def _draw_many(rng: np.random.Generator, eta: np.ndarray) -> np.ndarray:
    full = np.column_stack([np.zeros(len(eta)), eta]) + rng.gumbel(size=(len(eta), eta.shape[1] + 1))
    return np.asarray(full.argmax(axis=1))
