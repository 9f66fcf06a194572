"""Performance estimation: the exact worst case of a method over a whole class of functions."""
