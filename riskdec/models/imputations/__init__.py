"""Several completed data sets as one: Rubin's rules."""
