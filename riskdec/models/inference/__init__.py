"""What follows from a fitted logistic regression: likelihood ratios, profiles, contrasts, effects, sample sizes."""

from riskdec.models.inference.bootstrap import BootstrapRefits
from riskdec.models.inference.contrasts import Contrasts, contrasts
from riskdec.models.inference.development import DevelopmentSize, development_size, development_size_of
from riskdec.models.inference.fit_statistics import FitStatistics, fit_statistics
from riskdec.models.inference.information_criteria import aic, bic, tic
from riskdec.models.inference.likelihood_ratio import LikelihoodRatioTest, lr_test
from riskdec.models.inference.marginal_effects import MarginalEffects, marginal_effects
from riskdec.models.inference.profile import ProfileIntervals, profile_intervals
from riskdec.models.inference.robust import RobustErrors, robust_errors
from riskdec.models.inference.rows import FittedRows, open_fitted_rows
from riskdec.models.inference.statsmodels_results import to_statsmodels
from riskdec.models.inference.term_tests import TermTest, TermTests, term_tests
from riskdec.models.inference.wald import WaldTest, wald_test

__all__ = [
    "BootstrapRefits",
    "Contrasts",
    "DevelopmentSize",
    "FitStatistics",
    "FittedRows",
    "LikelihoodRatioTest",
    "MarginalEffects",
    "ProfileIntervals",
    "RobustErrors",
    "TermTest",
    "TermTests",
    "WaldTest",
    "aic",
    "bic",
    "contrasts",
    "development_size",
    "development_size_of",
    "fit_statistics",
    "lr_test",
    "marginal_effects",
    "open_fitted_rows",
    "profile_intervals",
    "robust_errors",
    "term_tests",
    "tic",
    "to_statsmodels",
    "wald_test",
]
