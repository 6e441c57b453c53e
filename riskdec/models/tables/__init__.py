"""Mixed tables: numbers bent by splines, categories as codes, and the default estimator on them."""
