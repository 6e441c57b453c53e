"""What has to be said of a calibrator of K outcomes: findings, and warnings of estimates that are not maximal."""

from __future__ import annotations

from riskdec._base.codes import warn
from riskdec._base.findings import Finding
from riskdec._base.table import count
from riskdec.errors import ConvergenceWarning, SeparationWarning


def say_no_signal(n_outcomes: int) -> Finding:
    """Say that a temperature without limit fits best."""
    sentence = (
        "The scores carry no signal: what happened is no more frequent where its score is higher. An inverse "
        f"temperature of 0 is used, and every outcome has probability 1/{n_outcomes}."
    )
    todo = "Do the columns stand in the order of the labels? Calibration cannot add what a model lacks."
    return Finding(code="RD502", severity="issue", sentence=sentence, todo=todo)


def say_separated(what: str) -> Finding:
    """Say, and warn, that no maximum exists, since in every row what happened had the highest score."""
    sentence = (
        f"In every row what happened had the highest score, so {what} has no maximum likelihood estimate: the "
        "likelihood rises as the temperature falls to 0. Firth's bias-reduced estimate stands in."
    )
    finding = Finding(
        code="RD503",
        severity="caution",
        sentence=sentence,
        todo="Calibrate on more rows, or on rows that the model has not seen.",
    )
    warn("RD503", finding.sentence, SeparationWarning)
    return finding


def say_not_converged(what: str, n_steps: int, gradient: float) -> Finding:
    """Say, and warn, that an iteration stopped early."""
    sentence = f"{what} did not converge in {count(n_steps)} steps; the gradient is {gradient:.2g}."
    todo = "Look at the scores: are they of very different sizes?"
    finding = Finding(code="RD501", severity="issue", sentence=sentence, todo=todo)
    warn("RD501", finding.sentence, ConvergenceWarning)
    return finding
