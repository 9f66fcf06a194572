"""Policy gradient methods."""
