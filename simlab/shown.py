"""What shows itself in a notebook."""

from importlib import import_module


class Shown:
    """A thing that a notebook shows as HTML: a problem, a theorem, a result.

    How it looks is the business of the reports, which are above everything that is shown. They are loaded when
    something is, and this is the only place below them that knows their name.
    """

    def _repr_html_(self) -> str:
        page: str = import_module("simlab.reports.notebook").html(self)
        return page
