"""The logistic regression: estimator, fit, covariance, summary, and what it says of rows."""
