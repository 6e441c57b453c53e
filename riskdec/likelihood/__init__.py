"""The numeric core of estimation: arrays in, arrays out; numpy and scipy only."""

from riskdec.likelihood.binomial import risks
from riskdec.likelihood.covariance import sandwich_covariance
from riskdec.likelihood.existence import Separation
from riskdec.likelihood.firth import fit_firth, refit_intercept
from riskdec.likelihood.newton import BinomialFit, fit_binomial

__all__ = [
    "BinomialFit",
    "Separation",
    "fit_binomial",
    "fit_firth",
    "refit_intercept",
    "risks",
    "sandwich_covariance",
]
