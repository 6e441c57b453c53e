"""What does a formula mean on this frame? A closed grammar, and a design that is plain data."""

from riskdec.models.formula.design import DesignRows, FormulaDesign
from riskdec.models.formula.grammar import parse_formula
from riskdec.models.formula.hypotheses import Hypothesis, list_hypotheses
from riskdec.models.formula.missing import CompleteRows, find_complete_rows
from riskdec.models.formula.terms import expand
from riskdec.models.formula.tree import Formula

__all__ = [
    "CompleteRows",
    "DesignRows",
    "Formula",
    "FormulaDesign",
    "Hypothesis",
    "expand",
    "find_complete_rows",
    "list_hypotheses",
    "parse_formula",
]
