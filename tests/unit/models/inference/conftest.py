"""Rows for the tests of inference, with a factor, an irrelevant column and a rare event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pytest

from riskdec import LogisticRiskModel
from riskdec.models.inference import FittedRows, open_fitted_rows

if TYPE_CHECKING:
    from riskdec.models import LogisticFit


class Rows(NamedTuple):
    """Columns and outcome."""

    X: pd.DataFrame
    y: np.ndarray

    def fit(self, *, groups: np.ndarray | None = None, **options: object) -> tuple[LogisticFit, FittedRows]:
        """Fit a model; give its fit and its rows."""
        model = LogisticRiskModel(**options).fit(self.X, self.y, groups=groups)  # type: ignore[arg-type]
        return model.fit_result_, open_fitted_rows(model, self.X, self.y)


@pytest.fixture
def rows(rng: np.random.Generator) -> Rows:
    n = 400
    site = rng.integers(0, 3, n)
    X = pd.DataFrame(
        {
            "age": rng.normal(50, 10, n),
            "site1": (site == 1).astype(float),
            "site2": (site == 2).astype(float),
            "noise": rng.normal(size=n),
        }
    )
    eta = -1.5 + 0.06 * (X["age"] - 50) + 0.8 * X["site1"]
    return Rows(X, (rng.random(n) < 1 / (1 + np.exp(-eta))).to_numpy().astype(int))


@pytest.fixture
def separated() -> Rows:
    """Every exposed row has the event: 5 of 5 against 7 of 16."""
    exposed = np.repeat([1.0, 0.0], [5, 16])
    dose = np.r_[np.linspace(-1, 1, 5), np.linspace(-1, 1, 16)]
    return Rows(pd.DataFrame({"exposed": exposed, "dose": dose}), np.r_[np.ones(5, int), np.tile([0, 1, 0, 1], 4)[:16]])
