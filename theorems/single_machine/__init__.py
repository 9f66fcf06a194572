"""Convergence of single-machine methods."""
