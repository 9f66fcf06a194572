"""Problems with known constants: one file a kind."""
