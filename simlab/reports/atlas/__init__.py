"""The atlas: every theorem that was run, with what it depends on, as one HTML file."""

from simlab.reports.atlas.build import write_atlas

__all__ = ["write_atlas"]
