"""Ridge as an answer: its strength, its fit, and how far a model is fitted to its own rows."""
