"""What does miscalibration cost? Calibration at the cuts of a decision, and bounds on the regret."""
