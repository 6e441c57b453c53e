"""What can be promised about errors, whatever the truth is: exact certificates from independent cases."""

from riskdec.decisions.certificates.answer import DeferralCertificate, Promise
from riskdec.decisions.certificates.checking import CertificateCheck, PromiseCheck
from riskdec.decisions.certificates.cost import CostCertificate, certify_cost
from riskdec.decisions.certificates.deferral import certify_deferral
from riskdec.decisions.certificates.flags import FlaggedBatch, flag_batch
from riskdec.decisions.certificates.rates import certify_rates

__all__ = [
    "CertificateCheck",
    "CostCertificate",
    "DeferralCertificate",
    "FlaggedBatch",
    "Promise",
    "PromiseCheck",
    "certify_cost",
    "certify_deferral",
    "certify_rates",
    "flag_batch",
]
