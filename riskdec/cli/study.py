"""The demonstration as one study: estimate, diagnose, compare with weights, decide, and say what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.result import jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.datasets import load_health_insurance
from riskdec.datasets.health_insurance import HEAVY_USE
from riskdec.decisions import CostMatrix, evaluate_decisions
from riskdec.models import LogisticRiskModel
from riskdec.report import Page, Section, join_pages, page_of
from riskdec.weighting import compare_weighting

if TYPE_CHECKING:
    from typing import Any

    from riskdec.datasets import HealthInsurance
    from riskdec.decisions import DecisionEvaluation, Decisions
    from riskdec.diagnostics import CalibrationReport
    from riskdec.models import LogisticFit
    from riskdec.weighting import WeightingComparison

_OUTCOMES = ("ordinary use", "heavy use")
_ACTIONS = ("leave", "treat", "defer")


class Study(NamedTuple):
    """Everything that the demonstration found out; no row of the data."""

    fit: LogisticFit
    report: CalibrationReport
    comparison: WeightingComparison
    decisions: Decisions
    evaluation: DecisionEvaluation
    sizes: dict[str, int]
    above_half: int


def run_study(*, seed: int = 0) -> Study:
    """Run the main job on the RAND Health Insurance Experiment.

    Parameters
    ----------
    seed : int
        Seed of the split and of the null draws.
    """
    data = load_health_insurance()
    train, test = data.split(test_share=0.4, rng=seed)
    model = LogisticRiskModel().fit(train.X, train.y, groups=train.person)
    costs = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6, outcomes=_OUTCOMES, actions=_ACTIONS)
    decisions = model.decide(test.X, costs)
    return Study(
        fit=model.fit_result_,
        report=model.diagnose(test.X, test.y, costs=costs, groups=test.person, rng=seed),
        comparison=compare_weighting(
            LogisticRiskModel(),
            train.X,
            train.y,
            schemes=("none", "natural"),
            costs=costs,
            X_test=test.X,
            y_test=test.y,
            groups=train.person,
            groups_test=test.person,
            rng=seed,
        ),
        decisions=decisions,
        evaluation=evaluate_decisions(test.y, decisions, groups=test.person),
        sizes=_sizes(data, train, test),
        above_half=int((model.predict_risk(test.X) > 0.5).sum()),
    )


def _sizes(data: HealthInsurance, train: HealthInsurance, test: HealthInsurance) -> dict[str, int]:
    return {
        "rows": len(data.y),
        "people": data.n_people,
        "events": int(data.y.sum()),
        "train_rows": len(train.y),
        "train_people": train.n_people,
        "test_rows": len(test.y),
        "test_people": test.n_people,
        "test_events": int(test.y.sum()),
    }


def data_sentence(study: Study) -> str:
    """Say what the data are, where the event is cut, and how they are split."""
    n = study.sizes
    return (
        f"RAND Health Insurance Experiment (shipped with statsmodels): {count(n['rows'])} person-years of "
        f"{count(n['people'])} people. Event: heavy use of outpatient care, {HEAVY_USE} or more visits to a "
        f"physician in the year; prevalence {percent(n['events'] / n['rows'])}. Split by person: "
        f"{count(n['train_rows'])} rows of {count(n['train_people'])} people to fit, {count(n['test_rows'])} rows of "
        f"{count(n['test_people'])} other people to judge."
    )


def error_ratio(fit: LogisticFit) -> float:
    """Give the median ratio of cluster-robust to model-based standard errors."""
    return float(np.median(fit.standard_errors("cluster") / fit.standard_errors("model")))


def coefficient_table(fit: LogisticFit) -> Table:
    """Set cluster-robust intervals beside model-based ones."""
    cluster, model = fit.intervals(kind="cluster"), fit.intervals(kind="model")
    ratio = fit.standard_errors("cluster") / fit.standard_errors("model")
    rows = tuple(
        (
            term,
            f"{fit.coef[j]:.3f}",
            f"{cluster[j, 0]:.3f} to {cluster[j, 1]:.3f}",
            f"{model[j, 0]:.3f} to {model[j, 1]:.3f}",
            f"{ratio[j]:.2f}",
        )
        for j, term in enumerate(fit.terms)
    )
    return Table(
        title="Coefficients (log-odds of heavy use), maximum likelihood",
        header=("", "coef", "95 % cluster-robust", "95 % model-based", "SE ratio"),
        rows=rows,
    )


def cluster_sentence(fit: LogisticFit) -> str:
    """Say in one sentence why the two kinds of interval differ."""
    return (
        f"The cluster-robust standard errors are about {error_ratio(fit):.1f} times the model-based ones, because the "
        "yearly rows of one person resemble each other and so carry less information than as many independent rows."
    )


def story(study: Study) -> tuple[str, ...]:
    """Tell what happened, a paragraph each."""
    return (
        _calibration_sentence(study.report),
        _majority_sentence(study),
        _weights_sentence(study.comparison),
        _decision_sentence(study.decisions),
        _cost_sentence(study.evaluation),
    )


def _calibration_sentence(report: CalibrationReport) -> str:
    citl, slope = report.citl, report.slope
    return (
        f"On people it has not seen, the model expects {percent(report.mean_risk)} heavy users and "
        f"{percent(report.prevalence)} come true (calibration-in-the-large {citl.estimate:.2f}, 95 % {citl.low:.2f} to "
        f"{citl.high:.2f}; slope {slope.estimate:.2f}, {slope.low:.2f} to {slope.high:.2f}; AUC {report.auc:.2f})."
    )


def _majority_sentence(study: Study) -> str:
    matrix = study.evaluation
    half = next(line for line in matrix.baselines if line.name == "0.5 cut")
    return (
        f"'Why does my model predict only the majority class?' Because at a prevalence of "
        f"{percent(study.report.prevalence)} hardly any honest risk exceeds one half (here "
        f"{count(study.above_half)} of {count(study.report.n)}): the 0.5 cut finds next to nobody and costs "
        f"{number(half.mean_realised_cost, 3)} per person-year, and the cure is a cut that follows from the costs, "
        "not another model."
    )


def _weights_sentence(comparison: WeightingComparison) -> str:
    weighted = next(row for row in comparison.rows if row.scheme == "natural" and row.repair == "raw")
    shift = next(line for line in comparison.coefficients if line.name == "Intercept").shift
    return (
        f"Natural weights ({number(weighted.weight_ratio, 3)} : 1) raise the mean predicted risk to "
        f"{percent(weighted.mean_risk)} where {percent(weighted.observed_rate)} come true: the intercept moves by "
        f"{shift:.2f} (log of the ratio: {np.log(weighted.weight_ratio):.2f}), and "
        f"{percent(weighted.agreement_with_mle_cut)} of the decisions at 0.5 are those of the unweighted model cut at "
        f"{1 / (1 + weighted.weight_ratio):.3f}."
    )


def _decision_sentence(decisions: Decisions) -> str:
    regions = decisions.regions
    low, high = regions.thresholds if regions is not None else (np.nan, np.nan)
    numbers = dict(zip(decisions.actions, decisions.counts.tolist(), strict=True))
    return (
        "With a false alarm at 1, a miss at 15 and a closer look at 0.6, the gray zone reaches from "
        f"{percent(low)} to {percent(high)}: {count(numbers['leave'])} person-years are left alone, "
        f"{count(numbers['defer'])} deferred, {count(numbers['treat'])} treated at once."
    )


def _cost_sentence(evaluation: DecisionEvaluation) -> str:
    others = ", ".join(f"{line.name} {number(line.mean_realised_cost, 3)}" for line in evaluation.baselines)
    best = min(evaluation.baselines, key=lambda line: line.mean_realised_cost)
    beyond = abs(best.saving) > 2 * best.standard_error
    verdict = "more than chance explains" if beyond else "which these rows cannot tell from chance"
    return (
        f"That cost {number(evaluation.mean_realised_cost, 3)} per person-year as it turned out; {others}. Against the "
        f"best of these, {best.name}, it saved {number(best.saving, 2)} (standard error "
        f"{number(best.standard_error, 2)}), {verdict}."
    )


def _answer(study: Study) -> str:
    """Give the whole in one sentence."""
    weighted = next(row for row in study.comparison.rows if row.scheme == "natural" and row.repair == "raw")
    simple = min(study.evaluation.baselines, key=lambda line: line.mean_realised_cost)
    half = next(line for line in study.evaluation.baselines if line.name == "0.5 cut")
    against = f"{number(simple.mean_realised_cost, 3)} for the best simple rule, {simple.name}"
    if simple is not half:
        against += f", and {number(half.mean_realised_cost, 3)} for the 0.5 cut"
    return (
        f"On people not seen the unweighted model expects {percent(study.report.mean_risk)} where "
        f"{percent(study.report.prevalence)} come true, natural weights make that {percent(weighted.mean_risk)}, and "
        f"deciding by costs with a gray zone costs {number(study.evaluation.mean_realised_cost, 3)} per person-year, "
        f"against {against}."
    )


def study_page(study: Study) -> Page:
    """Join the answers of the study to one page."""
    told = Section(heading="The story", text="\n\n".join(story(study)))
    coefficients = Section(
        heading="The estimate",
        question="What raises the risk, and how sure is that?",
        answer=cluster_sentence(study.fit),
        tables=(coefficient_table(study.fit),),
    )
    answers = (study.report, study.comparison, study.decisions, study.evaluation)
    return join_pages(
        title="From data to a decision: heavy use of outpatient care",
        question=data_sentence(study),
        answer=_answer(study),
        pages=(told, coefficients, *(page_of(answer) for answer in answers)),
    )


def study_dict(study: Study) -> dict[str, Any]:
    """Give the whole study ready for JSON, without what has a number for each row or point of a curve."""
    answer: dict[str, Any] = jsonable(
        {
            "data": study.sizes,
            "fit": study.fit.to_dict(),
            "calibration": _without(study.report.to_dict(), "curve"),
            "weighting": _without(study.comparison.to_dict(), "curves"),
            "decisions": _without(study.decisions.to_dict(), "action_index", "action", "expected_cost"),
            "evaluation": study.evaluation.to_dict(),
            "story": story(study),
        }
    )
    return answer


def _without(answer: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in names}
