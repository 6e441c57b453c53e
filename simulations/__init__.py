"""Simulations behind what the documentation claims: sizes, coverage, violations, with their Monte Carlo error."""
