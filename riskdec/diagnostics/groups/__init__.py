"""Right for everybody? Subgroups, and clusters that differ."""
