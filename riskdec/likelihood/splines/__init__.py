"""Restricted cubic splines as columns of a design: where their knots go, and what the columns are."""
