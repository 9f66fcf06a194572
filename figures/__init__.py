"""Figures: one file a figure."""
