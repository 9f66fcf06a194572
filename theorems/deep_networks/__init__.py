"""Deep networks: initialization, training dynamics, expert routing."""
