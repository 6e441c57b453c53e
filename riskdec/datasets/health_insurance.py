"""The RAND Health Insurance Experiment as a risk problem: who will be a heavy user of outpatient care?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_integer, check_number, check_rng

if TYPE_CHECKING:
    from riskdec._base.typing import IntArray, RngLike

HEAVY_USE = 10
"""Visits to a physician in a year from which a person counts as a heavy user."""

# What does not change from one year of a person to the next.
_PERSON = ["idp", "physlm", "disea", "hlthg", "hlthf", "hlthp"]


@dataclass(frozen=True, eq=False, kw_only=True)
class HealthInsurance:
    """Person-years with their outcome and their person.

    Attributes
    ----------
    X : pandas.DataFrame of shape (n, 9)
        ``lncoins`` log(coinsurance rate + 1), ``idp`` individual deductible plan, ``lpi`` log of the yearly
        participation payment, ``fmde`` log of the maximum expenditure, ``physlm`` physical limitation, ``disea``
        number of chronic diseases, ``hlthg, hlthf, hlthp`` health good, fair, poor (against excellent).
    y : ndarray of shape (n,)
        1 for ten or more visits in the year, else 0.
    person : ndarray of shape (n,)
        Number of the person: rows of one person are not independent.
    """

    X: Any
    y: IntArray
    person: IntArray

    @property
    def n_people(self) -> int:
        """Number of people."""
        return len(np.unique(self.person))

    def split(self, *, test_share: float = 0.4, rng: RngLike = 0) -> tuple[HealthInsurance, HealthInsurance]:
        """Split by person: no person is on both sides.

        Parameters
        ----------
        test_share : float
            Share of people held out.
        rng : seed, Generator or None
            Source of randomness.

        Returns
        -------
        train, test : HealthInsurance
            Two parts.
        """
        share = check_number(test_share, name="test_share", low=0, high=1, open_low=True)
        people = check_rng(rng).permutation(np.unique(self.person))
        held_out = np.isin(self.person, people[: round(share * len(people))])
        return self._part(~held_out), self._part(held_out)

    def _part(self, rows: Any) -> HealthInsurance:
        part = self.X.loc[rows].reset_index(drop=True)
        return HealthInsurance(X=part, y=self.y[rows], person=self.person[rows])


def load_health_insurance(*, heavy_use: int = HEAVY_USE) -> HealthInsurance:
    """Load the RAND Health Insurance Experiment as shipped with statsmodels: 20,190 person-years.

    Parameters
    ----------
    heavy_use : int
        Visits in a year from which the event counts; 10 gives a prevalence of 5.7 %.

    Returns
    -------
    HealthInsurance
        Rows in the order of the file.

    Notes
    -----
    The file has no person id. People are recovered as runs of consecutive rows with equal plan, limitation,
    diseases and health, which do not change over a person's years: about 5,000 of them, four years each.

    References
    ----------
    Deb P, Trivedi PK (2002). The structure of demand for health care. Journal of Health Economics 21:601-625.
    Newhouse JP (1993). Free for All? Lessons from the RAND Health Insurance Experiment.

    Examples
    --------
    >>> data = load_health_insurance()
    >>> len(data.y), data.n_people, round(float(data.y.mean()), 3)
    (20190, 5071, 0.057)
    """
    from statsmodels.datasets import randhie

    cut = check_integer(heavy_use, name="heavy_use", low=1)
    table = randhie.load_pandas().data
    fixed = table[_PERSON].to_numpy()
    starts = np.concatenate([[True], (fixed[1:] != fixed[:-1]).any(axis=1)])
    person = np.cumsum(starts) - 1
    y = (table["mdvis"].to_numpy() >= cut).astype(np.intp)
    return HealthInsurance(X=table.drop(columns="mdvis"), y=y, person=person)
