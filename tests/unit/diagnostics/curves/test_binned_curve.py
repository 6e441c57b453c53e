from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from riskdec import reliability_curve
from riskdec.errors import InputError


@pytest.fixture
def rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    risk = rng.random(200)
    return (rng.random(200) < risk).astype(int), risk


def test_bins_hold_equal_numbers_of_neighbours(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    curve = reliability_curve(y, risk, method="binned", band=None, n_bins=4)
    parts = np.array_split(np.argsort(risk), 4)
    assert curve.risk == pytest.approx([risk[part].mean() for part in parts])
    assert curve.event_rate == pytest.approx([y[part].mean() for part in parts])
    assert curve.events.tolist() == [y[part].sum() for part in parts]
    assert curve.rows is not None
    assert curve.rows.tolist() == [50] * 4


def test_ties_stay_together_and_the_bins_used_are_told() -> None:
    curve = reliability_curve([0, 1] * 50, [0.1] * 90 + [0.4] * 10, method="binned", band=None)
    assert curve.risk.tolist() == [0.1, 0.4]
    assert curve.description == "2 bins (10 asked for)"


@pytest.mark.parametrize(("interval", "method"), [("clopper-pearson", "exact"), ("wilson", "wilson")])
@pytest.mark.parametrize(("band", "share"), [("pointwise", 1), ("simultaneous", 5)])
def test_intervals_equal_those_of_scipy(
    interval: str, method: str, band: str, share: int, rows: tuple[np.ndarray, np.ndarray]
) -> None:
    y, risk = np.sort(rows[0]), np.sort(rows[1])  # with bins of no event and of events only
    curve = reliability_curve(y, risk, method="binned", band=band, interval=interval, n_bins=5)  # type: ignore[arg-type]
    assert 0 in curve.event_rate
    assert 1 in curve.event_rate
    level = 1 - 0.05 / share
    wanted = [binomtest(int(k), 40).proportion_ci(level, method=method) for k in curve.events]  # type: ignore[arg-type]
    assert curve.low == pytest.approx([w.low for w in wanted], abs=1e-12)
    assert curve.high == pytest.approx([w.high for w in wanted], abs=1e-12)


def test_exact_intervals_are_the_default(rows: tuple[np.ndarray, np.ndarray]) -> None:
    default = reliability_curve(*rows, method="binned", band="pointwise")
    exact = reliability_curve(*rows, method="binned", band="pointwise", interval="clopper-pearson")
    assert default.to_dict() == exact.to_dict()


def test_consistency_band_holds_for_bins(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    curve = reliability_curve(y, risk, method="binned", n_bins=2, n_resamples=999, rng=0)
    part = np.sort(risk)[:100]
    # The count of a bin is nearly normal under calibration.
    spread = 1.96 * np.sqrt((part * (1 - part)).sum()) / 100
    assert curve.low is not None
    assert curve.low[0] == pytest.approx(part.mean() - spread, abs=0.02)


def test_summary_prints_the_counts_of_each_bin(rows: tuple[np.ndarray, np.ndarray]) -> None:
    table = reliability_curve(*rows, method="binned", band="pointwise", n_bins=4).summary()
    assert table.header[:4] == ("bin", "risk", "event rate", "from rows")
    assert [row[3] for row in table.rows] == ["50"] * 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "isotonic", "n_bins": 5}, "n_bins must be left out for method='isotonic'; got 5"),
        ({"n_bins": 0}, "n_bins must be a whole number of at least 1; got 0"),
        ({"interval": "wald", "band": "pointwise"}, "interval must be one of 'clopper-pearson', 'wilson'; got 'wald'"),
        ({"interval": "wilson", "band": None}, "interval must be left out unless method='binned' has a pointwise or"),
        (
            {"sample_weight": [1, 2], "weight_kind": "importance", "band": "pointwise"},
            "band must not be 'pointwise' with importance weights, because it counts rows",
        ),
        ({"groups": [0, 1], "band": "pointwise"}, "band must be 'consistency' or None when rows come in groups"),
    ],
)
def test_options_without_meaning_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        reliability_curve([0, 1], [0.2, 0.4], **({"method": "binned"} | options))  # type: ignore[arg-type]
