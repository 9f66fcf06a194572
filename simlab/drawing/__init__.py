"""Drawing: figures for papers, with their numbers and where they come from."""
