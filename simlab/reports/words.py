"""Words out of docstrings."""

import inspect
import re


def first_paragraph(words: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(inspect.cleandoc(words).split("\n\n")[0].split())


def first_sentence(words: str) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = first_paragraph(words)
    end = re.search(r"[.:;](?=\s+[A-Z])|\.$", paragraph)
    return paragraph[: end.start()] + "." if end else paragraph
