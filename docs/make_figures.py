"""Draw the figures of the README from the demonstration; run it from the root of the repository."""

from __future__ import annotations

from pathlib import Path

from riskdec.cli.study import run_study
from riskdec.plot import to_svg

FOLDER = Path(__file__).resolve().parent / "figures"


def main() -> None:
    """Write one SVG file per figure."""
    study = run_study()
    for name, answer in (("calibration", study.report), ("weighting", study.comparison)):
        (FOLDER / f"{name}.svg").write_bytes(to_svg(answer))


if __name__ == "__main__":
    main()
