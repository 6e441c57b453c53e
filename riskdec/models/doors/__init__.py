"""What comes in: names, shapes, values, weights, formulas, categories, rows that lack a value."""
