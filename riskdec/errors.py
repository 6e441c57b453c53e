"""Every exception and every warning of riskdec; imports nothing."""


class RiskdecError(Exception):
    """Base of every error that riskdec raises on purpose."""


class InputError(RiskdecError, ValueError):
    """A value, shape or type breaks the rule that the message states."""


class NotAvailableError(InputError, AttributeError):
    """A fit does not have this attribute; `dir`, tab completion and displays of notebooks leave it out."""


class NotFittedError(RiskdecError, ValueError, AttributeError):
    """An estimator was asked for something that only `fit` can give."""


class SeparationError(RiskdecError):
    """The maximum likelihood estimate does not exist: some direction separates the outcomes."""


class MissingExtraError(RiskdecError, ImportError):
    """An optional package is needed; the message holds the command that installs it."""


class ModelFileError(RiskdecError, ValueError):
    """A file is not a riskdec model, is damaged, or asks for more than the limits allow."""


class ModelFileNotFoundError(ModelFileError, FileNotFoundError):
    """There is no file where a model was looked for."""


class RiskdecWarning(UserWarning):
    """Base of every warning; the message starts with its code, for example ``RD101``."""


class SeparationWarning(RiskdecWarning):
    """The data are separated; the estimate returned is not maximum likelihood."""


class CollinearityWarning(RiskdecWarning):
    """A column is a linear combination of earlier ones; its coefficient is set to zero."""


class ConvergenceWarning(RiskdecWarning):
    """An iteration stopped before it reached its tolerance."""


class WeightKindWarning(RiskdecWarning):
    """Weights do not look like the kind that was declared."""


class IncompleteRowsWarning(RiskdecWarning):
    """Rows lack values that the model needs; they were left out, or come back without a prediction."""


class TrainingRowsWarning(RiskdecWarning):
    """Rows that a model was fitted on are used again where rows are needed that it has not seen."""


class CensoringWarning(RiskdecWarning):
    """A column looks like a follow-up time: the outcome may be censored, and survival is out of scope."""


class PageSizeWarning(RiskdecWarning):
    """A page was written that is larger than pages are meant to be."""


class RepairWarning(RiskdecWarning):
    """A repair of probabilities would count a shift twice, or its exact inverse does not fit these probabilities."""


class CostMatrixWarning(RiskdecWarning):
    """A cost matrix is legal but looks transposed, of the wrong sign, or holds an action never worth taking."""
