"""The search for the worst case of a theorem: its space, the optimizer, the shrinker, and what was found before."""
