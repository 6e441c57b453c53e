"""The model card: what a model is, what it was shown to do, and what its authors still have to say, as Markdown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import refuse
from riskdec._base.files import replacing
from riskdec._base.result import Result
from riskdec._base.table import Table, count, number, percent
from riskdec.plot import visible
from riskdec.report.card_facts import facts_of_model
from riskdec.report.card_metadata import front_matter
from riskdec.report.card_questions import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskdec.decisions import CostMatrix, DecisionEvaluation
    from riskdec.diagnostics import CalibrationReport, SubgroupReport
    from riskdec.report.card_facts import ModelFacts

_OPEN = "*To be filled in by the authors.*"
_SPECIAL = re.compile(r"([\\`*_\[\]|~])|^([#+-])")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ModelCard(Result):
    """A model card; its parts can be read one by one, and `to_markdown` puts them together.

    Attributes
    ----------
    title : str
        Name of the model.
    metadata : tuple of (str, object)
        Front matter as hubs of models read it.
    parts : tuple of (str, str)
        Headings with their Markdown.
    open_items : tuple of str
        Headings that only the authors can fill.
    """

    title: str
    metadata: tuple[tuple[str, Any], ...]
    parts: tuple[tuple[str, str], ...]
    open_items: tuple[str, ...]

    def to_markdown(self) -> str:
        """Give the whole card; the front matter is YAML, written as JSON values."""
        front = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=True)}" for key, value in self.metadata)
        body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in self.parts)
        # Tables hold names too, in which nothing may be hidden.
        shown = "\n".join(visible(line) for line in body.split("\n"))
        return f"---\n{front}\n---\n\n# {plain(self.title)}\n\n{shown}\n"

    def save(self, path: str | Path) -> Path:
        """Write the card, whole or not at all, and give its path.

        Parameters
        ----------
        path : str or Path
            Usually README.md beside the model file.
        """
        from pathlib import Path

        target = Path(path)
        with replacing(target) as stream:
            stream.write(self.to_markdown().encode("utf-8"))
        return target

    def _headline(self) -> str:
        return f"{self.title}: {len(self.parts)} parts, {len(self.open_items)} to be filled in by the authors"

    def summary(self) -> Table:
        """Give the headings, and which of them are open."""
        rows = tuple((heading, "open" if heading in self.open_items else "filled") for heading, _ in self.parts)
        return Table(title=f"Model card of {self.title}", header=("part", "state"), rows=rows)

    def to_dict(self) -> dict[str, Any]:
        """Give title, front matter, parts and open items."""
        return {
            "title": self.title,
            "metadata": dict(self.metadata),
            "parts": dict(self.parts),
            "open_items": list(self.open_items),
        }


def model_card(
    model: Any,
    *,
    title: str,
    report: CalibrationReport | None = None,
    evaluation: DecisionEvaluation | None = None,
    subgroups: SubgroupReport | None = None,
    costs: CostMatrix | None = None,
    answers: Mapping[str, str] | None = None,
    n_looks: int | None = None,
    license: str | None = None,
) -> ModelCard:
    """Put a model card together from what riskdec knows, and ask for the rest.

    Parameters
    ----------
    model : fitted risk model
        A model of riskdec; of others only the class is known.
    title : str
        Its name.
    report : CalibrationReport, optional
        What `diagnose` gave on rows that the model has not seen.
    evaluation : DecisionEvaluation, optional
        What decisions on such rows cost.
    subgroups : SubgroupReport, optional
        What `diagnose_subgroups` gave.
    costs : CostMatrix, optional
        The costs that the model is meant to decide under; those of the evaluation by default.
    answers : mapping of str to str, optional
        What only people know, by the keys of ``riskdec.report.card_questions.QUESTIONS``: purpose, inequalities,
        source, participants, preparation, outcome, predictors, differences, ethics, funding, registration, access,
        involvement, limits, practice. What is missing is marked as open.
    n_looks : int, optional
        How many analyses have used the test rows, this one included: more than one makes them partly training rows.
    license : str, optional
        Identifier for the front matter, such as "apache-2.0".

    Returns
    -------
    ModelCard

    Raises
    ------
    InputError
        For answers to questions that are not asked, and a number of looks below 1.

    References
    ----------
    Collins GS and others (2024). TRIPOD+AI statement. BMJ 385:e078378. doi:10.1136/bmj-2023-078378
    Mitchell M and others (2019). Model cards for model reporting. FAT* 2019. doi:10.1145/3287560.3287596

    Examples
    --------
    >>> from riskdec import LogisticRiskModel
    >>> from riskdec.datasets import simulate_risks
    >>> data = simulate_risks(500, rng=0)
    >>> card = model_card(LogisticRiskModel().fit(data.X, data.y), title="Readmission")
    >>> card
    <ModelCard: Readmission: 24 parts, 18 to be filled in by the authors>
    """
    given = dict(answers or {})
    strange = sorted(set(given) - set(QUESTIONS))
    if strange:
        raise refuse("answers", f"answer {', '.join(QUESTIONS)}", repr(strange[0]))
    if n_looks is not None and n_looks < 1:
        raise refuse("n_looks", "be at least 1: this analysis counts", n_looks)
    facts = facts_of_model(model)
    asked = {key: (question.heading, _answer(key, given)) for key, question in QUESTIONS.items()}
    heading, predictors = asked["predictors"]
    parts = [
        ("Model", _about_model(facts)),
        *(asked[key] for key in ("purpose", "inequalities", "source", "participants", "preparation", "outcome")),
        (heading, f"{_columns(facts)}\n\n{predictors}"),
        ("Sample size", facts.sample_size or _OPEN),
        ("Missing values", facts.missing or _OPEN),
        ("Class imbalance", facts.imbalance or _OPEN),
        ("Model output", _output(facts, costs)),
        *(asked[key] for key in ("differences", "ethics", "funding", "registration", "access", "involvement")),
        ("Performance", _performance(report, n_looks) or _OPEN),
        ("Fairness", _OPEN if subgroups is None else subgroups.summary().to_markdown()),
        ("Decisions", _decisions(costs, evaluation) or _OPEN),
        *(asked[key] for key in ("limits", "practice")),
        *(("Model specification", table.to_markdown()) for table in facts.tables),
    ]
    return ModelCard(
        title=title,
        metadata=tuple(front_matter(facts.task, title=title, report=report, license=license).items()),
        parts=tuple(parts),
        open_items=tuple(heading for heading, text in parts if _OPEN in text),
    )


def plain(text: object) -> str:
    r"""Write text so that Markdown and HTML show it as it is; line ends become spaces.

    >>> print(plain("<b> & [link](x)"))
    &lt;b&gt; &amp; \[link\](x)
    """
    flat = visible(" ".join(str(text).split()))
    escaped = _SPECIAL.sub(lambda found: "\\" + found.group(), flat)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _about_model(facts: ModelFacts) -> str:
    return f"{plain(facts.kind)}: {plain(facts.how)}. It gives the risk of {plain(facts.event)}."


def _columns(facts: ModelFacts) -> str:
    shown = ", ".join(plain(name) for name in facts.columns[:60])
    more = f" and {len(facts.columns) - 60} more" if len(facts.columns) > 60 else ""
    noun = "column" if len(facts.columns) == 1 else "columns"
    return f"{count(len(facts.columns))} {noun}: {shown}{more}." if facts.columns else "The columns have no names."


def _answer(key: str, given: Mapping[str, str]) -> str:
    question = QUESTIONS[key]
    return plain(given[key]) if given.get(key) else f"{_OPEN} (TRIPOD+AI {question.items}: {question.text})"


def _output(facts: ModelFacts, costs: CostMatrix | None) -> str:
    risk = f"The risk of {plain(facts.event)}, between 0 and 1; no class is called at a fixed threshold."
    whose = "of whoever decides" if costs is None else "under Decisions, at the risks given there"
    return f"{risk} Actions follow from the costs {whose}."


def _performance(report: CalibrationReport | None, n_looks: int | None) -> str:
    if report is None:
        return ""
    looks = ""
    if n_looks is not None:
        once = "These rows were looked at once, here."
        more = f"These rows have been used in {n_looks} analyses: figures are to some degree apparent."
        looks = once if n_looks == 1 else more
    lead = (
        f"On {count(report.n)} rows with {count(report.n_events)} events that the model has not seen: mean predicted "
        f"risk {percent(report.mean_risk, 2)}, observed {percent(report.prevalence, 2)}, AUC {number(report.auc, 3)}, "
        f"calibration slope {number(report.slope.estimate, 3)}."
    )
    if report.apparent:
        lead = f"On {count(report.n)} rows that the model was fitted on, so that every figure is apparent (too good)."
    return "\n\n".join(part for part in (lead, looks, report.summary().to_markdown()) if part)


def _decisions(costs: CostMatrix | None, evaluation: DecisionEvaluation | None) -> str:
    parts = []
    if costs is not None:
        parts += [plain(sentence) for sentence in costs.sentences()]
    if evaluation is not None:
        parts.append(evaluation.summary().to_markdown())
    return "\n\n".join(parts)
