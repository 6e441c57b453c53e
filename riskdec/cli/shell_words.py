"""The library's messages speak of its arguments; here they get the words of the shell."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskdec._base.table import Table

# What a sentence of the library says, and what whoever typed a command knows it by.
_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"^(?:y|y_true|y_test) must", "the target must"),
        (r"^by\['(.*?)'\] must", r"the column '\1' of --by must"),
        (r"^groups(?:_test)? must", "--groups must"),
        (r"Leave groups out", "Leave --groups out"),
        (r"weight_kind='(frequency|importance)'", r"--weight-kind \1"),
        (r"(?:^|\b)sample_weight(?:_test)? (must|is not)", r"--sample-weight \1"),
        (r"; on_separation='error' refuses instead", ""),
        (r"(Fit|fit|use|Use) (?:with )?penalty=None", r"\1 with --penalty none"),
        (r"\(costs=\{'false_positive': \.\.\., 'false_negative': \.\.\.\}\)", "(--costs fp=...,fn=...)"),
        (r"\bdecide\(costs=(?:\.\.\.)?\)", "riskdec decide"),
        (r"read costs\.sentences\(\) and look at the range", "look at the costs and at the range"),
        (r"riskdec\.validate_by_bootstrap", "riskdec fit --validate"),
        (r", or folds \(cv=5\)", ""),
        (r", or pass a better model as flexible=", ""),
        (r"\.frame\(\) gives every figure", "--json gives every figure"),
        (r"\.to_html\(path\) shows", "--html shows"),
        (r"ratios; \.frame\(\) gives", "ratios; --out gives"),
        (r"^TabularRiskModel under weights", "A logistic model of straight lines under weights"),
        (r"\bTabularRiskModel\([^()]*shape='linear'[^()]*\)", "a logistic model of straight lines"),
        (r"\bTabularRiskModel(?:\([^()]*\))?", "the model of riskdec fit"),
    )
)


def in_shell_words(sentence: str) -> str:
    """Put options of the commands in the place of the library's arguments.

    >>> in_shell_words("y must hold two classes; got one class, 1, in all 400 rows.")
    'the target must hold two classes; got one class, 1, in all 400 rows.'
    >>> in_shell_words("For other weights pass weight_kind='importance'.")
    'For other weights pass --weight-kind importance.'
    """
    for pattern, words in _WORDS:
        sentence = pattern.sub(words, sentence)
    return sentence


def in_shell_table(table: Table) -> Table:
    """Do the same in the title and the notes of a table and of those below it."""
    return replace(
        table,
        title=in_shell_words(table.title),
        notes=tuple(map(in_shell_words, table.notes)),
        sections=tuple(map(in_shell_table, table.sections)),
    )
