"""Calibrators that assume no more than that the event becomes more frequent where the score rises."""
