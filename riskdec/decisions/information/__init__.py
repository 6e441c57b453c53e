"""What would it be worth to know more: about a case before deciding, about a model before using it?"""

from riskdec.decisions.information.per_case import ValueOfInformation, value_of_information
from riskdec.decisions.information.validation import ValidationValue, value_of_validation

__all__ = ["ValidationValue", "ValueOfInformation", "value_of_information", "value_of_validation"]
