"""Training rules of large models."""
