from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from riskdec import plan_validation
from riskdec.errors import InputError


@pytest.fixture
def risks(rng: np.random.Generator) -> np.ndarray:
    return np.asarray(expit(rng.normal(-1.5, 1, 3000)))


def test_size_on_average_gives_the_wanted_width_by_an_independent_fit(risks: np.ndarray) -> None:
    # Each risk as an event and as a non-event, weighted by p and 1 - p, has the information of one row drawn from it.
    plan = plan_validation(risks, citl_width=0.3, slope_width=0.3, assurance=0.5)
    line, y = np.tile(logit(risks), 2), np.repeat([1.0, 0.0], 3000)
    share = np.concatenate([risks, 1 - risks]) / 3000
    for n, design, offset, place in (
        (plan.n_citl, np.ones((6000, 1)), line, 0),
        (plan.n_slope, sm.add_constant(line), None, 1),
    ):
        assert n is not None
        fit = sm.GLM(y, design, family=sm.families.Binomial(), offset=offset, freq_weights=n * share).fit()
        assert 2 * 1.959964 * fit.bse[place] == pytest.approx(0.3, rel=1 / n)


@pytest.mark.parametrize(("what", "assurance"), [("citl", 0.8), ("slope", 0.8), ("slope", 0.5)])
def test_validations_of_the_planned_size_are_as_sharp_as_wanted_as_often_as_assured(
    what: str, assurance: float, risks: np.ndarray, rng: np.random.Generator
) -> None:
    widths = {f"{what}_width": 0.6}
    plan = plan_validation(risks, assurance=assurance, **widths)  # type: ignore[arg-type]
    n = plan.n_citl if what == "citl" else plan.n_slope
    assert n is not None
    sharp, runs = 0, 400
    for _ in range(runs):
        p = rng.choice(risks, n)
        y = rng.random(n) < p
        line = logit(p)
        family = sm.families.Binomial()
        if what == "citl":
            error = sm.GLM(y, np.ones((n, 1)), family=family, offset=line).fit().bse[0]
        else:
            error = sm.GLM(y, sm.add_constant(line), family=family).fit().bse[1]
        sharp += 2 * 1.959964 * error <= 0.6
    # The law of the standard error is a large-sample one; three Monte Carlo standard errors on top of 0.06.
    assert sharp / runs == pytest.approx(assurance, abs=0.06 + 3 * np.sqrt(0.25 / runs))


def test_weights_stand_for_repeated_risks(risks: np.ndarray) -> None:
    times = np.arange(len(risks)) % 3
    weighted = plan_validation(risks, citl_width=0.4, slope_width=0.4, sample_weight=times)
    repeated = plan_validation(np.repeat(risks, times), citl_width=0.4, slope_width=0.4)
    assert (weighted.n_citl, weighted.n_slope, weighted.n_fewest) == (
        repeated.n_citl,
        repeated.n_slope,
        repeated.n_fewest,
    )


def test_largest_wish_sets_the_size(risks: np.ndarray) -> None:
    plan = plan_validation(risks, citl_width=2, slope_width=2)
    assert plan.n == plan.n_fewest == int(np.ceil(100 / risks.mean()))
    assert plan.n_events == pytest.approx(100, abs=0.3)
    sharper = plan_validation(risks, citl_width=0.1, slope_width=2)
    assert sharper.n == sharper.n_citl
    assert "all of it" in str(sharper.summary())
    assert sharper.to_dict()["n"] == sharper.n


def test_equal_risks_can_be_planned_for_without_a_slope() -> None:
    plan = plan_validation([0.2], citl_width=0.5, assurance=0.5)
    assert plan.n_citl == int(np.ceil((2 * 1.959964 / 0.5) ** 2 / 0.16))
    assert plan.expected_slope_width is None
    with pytest.raises(InputError, match="y_proba must hold different risks"):
        plan_validation([0.2, 0.2], slope_width=0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "citl_width or slope_width must be given"),
        ({"citl_width": 0}, "citl_width must be a number above 0; got 0"),
        ({"citl_width": 1, "assurance": 80}, "assurance must lie strictly between 0 and 1; got 80"),
    ],
)
def test_plan_refuses(options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan_validation([0.2, 0.4], **options)  # type: ignore[arg-type]


def test_plan_refuses_certainties() -> None:
    with pytest.raises(
        InputError, match=r"y_proba must lie strictly between 0 and 1; got 0.0 at position 1 \(1 of 2\)"
    ):
        plan_validation([0.5, 0.0], citl_width=1)
