"""The pages of what is promised: a certificate of deferral, and a policy held against its promise."""

from __future__ import annotations

from riskdec._base.table import count, number, percent
from riskdec.decisions import DeferralCertificate, PolicyCheck
from riskdec.decisions.certificates.answer import ASSUMPTION
from riskdec.plot import to_svg
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of, without_findings
from riskdec.report.references import ANGELOPOULOS_2025, CHOW_1970, ELKAN_2001, GEIFMAN_2017

_CERTIFYING = (
    "Cases are ranked by their risk, the safest first. From a first rank that limit, level and number of cases alone "
    "determine, the hypothesis that errors are as frequent as the limit is tested rank by rank with the exact binomial "
    "distribution, up to the first failure. Tied risks are decided or deferred together.",
    "What is controlled is the probability that the true rate exceeds its limit, over the draw of the calibration "
    "cases; not the rate of one batch of new cases, which varies by chance. The risks need not be calibrated: they "
    "only order the cases.",
)
_ZONES = "What is called at which risk."
_SEEN = (
    " Below: errors seen among the calibration cases (dot), the exact upper limit of their rate (end of the line), and "
    "the promised limit (upright bar)."
)
_CHECKING = (
    "The policy decides the new rows as it was made; the mean cost that it promised is held against the mean cost "
    "counted on them. What was to be expected of these rows by their own probabilities parts the difference in two: "
    "other rows, and probabilities that are off.",
    "The cost at other prevalences keeps the actions given the outcome as they are here (label shift), which makes it "
    "a straight line.",
)


@page_of.register
def certificate_page(certificate: DeferralCertificate) -> Page:
    """Make the page of a certificate.

    Parameters
    ----------
    certificate : DeferralCertificate
        What `certify_deferral` gave.

    Returns
    -------
    Page
        The promise, the zone, the evidence, the assumption.
    """
    answer, assumption = _promise(certificate), ASSUMPTION if certificate.coverage else ""
    return Page(
        title="Certificate of deferral",
        question=f"Where may the risks decide by themselves, with errors that are certified to be rare? Computed from "
        f"{count(certificate.n)} cases whose outcomes are known.",
        answer=answer,
        sections=(
            Section(
                heading="What is decided, and what is promised",
                text=assumption,
                figure=to_svg(certificate),
                alt=f"The risk axis with its zones, and each promised rate beside its limit. {answer}",
                caption=_ZONES + (_SEEN if certificate.coverage else ""),
            ),
            Section(heading="The numbers", tables=(without_findings(certificate.summary()),)),
        ),
        findings=certificate.findings,
        method=_CERTIFYING,
        references=(GEIFMAN_2017, ANGELOPOULOS_2025, CHOW_1970),
    )


@page_of.register
def policy_check_page(check: PolicyCheck) -> Page:
    """Make the page of a policy that is held against its promise.

    Parameters
    ----------
    check : PolicyCheck
        What `Policy.check` gave.

    Returns
    -------
    Page
        Promise and reality, the cost at other prevalences, the full account of the new rows.
    """
    said = " ".join(finding.sentence for finding in check.findings)
    return Page(
        title="A policy and its promise",
        question=f"Does the policy cost what it promised? Counted on {count(check.evaluation.n)} new rows.",
        answer=said,
        sections=(
            Section(
                heading="Promised and realised cost",
                figure=to_svg(check),
                alt=f"Mean cost per row: promised {number(check.promised_cost)}, realised "
                f"{number(check.realised_cost)} (standard error {number(check.standard_error)}).",
                caption="The dot is the cost counted on these rows, at their share of the event. The slanted line is "
                "what the same actions would cost if the share were another.",
                tables=(without_findings(check.summary()), without_findings(check.evaluation.summary())),
            ),
        ),
        findings=check.findings,
        method=_CHECKING,
        references=(ELKAN_2001,),
    )


def _promise(certificate: DeferralCertificate) -> str:
    if not certificate.coverage:
        reasons = " ".join(finding.sentence for finding in certificate.findings)
        return f"Nothing can be certified, so all cases are deferred. {reasons}"
    # A side on which nothing was certified is never called; its limit holds for no case and is no news.
    kept = [promise for promise in certificate.promises if promise.bound <= promise.limit]
    promises = " ".join(promise.sentence() for promise in kept)
    return f"{promises} {percent(certificate.coverage)} of the calibration cases are decided."
