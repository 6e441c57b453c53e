"""Answers put together: one offline HTML page that explains itself."""

from riskdec.report.calibration import calibration_page
from riskdec.report.card import ModelCard, model_card
from riskdec.report.certificates import certificate_page, policy_check_page
from riskdec.report.curves import decision_curve_page
from riskdec.report.decisions import decisions_page, evaluation_page
from riskdec.report.multiclass import multiclass_page
from riskdec.report.page import Page, Reference, Section, join_pages
from riskdec.report.pages import page_of
from riskdec.report.render import render_page
from riskdec.report.scenes import detections_page, scene_evaluation_page
from riskdec.report.subgroups import heterogeneity_page, subgroup_page
from riskdec.report.sweep import sweep_page
from riskdec.report.weighting import weighting_page
from riskdec.report.write import write_page, write_report

__all__ = [
    "ModelCard",
    "Page",
    "Reference",
    "Section",
    "calibration_page",
    "certificate_page",
    "decision_curve_page",
    "decisions_page",
    "detections_page",
    "evaluation_page",
    "heterogeneity_page",
    "join_pages",
    "model_card",
    "multiclass_page",
    "page_of",
    "policy_check_page",
    "render_page",
    "scene_evaluation_page",
    "subgroup_page",
    "sweep_page",
    "weighting_page",
    "write_page",
    "write_report",
]
