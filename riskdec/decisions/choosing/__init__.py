"""From probabilities and costs to actions: the rules, the limits, the answer."""
