"""Calibrators of K outcomes: one temperature, a line for each outcome, all on all, or one against the rest."""
