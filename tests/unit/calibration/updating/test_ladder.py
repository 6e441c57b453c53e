"""The updating ladder: likelihood ratios against statsmodels, the closed test, what it refuses and says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from scipy.stats import chi2

from riskdec import choose_update, undo_class_weight
from riskdec.errors import InputError

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def draw(
    seed: int, n: int = 1500, *, shift: float = 0.0, slope: float = 1.0, extra: tuple[float, float] = (0.0, 0.0)
) -> Rows:
    """Give outcomes, risks of an old model, and two columns, one of which it did not know."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    old = -1.2 + 0.9 * X[:, 0]
    return rng.random(n) < expit(shift + slope * old + X @ np.array(extra)), expit(old), X


def glm(y: np.ndarray, columns: np.ndarray | None, offset: np.ndarray | None = None, weight: object = None):
    design = np.ones((len(y), 1)) if columns is None else sm.add_constant(columns)
    model = sm.GLM(y.astype(float), design, family=sm.families.Binomial(), offset=offset, freq_weights=weight)
    return model.fit(tol=1e-12)


def test_rungs_and_tests_are_those_of_statsmodels() -> None:
    y, p, X = draw(1, shift=0.3, slope=0.8, extra=(0.0, 0.4))
    weight = np.random.default_rng(0).integers(1, 4, len(y))
    ladder = choose_update(y, p, X=X[:, 1:], sample_weight=weight)
    L = logit(p)
    fits = [
        glm(y, None, offset=L, weight=weight),
        glm(y, L, weight=weight),
        glm(y, np.column_stack([L, X[:, 1]]), weight=weight),
    ]
    as_given = float((weight * (y * L - np.log1p(np.exp(L)))).sum())
    values = [as_given, *(fit.llf for fit in fits)]
    for rung, fit in zip(ladder.rungs[1:], fits, strict=True):
        np.testing.assert_allclose(rung.coef, fit.params, atol=1e-8)
        np.testing.assert_allclose(rung.covariance, fit.cov_params(), rtol=1e-5)
    for rung, value, df in zip(ladder.rungs, values, (3, 2, 1, 0), strict=True):
        assert rung.log_likelihood == pytest.approx(value, abs=1e-7)
        assert rung.df == df
        if df:
            assert rung.statistic == pytest.approx(2 * (values[-1] - value), abs=1e-6)
            assert rung.p_value == pytest.approx(chi2.sf(2 * (values[-1] - value), df), rel=1e-5)
    np.testing.assert_allclose([rung.aic for rung in ladder.rungs[1:]], [fit.aic for fit in fits], atol=1e-6)


@pytest.mark.parametrize(
    ("truth", "chosen"),
    [
        ({}, "none"),
        ({"shift": -0.8}, "citl"),
        ({"shift": 0.2, "slope": 0.4}, "citl and slope"),
        ({"extra": (0.0, 0.9)}, "refit"),
    ],
)
def test_lowest_rung_that_suffices_is_chosen(truth: dict[str, object], chosen: str) -> None:
    y, p, X = draw(5, 4000, **truth)  # type: ignore[arg-type]  # one of the options above
    assert choose_update(y, p, X=X).chosen == chosen


def test_choice_is_the_first_rung_that_the_highest_does_not_improve() -> None:
    for seed in range(30):
        y, p, X = draw(seed, 300, shift=0.25, slope=0.9)
        ladder = choose_update(y, p, X=X, significance=0.2)
        lower = [rung.name for rung in ladder.rungs[:-1] if rung.p_value > 0.2]
        assert ladder.chosen == (lower[0] if lower else "refit")


def test_updated_risks_average_the_outcomes_and_have_slope_one() -> None:
    y, p, X = draw(2, shift=0.5, slope=0.5)
    ladder = choose_update(y, p, X=X)
    for name in ("citl", "citl and slope", "refit"):
        updated = ladder.apply(p, X=X, rung=name)
        assert updated.mean() == pytest.approx(y.mean(), abs=1e-9)
        if name != "citl":
            np.testing.assert_allclose(glm(y, logit(updated)).params, [0, 1], atol=1e-6)
    np.testing.assert_array_equal(ladder.apply(p, rung="none"), p)


def test_columns_that_the_old_model_is_made_of_make_it_the_refit_of_all_coefficients() -> None:
    y, p, X = draw(3, extra=(0.3, 0.5))
    ladder = choose_update(y, p, X=X)
    # The old log-odds are a line in the first column: three coefficients in all, and statsmodels' fit of X.
    assert ladder.rungs[-2].df == 1
    full = glm(y, X)
    assert ladder.rungs[-1].log_likelihood == pytest.approx(full.llf, abs=1e-7)
    np.testing.assert_allclose(ladder.apply(p, X=X, rung="refit"), full.fittedvalues, atol=1e-8)


def test_weights_of_rows_are_repetitions_and_rows_of_weight_zero_absent() -> None:
    y, p, X = draw(4, 400, shift=0.4)
    weight = np.random.default_rng(1).integers(0, 3, 400)
    weighted = choose_update(y, p, X=X, sample_weight=weight)
    rows = np.repeat(np.arange(400), weight)
    repeated = choose_update(y[rows], p[rows], X=X[rows])
    for one, two in zip(weighted.rungs, repeated.rungs, strict=True):
        np.testing.assert_allclose(one.coef, two.coef, atol=1e-8)
        assert one.log_likelihood == pytest.approx(two.log_likelihood, rel=1e-10)
        if one.df:
            assert one.p_value == pytest.approx(two.p_value, rel=1e-6)


def test_groups_bring_wald_tests_with_the_covariance_of_clusters() -> None:
    y, p, _ = draw(6, 900, shift=0.4)
    groups = np.arange(900) // 3
    ladder = choose_update(y, p, groups=groups)
    assert (ladder.test, ladder.n_groups) == ("Wald", 300)
    model = sm.GLM(y.astype(float), sm.add_constant(logit(p)), family=sm.families.Binomial())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": True}, tol=1e-12)
    np.testing.assert_allclose(ladder.rungs[-1].covariance, fit.cov_params(), rtol=1e-5)
    both = fit.wald_test((np.eye(2), [0.0, 1.0]), use_f=True, scalar=True)
    assert ladder.rungs[0].statistic / 2 == pytest.approx(float(both.statistic), rel=1e-5)
    # Each row three times, in a group: as much evidence as once.
    rows = np.repeat(np.arange(900), 3)
    tripled = choose_update(y[rows], p[rows], groups=rows)
    assert tripled.rungs[0].p_value == pytest.approx(choose_update(y, p).rungs[0].p_value, abs=0.02)


def test_only_ratios_of_importance_weights_matter() -> None:
    y, p, _ = draw(7, 600, shift=0.3)
    weight = np.random.default_rng(2).uniform(0.2, 3, 600)
    first, second = (
        choose_update(y, p, sample_weight=scale * weight, weight_kind="importance").rungs[0].p_value
        for scale in (1, 50)
    )
    assert first == pytest.approx(second, rel=1e-6)


def test_shift_made_before_changes_no_updated_risk_and_the_ladder_says_so() -> None:
    y, p, _ = draw(8, shift=-1.5, slope=0.7)
    once, undone = choose_update(y, p), choose_update(y, undo_class_weight(p, class_weight=(1, 5)))
    again = undone.apply(undo_class_weight(p, class_weight=(1, 5)), rung="citl and slope")
    np.testing.assert_allclose(once.apply(p, rung="citl and slope"), again, atol=1e-8)
    assert "RD534" in {finding.code for finding in once.findings}


def test_rows_that_the_model_was_fitted_on_are_recognised() -> None:
    y, _, X = draw(9)
    own = glm(y, X).fittedvalues
    ladder = choose_update(y, own)
    assert ladder.chosen == "none"
    (finding,) = [finding for finding in ladder.findings if finding.code == "RD531"]
    assert finding.severity == "issue"
    assert "RD530" not in {finding.code for finding in ladder.findings}


def test_separated_refit_is_left_out_and_named() -> None:
    y, p, X = draw(10, 300)
    ladder = choose_update(y, p, X=np.column_stack([X, y]))
    assert ladder.rungs[-1].obstacle
    assert ladder.chosen != "refit"
    assert any(finding.code == "RD533" and "'refit'" in finding.sentence for finding in ladder.findings)
    with pytest.raises(InputError, match="rung must have an estimate; got 'refit'"):
        ladder.apply(p, X=np.column_stack([X, y]), rung="refit")


def test_constant_risks_have_no_slope_but_a_shift() -> None:
    y = np.arange(200) < 80
    ladder = choose_update(y, np.full(200, 0.1))
    assert ladder.chosen == "citl"
    assert ladder.rungs[2].obstacle == "all risks are the same, so there is no slope"
    np.testing.assert_allclose(ladder.apply([0.1]), [0.4], rtol=1e-9)


def test_few_events_are_said() -> None:
    y, p, X = draw(11, 60)
    assert "RD532" in {finding.code for finding in choose_update(y, p, X=X).findings}
    assert "RD532" not in {finding.code for finding in choose_update(*draw(11, 3000)[:2]).findings}


def test_certainties_that_came_true_change_nothing() -> None:
    y, p, _ = draw(12, 500)
    more = choose_update(np.append(y, [True, False]), np.append(p, [1.0, 0.0]))
    np.testing.assert_allclose(more.rungs[2].coef, choose_update(y, p).rungs[2].coef, atol=1e-10)
    np.testing.assert_array_equal(more.apply([0.0, 1.0], rung="citl and slope"), [0.0, 1.0])


def test_columns_of_a_frame_name_the_coefficients() -> None:
    y, p, X = draw(13)
    ladder = choose_update(y, p, X=pd.DataFrame(X, columns=["age", "dose"]))
    assert ladder.rungs[-1].parameters == ("intercept", "slope", "age", "dose")
    text = str(ladder)
    assert "likelihood ratio" in text
    assert f"{ladder.chosen} (chosen)" in text
    assert ladder.to_dict()["rungs"][0]["name"] == "none"
    assert not ladder.rungs[1].coef.flags.writeable


def test_labels_other_than_0_and_1_ask_for_the_event() -> None:
    y, p, _ = draw(14)
    words = np.where(y, "dead", "alive")
    assert choose_update(words, p, event="dead").rungs[1].coef == pytest.approx(choose_update(y, p).rungs[1].coef)


@pytest.mark.parametrize(
    ("y", "p", "options", "sentence"),
    [
        ([0, 0], [0.1, 0.2], {}, "y_true must hold both outcomes; got no events"),
        ([1, 1], [0.1, 0.2], {}, "y_true must hold both outcomes; got events alone"),
        ([1, 0], [0.0, 0.2], {}, "y_proba must not be exactly 0 or 1 where that proved wrong; got 0.0 at position 0"),
        ([1, 0], [1.0, 0.0], {}, "y_proba must hold risks strictly between 0 and 1; got certainties alone"),
        ([1, 0], [0.5, 0.2], {"X": [[1.0]]}, r"X must have one entry per row \(2\)"),
        ([1, 0], [0.5, 0.2], {"significance": 0}, "significance must be a number above 0"),
    ],
)
def test_bad_input_is_refused(y: list[int], p: list[float], options: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        choose_update(y, p, **options)  # type: ignore[arg-type]  # wrong on purpose


def test_refit_needs_the_same_columns_again() -> None:
    y, p, X = draw(15)
    ladder = choose_update(y, p, X=X)
    with pytest.raises(InputError, match="X must be given for a refit; got None"):
        ladder.apply(p, rung="refit")
    with pytest.raises(InputError, match=r"X must have the columns of the fit \(2\); got 1 columns"):
        ladder.apply(p, X=X[:, :1], rung="refit")
    with pytest.raises(InputError, match="rung must be one of 'none', 'citl'"):
        ladder.apply(p, rung="everything")
