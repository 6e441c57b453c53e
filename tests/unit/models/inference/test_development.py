"""Sample sizes for development against the published examples of their authors, and their formulas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import norm

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import development_size, development_size_of, fit_statistics
from riskdec.models.inference.r_squared import largest_r2, r2_from_auc

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


def test_sizes_are_those_of_pmsampsize() -> None:
    # R: pmsampsize(type = "b", csrsquared = 0.288, parameters = 24, prevalence = 0.174) -> 623, 662, 221
    found = development_size(n_parameters=24, prevalence=0.174, r2_cox_snell=0.288, mean_error=None)
    assert [criterion.n for criterion in found.criteria] == [623, 662, 221]
    assert found.n == 662
    assert found.events / 24 == pytest.approx(4.8, abs=0.01)
    # R: pmsampsize(type = "b", cstatistic = 0.89, parameters = 24, prevalence = 0.174) -> 615, 660, 221; R finds its
    # R squared by simulating a million rows.
    other = development_size(n_parameters=24, prevalence=0.174, auc=0.89)
    assert [criterion.n for criterion in other.criteria[:3]] == [615, 660, 221]


def test_sizes_are_those_of_the_article_on_pre_eclampsia() -> None:
    # Riley et al. (2020), BMJ 368:m441: 30 parameters, 5 % events, R2 of 0.05: 5,249 women, 263 events, 8.75 for each
    # parameter; 544 for a mean absolute error of 0.05.
    found = development_size(n_parameters=30, prevalence=0.05, r2_cox_snell=0.05)
    sizes = {criterion.name.split(" ")[0]: criterion for criterion in found.criteria}
    assert sizes["shrinkage"].n == found.n == 5249
    assert sizes["shrinkage"].events_per_parameter == pytest.approx(8.75, abs=0.005)
    assert sizes["mean"].n == 544
    # (1.96 / 0.05)^2 0.05 0.95 = 72.99
    assert sizes["average"].n == 73
    assert largest_r2(0.05) == pytest.approx(0.33, abs=0.005)


def test_shrinkage_criterion_is_the_inverse_of_the_heuristic() -> None:
    # With LR = -n log(1 - R2_apparent) and R2 = S R2_apparent the shrinkage (LR - P) / LR is the one asked for.
    found = development_size(n_parameters=12, prevalence=0.3, r2_cox_snell=0.15, shrinkage=0.85)
    n = found.criteria[0].n
    ratio = -n * np.log(1 - 0.15 / 0.85)
    assert (ratio - 12) / ratio == pytest.approx(0.85, abs=1e-3)


def test_many_parameters_have_no_criterion_of_mean_error() -> None:
    assert len(development_size(n_parameters=31, prevalence=0.3, r2_cox_snell=0.2).criteria) == 3


@pytest.mark.parametrize(("auc", "prevalence"), [(0.6, 0.5), (0.75, 0.1), (0.9, 0.02)])
def test_r_squared_of_an_auc_is_that_of_simulated_rows(auc: float, prevalence: float) -> None:
    rng, n = np.random.default_rng(1), 400_000
    event = rng.random(n) < prevalence
    x = rng.normal(size=n) + event * np.sqrt(2) * norm.ppf(auc)
    figures = fit_statistics(LogisticRiskModel().fit(x[:, None], event).fit_result_)
    # LR is about a non-central chi-square: standard deviation 2 sqrt(LR), plus that of the number of events.
    relative = np.hypot(2 / np.sqrt(figures.lr_chi2), 1 / np.sqrt(prevalence * n))
    assert r2_from_auc(auc, prevalence) == pytest.approx(figures.r2_cox_snell, rel=3 * relative)


def test_fit_is_judged_by_its_own_shrunken_r_squared(rows: Rows) -> None:
    fit, _ = rows.fit()
    figures, found = fit_statistics(fit), development_size_of(fit)
    assert found.n_parameters == 4
    assert found.r2_cox_snell == pytest.approx(figures.shrinkage * figures.r2_cox_snell)
    assert found.prevalence == rows.y.mean()
    assert found.n_available == 400
    verdict = "enough" if found.n <= 400 else "too few"
    assert f"the fit had 400 rows: {verdict}" in str(found.summary())
    # Enough rows for a shrinkage of 0.9 exactly where the heuristic says so.
    assert (figures.shrinkage >= 0.9) == (found.criteria[0].n <= 400)


def test_sizes_without_an_answer_are_refused(rows: Rows, rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match="^r2_cox_snell or auc must be given, one of the two; got neither"):
        development_size(n_parameters=5, prevalence=0.1)
    with pytest.raises(InputError, match="^r2_cox_snell or auc must be given, one of the two; got both"):
        development_size(n_parameters=5, prevalence=0.1, auc=0.8, r2_cox_snell=0.1)
    with pytest.raises(InputError, match=r"^r2_cox_snell must be below the shrinkage \(0\.9\).*\(0\.188\); got 0\.3"):
        development_size(n_parameters=5, prevalence=0.0216, r2_cox_snell=0.3)
    with pytest.raises(InputError, match="^prevalence must lie strictly between 0 and 1; got 1"):
        development_size(n_parameters=5, prevalence=1, auc=0.8)
    with pytest.raises(InputError, match="^n_parameters must be a whole number of at least 1; got 0"):
        development_size(n_parameters=0, prevalence=0.1, auc=0.8)
    with pytest.raises(InputError, match="^the fit must have a likelihood ratio above .*; got class weights"):
        development_size_of(rows.fit(class_weight="natural")[0])
    with pytest.raises(InputError, match="^the fit must have two outcomes; got 3"):
        development_size_of(LogisticRiskModel().fit(rows.X, rng.integers(0, 3, 400)).fit_result_)


def test_answer_is_told_in_every_form() -> None:
    found = development_size(n_parameters=24, prevalence=0.174, r2_cox_snell=0.288)
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [criterion["n"] for criterion in told["criteria"]][:3] == [623, 662, 221]
    assert list(found.frame().columns) == ["criterion", "n", "events", "events_per_parameter"]
    assert repr(found) == f"<DevelopmentSize: {found.n} rows, {found.events:.0f} events for 24 parameters>"
