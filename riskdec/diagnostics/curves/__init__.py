"""What is the event rate at each risk? Reliability curves and their bands."""
