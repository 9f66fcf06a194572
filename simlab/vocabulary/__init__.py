"""The words of the design: assumptions, constants, problems, noise, methods, claims and theorems."""
