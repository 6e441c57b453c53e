"""Forecasts of many outcomes: each of them, the likeliest, and all together."""
