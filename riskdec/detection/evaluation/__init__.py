"""How good is a detector on whole scenes? Recall, false alarms, calibration of windows, cost and certificates."""
