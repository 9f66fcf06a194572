"""Networks of workers: graphs, their spectra, mixing matrices, and matchings that are activated at random."""
