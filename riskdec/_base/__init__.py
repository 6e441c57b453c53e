"""What every room stands on: checks at the door, tables, results, findings, model files."""
