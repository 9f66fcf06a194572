"""Running: from a case to measured numbers."""
