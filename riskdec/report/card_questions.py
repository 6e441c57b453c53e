"""What a model card asks its authors, in the order of TRIPOD+AI and with its item numbers.

The numbers are those of the checklist in Collins and others (2024), BMJ 385:e078378; the words are our own. Items 1, 2,
4, 12, 20c, 23b, 24 and 25 are about a paper, or about parts of an analysis that a card does not tell.
"""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """One thing that only people know.

    Attributes
    ----------
    heading : str
        Where the answer stands.
    items : str
        Items of TRIPOD+AI.
    text : str
        What is asked.
    """

    heading: str
    items: str
    text: str


QUESTIONS = {
    "purpose": Question(
        "Intended use and users", "3a, 3b", "for which decision, about whom, by whom, at which moment, instead of what?"
    ),
    "inequalities": Question("Known inequalities", "3c", "which groups of people fare worse here already, and why?"),
    "source": Question(
        "Source of data", "5a, 5b", "where do the rows come from, from when to when, and whom do they miss?"
    ),
    "participants": Question(
        "Participants", "6a to 6c, 20a, 20b", "who is in the data, who was left out, and how were they treated?"
    ),
    "preparation": Question("Data preparation", "7", "what was done to the data before the model saw them?"),
    "outcome": Question(
        "Outcome",
        "8a to 8c",
        "what counts as the event, over which horizon, who judged it, and did they see the columns?",
    ),
    "predictors": Question(
        "Predictors", "9a to 9c", "why these columns, and how and when is each measured, relative to the decision?"
    ),
    "differences": Question(
        "Training and evaluation", "16", "how do the rows it was judged on differ from those of training?"
    ),
    "ethics": Question("Ethics and data protection", "17", "who approved the use of these data, and who consented?"),
    "funding": Question("Funding and interests", "18a, 18b", "who paid, and who gains?"),
    "registration": Question("Protocol and registration", "18c, 18d", "where are they, or were there none?"),
    "access": Question("Access to data and code", "18e, 18f", "who can get them, and how?"),
    "involvement": Question("Involvement of those concerned", "19", "who of them took part, and in what?"),
    "limits": Question("Limitations", "26", "where should it not be used?"),
    "practice": Question(
        "Use in practice", "27a to 27c", "what if a value is missing or wrong, what must users know, and what is next?"
    ),
}
