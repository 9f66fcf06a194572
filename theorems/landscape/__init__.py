"""Landscape-aware methods: sharpness-aware minimization and smoothed losses."""
