"""Reports: results as terminal tables, JSON and JUnit."""
