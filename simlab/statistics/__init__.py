"""Statistics: from measured numbers to verdicts with a known error rate."""
