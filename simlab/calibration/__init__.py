"""Calibration: the error rates and the power of verdicts, measured on claims whose truth is known."""
