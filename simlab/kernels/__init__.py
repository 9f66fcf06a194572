"""Compiled kernels: how they are compiled, their call signatures, random streams and the drivers."""
