"""`riskdec demo`: from real data to a decision, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from riskdec.cli.options import json_option, seed_option
from riskdec.cli.output import check_output, lay_out, show

if TYPE_CHECKING:
    from riskdec.cli.study import Study

_EXAMPLE = """\b
Example:
  the whole path on real data
    riskdec demo --out report.html
"""


@click.command(short_help="The whole path on real data, as one page.", epilog=_EXAMPLE)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="Where to write the page.",
)
@seed_option
@json_option
def demo(out: Path, seed: int, as_json: bool) -> None:
    """Estimate, diagnose, compare with class weights and decide, on data that statsmodels ships.

    Who will be a heavy user of outpatient care? Nothing is downloaded; one page is written.
    """
    from riskdec.cli.study import run_study, study_dict, study_page
    from riskdec.report import write_page

    check_output(out, endings=(".html", ".htm"))
    study = run_study(seed=seed)
    write_page(study_page(study), out)
    show(_text(study, out), {**study_dict(study), "html": str(out)}, as_json=as_json)


def _text(study: Study, out: Path) -> str:
    from riskdec.cli.study import cluster_sentence, coefficient_table, data_sentence, story

    parts = (
        ("1. Real data", data_sentence(study)),
        ("2. Estimate", coefficient_table(study.fit), cluster_sentence(study.fit)),
        ("3. Diagnose, on people the model has not seen", study.report.summary()),
        ("4. What natural weights would have done", study.comparison.summary()),
        ("5. Decide", study.decisions.summary()),
        ("6. What it cost", study.evaluation.summary()),
        ("The story", *(f"- {sentence}" for sentence in story(study))),
    )
    text = "\n\n".join(f"{heading}\n{'=' * len(heading)}\n{lay_out(*bodies)}" for heading, *bodies in parts)
    return f"{text}\n\nThe report is at {out.resolve()}"
