"""Are some classes learned worse than others, and what evens that out? Weights in the loss beside decision offsets."""
