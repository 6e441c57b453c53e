"""Right on average and in spread? Calibration in the large, slope, their limits and their tests."""
