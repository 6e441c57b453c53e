"""What has to be said of a calibrator: verdicts, and warnings of estimates that are not maximal."""

from __future__ import annotations

from riskdec._base.codes import warn
from riskdec._base.findings import Finding
from riskdec._base.table import count
from riskdec.errors import ConvergenceWarning, SeparationWarning


def say_no_signal(why: str, *, turned: str = "") -> Finding:
    """Say that scores do not rise with what they are the scores of.

    Parameters
    ----------
    why : str
        What shows it, and what is given instead.
    turned : str
        What to look at where the scores may belong to something else.
    """
    todo = f"{turned} Calibration cannot add what a model lacks.".strip()
    return Finding(code="RD502", severity="issue", sentence=f"The scores carry no signal: {why}", todo=todo)


def say_separated(why: str) -> Finding:
    """Say, and warn, that no maximum exists and Firth's estimate stands in."""
    finding = Finding(
        code="RD503",
        severity="caution",
        sentence=f"{why} Firth's bias-reduced estimate stands in.",
        todo="Calibrate on more rows, or on rows that the model has not seen.",
    )
    warn("RD503", finding.sentence, SeparationWarning)
    return finding


def say_not_converged(what: str, n_steps: int, gradient: float | None = None) -> Finding:
    """Say, and warn, that an iteration stopped early."""
    reached = "" if gradient is None else f"; the gradient is {gradient:.2g}"
    sentence = f"{what} did not converge in {count(n_steps)} steps{reached}."
    todo = "Look at the scores: are they of very different sizes?"
    finding = Finding(code="RD501", severity="issue", sentence=sentence, todo=todo)
    warn("RD501", finding.sentence, ConvergenceWarning)
    return finding
