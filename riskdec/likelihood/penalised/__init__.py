"""Likelihoods with a penalty: Firth's, its repairs of the intercept, and ridge."""
