"""Planning: from theorems and problems to the cases that are run."""
