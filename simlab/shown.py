"""What shows itself in a notebook."""

from collections.abc import Callable
from typing import ClassVar


class Shown:
    """A thing that a notebook shows as HTML: a problem, a theorem, a result.

    How it looks is the business of the reports, which stand above everything that is shown: the package's face,
    which stands above both, puts their ``view`` here.
    """

    view: ClassVar[Callable[[object], str] | None] = None

    def _repr_html_(self) -> str | None:
        view = Shown.view
        return None if view is None else view(self)
