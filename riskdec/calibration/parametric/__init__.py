"""Calibrators with a few parameters, fitted by maximum likelihood on the log-odds of the scores."""
