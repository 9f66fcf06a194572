"""Algorithmic stability: how far a learned point moves when one example is replaced, and what follows."""
