"""What does each action cost? Costs with names: for all rows, row by row, or as ranges."""
