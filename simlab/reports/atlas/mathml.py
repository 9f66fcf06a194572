"""LaTeX as MathML, which browsers typeset themselves."""

import functools
import re
from xml.etree import ElementTree as Tree

from markupsafe import Markup

# What is left in: everything else (links, colours, sizes) has no place in a formula that a user may have written.
ATTRIBUTES = {"accent", "columnalign", "display", "fence", "form", "linethickness", "mathvariant", "maxsize",
              "minsize", "movablelimits", "separator", "stretchy", "width"}  # fmt: skip
SPACE = "http://www.w3.org/1998/Math/MathML"


@functools.lru_cache(maxsize=4096)
def mathml(latex: str, display: bool = True) -> Markup:
    """A formula as ``<math>``, or the LaTeX itself as code where it cannot be converted."""
    from latex2mathml.converter import convert

    try:
        made = convert(_prepared(latex), display="block" if display else "inline")
        root = Tree.fromstring(made)
    except Exception:  # the library's errors have no common class
        return Markup("<code>{}</code>").format(latex)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SPACE}}}")
        element.attrib = {n: v for n, v in element.attrib.items() if n in ATTRIBUTES}
    return Markup(Tree.tostring(root, encoding="unicode"))


def _prepared(latex: str) -> str:
    """Words as text, so that they stay whole; commands that the library lacks by others."""
    words = re.sub(r"\\math(?:rm|bf)\{((?:[A-Za-z]|\\ ){2,})\}", lambda m: _text(m[1]), latex)
    return re.sub(r"\\[Bb]ig{1,2}[lr]?\s*(?=[()\[\]|])", "", words)


def _text(words: str) -> str:
    return rf"\text{{{words.replace(chr(92) + ' ', ' ')}}}"


def symbol_math(name: str) -> Markup:
    """The symbol of a constant, within a line."""
    from simlab.reports.formulas import symbol

    return mathml(symbol(name), display=False)
