"""Measuring the kernels against NumPy: the workloads, their NumPy twins, and how the two are timed."""
