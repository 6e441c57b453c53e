"""Which action is cheapest at which probabilities? Intervals, triangles, robust zones."""
