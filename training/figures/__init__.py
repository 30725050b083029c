"""Metrics, calibration and the intervals of both. Pure."""
