"""The numeric core of estimation: arrays in, arrays out; numpy and scipy only."""

from riskdec.likelihood.binomial import binomial_residuals, risks
from riskdec.likelihood.covariance import sandwich_covariance
from riskdec.likelihood.existence import Separation
from riskdec.likelihood.fit import LogitFit
from riskdec.likelihood.multinomial import multinomial_residuals, probabilities
from riskdec.likelihood.newton import fit_binomial, fit_multinomial
from riskdec.likelihood.penalised.firth import fit_firth, fit_multinomial_firth, refit_intercept
from riskdec.likelihood.penalised.flac import fit_flac
from riskdec.likelihood.rows.logit import both_risks

__all__ = [
    "LogitFit",
    "Separation",
    "binomial_residuals",
    "both_risks",
    "fit_binomial",
    "fit_firth",
    "fit_flac",
    "fit_multinomial",
    "fit_multinomial_firth",
    "multinomial_residuals",
    "probabilities",
    "refit_intercept",
    "risks",
    "sandwich_covariance",
]
