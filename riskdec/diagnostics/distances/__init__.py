"""How far from the diagonal? Calibration errors in one number, beside what chance alone would give."""
