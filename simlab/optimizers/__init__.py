"""Update rules: one file a family of methods."""
