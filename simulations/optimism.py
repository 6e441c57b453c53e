"""Figures corrected for optimism against what new rows show: bootstrap and folds, for procedures that smooth or do not.

Each repetition draws training rows, validates the procedure on them in both ways, and judges the fit on them on twenty
thousand new rows. The columns give means over repetitions; an error is a corrected figure minus that of new rows, with
the standard error of its mean in brackets, and its root mean square says how far off a single validation is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from riskdec import LogisticRiskModel, validate_by_bootstrap, validate_by_folds
from riskdec.resampling.performance import INDICES, RankedRisks
from simulations.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261121
N_NEW = 20_000
SHOWN = ("auc", "slope", "brier", "citl")
# Ten columns, of which three matter; about three rows in ten hold the event.
EFFECTS = np.r_[0.8, 0.5, 0.3, np.zeros(7)]
INTERCEPT = -1.1


class Design(NamedTuple):
    """One procedure on rows of one number."""

    name: str
    estimator: Any
    n: int
    n_resamples: int
    repetitions: int


class Errors(NamedTuple):
    """Figures of each repetition, shape (repetitions, 4): on new rows, apparent, and corrected in two ways."""

    new: np.ndarray
    apparent: np.ndarray
    bootstrap: np.ndarray
    folds: np.ndarray


def designs(share: float = 1.0) -> Iterator[Design]:
    """Yield the designs, with a share of the repetitions."""
    for n, repetitions in ((100, 200), (200, 200), (500, 200)):
        yield Design("maximum likelihood", LogisticRiskModel(), n, 200, round(share * repetitions))
    yield Design("Firth with FLIC", LogisticRiskModel(penalty="flic"), 100, 50, round(share * 60))
    yield Design("random forest", RandomForestClassifier(25, random_state=0), 200, 20, round(share * 40))


def simulate(design: Design, seed: int = SEED) -> Errors:
    """Repeat one design."""
    rng = np.random.default_rng([seed, design.n, len(design.name)])
    figures = np.empty((4, design.repetitions, len(SHOWN)))
    for i in range(design.repetitions):
        (X, y), (new, outcome) = _draw(rng, design.n), _draw(rng, N_NEW)
        fitted = design.estimator.fit(X, y)
        judged = RankedRisks(fitted.predict_proba(new)[:, 1], outcome).measure(np.ones(N_NEW)).indices
        figures[0, i] = [judged[INDICES.index(name)] for name in SHOWN]
        boot = validate_by_bootstrap(design.estimator, X, y, n_resamples=design.n_resamples, rng=rng)
        folds = validate_by_folds(design.estimator, X, y, n_repeats=2, rng=rng)
        figures[1, i] = [boot[name].apparent for name in SHOWN]
        figures[2, i] = [boot[name].corrected for name in SHOWN]
        figures[3, i] = [folds[name].corrected for name in SHOWN]
    return Errors(*figures)


def _draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, len(EFFECTS)))
    return X, rng.random(n) < 1 / (1 + np.exp(-INTERCEPT - X @ EFFECTS))


def _rows(design: Design, errors: Errors) -> Iterator[tuple[str, ...]]:
    for j, name in enumerate(SHOWN):
        new, apparent = errors.new[:, j], errors.apparent[:, j]
        corrected = (errors.bootstrap[:, j] - new, errors.folds[:, j] - new)
        yield (
            f"{design.name}, n = {design.n}",
            name,
            f"{new.mean():.3f}",
            "by construction" if _is_fixed(name, apparent) else _mean(apparent, "{mean:.3f}"),
            *(_mean(e, "{mean:+.4f} ({error:.4f})") for e in corrected),
            *(_mean(e, "{rms:.3f}") for e in corrected),
        )


def _is_fixed(name: str, apparent: np.ndarray) -> bool:
    """Tell whether fitting sets an apparent figure whatever the data."""
    return name in ("slope", "citl") and bool(np.ptp(apparent) < 1e-6)


def _mean(values: np.ndarray, form: str) -> str:
    """Write the mean over the repetitions in which a figure exists, and how often it does not."""
    found = values[np.isfinite(values)]
    if len(found) < len(values) / 2:
        return "does not exist"
    told = form.format(mean=found.mean(), error=found.std(ddof=1) / len(found) ** 0.5, rms=(found**2).mean() ** 0.5)
    absent = len(values) - len(found)
    return told if not absent else f"{told} [{absent} without]"


def main(share: float = 1.0) -> None:
    """Print the table."""
    print(f"Ten columns, three of which matter, 30 % events; folds: ten, dealt twice; seed {SEED}.\n")
    chosen = list(designs(share))
    for design in chosen:
        print(f"- {design.name}, n = {design.n}: {design.repetitions} repetitions, {design.n_resamples} resamples each")
    header = ("procedure", "index", "new rows", "apparent", "bootstrap error", "folds error", "rms", "rms, folds")
    lines = [line for design in chosen for line in _rows(design, simulate(design))]
    print("\n" + table(header, lines))


if __name__ == "__main__":
    main()
