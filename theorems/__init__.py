"""Theorems: one folder a chapter, one file a topic."""
