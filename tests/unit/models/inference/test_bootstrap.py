"""Bootstrap of a fitted model: refits of the same procedure, reproducible, with intervals by formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import norm

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference.bootstrap_draws import make_resamples

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


def model_of(rows: Rows, **options: object) -> LogisticRiskModel:
    return LogisticRiskModel(**options).fit(rows.X, rows.y)


@pytest.mark.parametrize("penalty", [None, "firth", "flic", "flac"])
def test_each_refit_is_a_fit_on_the_rows_drawn(rows: Rows, penalty: str | None) -> None:
    answer = model_of(rows, penalty=penalty).bootstrap(rows.X, rows.y, n_resamples=5, rng=3)
    resamples = make_resamples(len(rows.y), 5, rng=np.random.default_rng(3))
    for number, coef in enumerate(answer.coef):
        drawn = np.repeat(np.arange(len(rows.y)), resamples.multiplicity(number).astype(int))
        fit = LogisticRiskModel(penalty=penalty, tol=1e-10).fit(rows.X.iloc[drawn], rows.y[drawn])
        np.testing.assert_allclose(coef, fit.fit_result_.coef, rtol=1e-5, atol=1e-7)


def test_same_bits_for_any_number_of_workers(rows: Rows) -> None:
    model = model_of(rows)
    one, two = (model.bootstrap(rows.X, rows.y, n_resamples=150, rng=1, n_jobs=jobs) for jobs in (1, 2))
    assert (one.coef == two.coef).all()
    other = model.bootstrap(rows.X, rows.y, n_resamples=150, rng=2)
    assert (one.coef != other.coef).any()


def test_standard_errors_come_near_those_of_the_likelihood(rows: Rows) -> None:
    model = model_of(rows)
    answer = model.bootstrap(rows.X, rows.y, n_resamples=400, rng=0)
    np.testing.assert_allclose(answer.std_err, model.bse, rtol=0.15)
    np.testing.assert_allclose(np.sqrt(np.diag(answer.cov_params())), answer.std_err)


def test_groups_are_resampled_whole(rows: Rows) -> None:
    twice = pd.concat([rows.X, rows.X], ignore_index=True)
    y, groups = np.tile(rows.y, 2), np.tile(np.arange(len(rows.y)), 2)
    model = LogisticRiskModel().fit(twice, y)
    single = model_of(rows).bootstrap(rows.X, rows.y, n_resamples=300, rng=0)
    grouped = model.bootstrap(twice, y, groups=groups, n_resamples=300, rng=0)
    # Rows that stand there twice bring nothing when they are drawn together, to the last draw.
    np.testing.assert_allclose(grouped.std_err, single.std_err, rtol=1e-6)
    assert grouped.n_groups == len(rows.y)
    np.testing.assert_allclose(grouped.acceleration, single.acceleration, rtol=1e-6)


def test_groups_follow_the_rows_that_a_formula_leaves_out(rows: Rows) -> None:
    frame = rows.X.assign(died=rows.y)
    frame.loc[[0, 7], "age"] = np.nan
    groups = np.arange(len(frame)) // 2
    model = LogisticRiskModel(formula="died ~ age + site1", missing="drop").fit(frame)
    answer = model.bootstrap(frame, groups=groups, n_resamples=4, rng=0)
    # One row of each of two pairs is left, so that no group is lost.
    assert answer.n_groups == len(frame) // 2


def test_frequency_weights_are_repeated_rows(rows: Rows) -> None:
    counts = np.random.default_rng(5).integers(0, 4, len(rows.y))
    repeated = np.repeat(np.arange(len(rows.y)), counts)
    X, y = rows.X.iloc[repeated], rows.y[repeated]
    long = LogisticRiskModel().fit(X, y).bootstrap(X, y, n_resamples=20, rng=0)
    short = (
        LogisticRiskModel()
        .fit(rows.X, rows.y, sample_weight=counts)
        .bootstrap(rows.X, rows.y, sample_weight=counts, n_resamples=20, rng=0)
    )
    np.testing.assert_allclose(short.coef, long.coef, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(short.acceleration, long.acceleration, rtol=1e-8)


def test_separated_resamples_are_counted(separated: Rows) -> None:
    with pytest.warns(UserWarning, match="RD101"):
        model = model_of(separated)
    answer = model.bootstrap(separated.X, separated.y, n_resamples=30, rng=0)
    assert answer.n_firth == 30 - answer.n_failed
    assert np.isfinite(answer.coef).all()
    assert "RD112" in [finding.code for finding in answer.findings]


def test_resamples_without_events_are_left_out_and_counted(rng: np.random.Generator) -> None:
    X, y = rng.normal(size=(40, 1)), np.arange(40) < 2
    model = LogisticRiskModel(penalty="firth").fit(X, y)
    answer = model.bootstrap(X, y, n_resamples=100, rng=0)
    # (1 - 2/40)^40 = 0.13 of the resamples have no event.
    assert 5 < answer.n_failed < 22
    assert len(answer.coef) == 100 - answer.n_failed
    assert "RD113" in [finding.code for finding in answer.findings]


def test_intervals_follow_their_formulas(rows: Rows) -> None:
    answer = model_of(rows).bootstrap(rows.X, rows.y, n_resamples=199, rng=0)
    low, high = np.quantile(answer.coef, [0.05, 0.95], axis=0)
    np.testing.assert_allclose(answer.conf_int(0.9), np.column_stack([low, high]))
    mirrored = np.column_stack([2 * answer.estimate - high, 2 * answer.estimate - low])
    np.testing.assert_allclose(answer.conf_int(0.9, method="basic"), mirrored)
    half = norm.ppf(0.95) * answer.std_err
    centre = answer.estimate - answer.bias
    normal = np.column_stack([centre - half, centre + half])
    np.testing.assert_allclose(answer.conf_int(0.9, method="normal"), normal)


def test_bca_interval_equals_scipy(rng: np.random.Generator) -> None:
    # The intercept of a fit without columns that matter is the logit of the mean.
    from scipy.stats import bootstrap

    from riskdec.models.inference.bootstrap_intervals import bootstrap_intervals, skewness_moments

    sample = rng.exponential(size=60)
    theirs = bootstrap((sample,), np.mean, n_resamples=999, method="BCa", rng=1)
    draws = theirs.bootstrap_distribution[:, None]
    square, cube = skewness_moments((sample - sample.mean())[:, None], np.ones(60))
    acceleration = cube / (6 * square**1.5)
    ours = bootstrap_intervals(
        draws, np.array([sample.mean()]), acceleration=acceleration, confidence_level=0.95, method="bca"
    )[0]
    # scipy takes percentiles of Hazen's kind and the jackknife, which for a mean is the influence to order 1/n.
    np.testing.assert_allclose(ours, theirs.confidence_interval, rtol=5e-3)


def test_risk_interval_holds_quantiles_of_refitted_risks(rows: Rows) -> None:
    model = model_of(rows)
    answer = model.bootstrap(rows.X, rows.y, n_resamples=99, rng=0)
    new = rows.X.head(7)
    eta = answer.coef[:, :1] + answer.coef[:, 1:] @ new.to_numpy().T
    expected = np.quantile(1 / (1 + np.exp(-eta)), [0.025, 0.975], axis=0).T
    np.testing.assert_allclose(answer.risk_interval(model, new), expected)
    flipped = 1 - expected[:, ::-1]
    np.testing.assert_allclose(answer.risk_interval(model, new, event=0), flipped)


def test_sparse_rows_give_what_dense_rows_give(rows: Rows) -> None:
    dense = rows.X.to_numpy()
    sparse = csr_matrix(dense)
    one, other = (
        LogisticRiskModel().fit(X, rows.y).bootstrap(X, rows.y, n_resamples=12, rng=0) for X in (dense, sparse)
    )
    np.testing.assert_allclose(one.coef, other.coef, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(one.acceleration, other.acceleration, rtol=1e-6)
    model = LogisticRiskModel().fit(sparse, rows.y)
    np.testing.assert_allclose(
        other.risk_interval(model, sparse[:5]),
        one.risk_interval(LogisticRiskModel().fit(dense, rows.y), dense[:5]),
        rtol=1e-6,
    )


def test_three_outcomes_are_refitted(rows: Rows, rng: np.random.Generator) -> None:
    y = rng.integers(0, 3, len(rows.y))
    model = LogisticRiskModel().fit(rows.X, y)
    answer = model.bootstrap(rows.X, y, n_resamples=10, rng=0)
    assert answer.coef.shape == (10, 2 * 5)
    limits = np.stack([answer.risk_interval(model, rows.X.head(4), event=k) for k in range(3)])
    assert (limits[..., 0] <= limits[..., 1]).all()
    assert ((limits[..., 0].sum(axis=0) < 1) & (limits[..., 1].sum(axis=0) > 1)).all()


def test_summary_and_dict_tell_the_same(rows: Rows) -> None:
    answer = model_of(rows).bootstrap(rows.X, rows.y, n_resamples=20, rng=0)
    told = answer.to_dict()["coefficients"]
    assert [row["term"] for row in told] == list(answer.terms)
    assert answer.frame()["std_err"].tolist() == [row["std_err"] for row in told]
    assert "20 resamples of single rows" in str(answer.summary())
    assert "20 refits" in repr(answer)


def test_what_cannot_be_is_refused(rows: Rows) -> None:
    model = model_of(rows)
    with pytest.raises(InputError, match="n_resamples must be a whole number of at least 2"):
        model.bootstrap(rows.X, rows.y, n_resamples=1)
    with pytest.raises(InputError, match="be those of fit"):
        model.bootstrap(rows.X * 2, rows.y)
    with pytest.raises(InputError, match="method must be one of"):
        model.bootstrap(rows.X, rows.y, n_resamples=3, rng=0).conf_int(method="exact")
    answer, other = model.bootstrap(rows.X, rows.y, n_resamples=3, rng=0), LogisticRiskModel()
    other.fit(rows.X[["age"]], rows.y)
    with pytest.raises(InputError, match="be the one that was refitted"):
        answer.risk_interval(other, rows.X[["age"]])
    weight = np.full(len(rows.y), 0.5)
    with pytest.warns(UserWarning, match="RD104"):
        model = LogisticRiskModel().fit(rows.X, rows.y, sample_weight=weight)
    with pytest.warns(UserWarning, match="RD104"), pytest.raises(InputError, match="whole numbers"):
        model.bootstrap(rows.X, rows.y, sample_weight=weight)
