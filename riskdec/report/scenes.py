"""The pages of detection: one scene with its regions, and a detector judged on whole scenes."""

from __future__ import annotations

from riskdec._base.findings import sort_findings
from riskdec._base.table import count, number, percent
from riskdec.detection import Detections, SceneEvaluation
from riskdec.plot import to_svg
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of, without_findings
from riskdec.report.references import CHAKRABORTY_1989, CHOW_1970, COX_1958, ELKAN_2001

_SCANNING = (
    "Every window of the scene gets the risk that its centre's cell holds the centre of an object: each object has one "
    "such window, so that risks add up to the expected number of objects. Neighbouring windows above the least risk "
    "form a region, which is decided by the costs at the risk that any of its windows holds an object.",
    "Overlapping windows see the same pixels. Their risks are joined as 1 - prod(1 - p), which gives a little less "
    "than the truth where each object has one window.",
)
_JUDGING = (
    "Recall is counted by objects against false alarms per scene (FROC). Calibration is that of all windows at the "
    "prevalence of the scenes, from sums in bins of log-odds. Intervals resample whole scenes, and, where scenes share "
    "source images, these too: windows of one scene are not independent.",
    "What a balanced test set promises cannot hold where objects are rare: precision falls with the prevalence, and a "
    "prior correction mends the level of the risks, not what a network never saw.",
)

# Level and slope of the risks of windows.
_ABOUT_RISKS = ("RD710", "RD711")


@page_of.register
def detections_page(detections: Detections) -> Page:
    """Make the page of one scanned scene.

    Parameters
    ----------
    detections : Detections
        What `SlidingWindowDetector.detect` gave.

    Returns
    -------
    Page
        Regions and actions, the scene's own risk, the costs in words.
    """
    answer = (
        f"{_regions(detections)} The scene holds an object with probability {percent(detections.scene_risk)}, and "
        f"{number(detections.expected_objects, 3)} objects are expected."
    )
    height, width = detections.image_shape
    return Page(
        title="Detections in a scene",
        question=f"Where in this scene of {height} x {width} pixels is an object, and what should be done there?",
        answer=answer,
        sections=(
            Section(
                heading="Regions",
                figure=to_svg(detections),
                alt=f"Outline of the scene with a box for each region, coloured by its action. {answer}",
                caption="A box is the window at the peak of its region; the percentage is the risk that the region "
                "holds an object, the colour what should be done there. A dotted box is cleared.",
            ),
            Section(heading="The numbers", tables=(without_findings(detections.summary()),)),
            Section(heading="The costs in words", text="\n\n".join(detections.decisions.costs.sentences())),
        ),
        findings=detections.findings,
        method=_SCANNING,
        references=(ELKAN_2001, CHOW_1970),
    )


@page_of.register
def scene_evaluation_page(evaluation: SceneEvaluation) -> Page:
    """Make the page of a detector judged on scenes.

    Parameters
    ----------
    evaluation : SceneEvaluation
        What `evaluate_scenes` gave.

    Returns
    -------
    Page
        Recall against false alarms, calibration of window risks, cost per scene, and what was promised.
    """
    answer = _answer(evaluation)
    return Page(
        title="Detector on scenes",
        question=f"How many objects does the detector find, at how many false alarms, and can its risks be trusted? "
        f"Counted on {count(evaluation.n_scenes)} scenes with {count(evaluation.n_objects)} objects in "
        f"{count(evaluation.n_windows)} windows.",
        answer=answer,
        sections=(
            Section(
                heading="What is found, and whether the risks are right",
                figure=to_svg(evaluation),
                alt=f"Recall against false alarms per scene, and event rate of windows against their risk. {answer}",
                caption="Left: share of the objects that are found, by false alarms per scene (higher is better), with "
                "its band. Right: windows by their risk, with intervals; on the diagonal risks are right, above it "
                "too low.",
            ),
            Section(heading="The numbers", tables=(without_findings(evaluation.summary()),)),
        ),
        findings=evaluation.findings,
        method=_JUDGING,
        references=(CHAKRABORTY_1989, COX_1958, ELKAN_2001),
    )


def _regions(detections: Detections) -> str:
    n, decisions = len(detections.risk), detections.decisions
    if n == 0:
        return "No region has the least risk that is looked at."
    done = zip(decisions.actions, decisions.counts.tolist(), strict=True)
    shares = ", ".join(f"{action} {count(k)}" for action, k in done if k)
    return f"{count(n)} region{'' if n == 1 else 's'}: {shares}."


def _answer(evaluation: SceneEvaluation) -> str:
    promise = evaluation.promise
    kept = (
        ""
        if promise is None
        else f" The balanced test set promised a precision of {percent(promise.promised_precision)}; on the scenes it "
        f"is {percent(promise.window_precision)}."
    )
    return f"{_found(evaluation)} {_trust(evaluation)}{kept}"


def _found(evaluation: SceneEvaluation) -> str:
    """Give the recall at the rate nearest to one false alarm per scene, the others behind it."""
    recalls = [(at, percent(one.estimate)) for at, one in zip(evaluation.false_alarms, evaluation.recall, strict=True)]
    if not recalls:
        return "Nothing was counted."
    at, recall = min(recalls, key=lambda pair: abs(pair[0] - 1))
    others = ", ".join(f"{share} at {rate:g}" for rate, share in recalls if rate != at)
    more = f" ({others})" if others else ""
    return f"It finds {recall} of the objects at {at:g} false alarm{'' if at == 1 else 's'} per scene{more}."


def _trust(evaluation: SceneEvaluation) -> str:
    calibration = evaluation.calibration
    figures = f"slope {number(calibration.slope.estimate, 3)}, in the large {number(calibration.citl.estimate, 3)}"
    about = [one for one in sort_findings(evaluation.findings) if one.code in _ABOUT_RISKS]
    if about and about[0].severity == "issue":
        return f"Its risks are not right as they stand ({figures}). {about[0].sentence}"
    if any(one.severity == "not applicable" for one in about):
        return "Whether its risks are right, these scenes cannot tell."
    return f"Nothing in these scenes says that its risks are wrong ({figures})."
