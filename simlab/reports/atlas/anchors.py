"""Where things are in the atlas: an anchor an entry, and links to those that are there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

WORD = re.compile(r"[\w-]+")


@dataclass
class Anchors:
    """The pages by kind and name. ``#theorem-gd-convex-tight`` stays the same for as long as the id does."""

    pages: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, kind: str, name: str) -> str:
        """The anchor of a page, made on first use; names that are files get their own."""
        if (kind, name) not in self.pages:
            anchor = f"{kind}-{'-'.join(WORD.findall(name)) or 'unnamed'}"
            taken = set(self.pages.values())
            others = (f"{anchor}-{number}" for number in range(2, len(taken) + 3))
            self.pages[kind, name] = (
                anchor if anchor not in taken else next(a for a in others if a not in taken)
            )
        return self.pages[kind, name]

    def link(self, kind: str, name: str, words: str = "") -> Markup:
        """A link to the page, or only the words where there is none."""
        anchor = self.pages.get((kind, name))
        if anchor is None:
            return escape(words or name)
        return Markup('<a href="#{}">{}</a>').format(anchor, words or name)

    def linked(self, line: str, kinds: Iterable[str]) -> Markup:
        """A line of text in which the names of pages of these kinds are links, where they occur first."""
        made, end, seen = Markup(), 0, set()
        for found in WORD.finditer(line):
            kind = next((kind for kind in kinds if (kind, found[0]) in self.pages), None)
            if found[0] in seen:
                continue
            seen.add(found[0])
            if kind is not None:
                made += escape(line[end : found.start()]) + self.link(kind, found[0])
                end = found.end()
        return made + escape(line[end:])


def inline(words: str) -> Markup:
    """A line of a docstring: ``code`` and **words** marked up, all else escaped."""
    text = str(escape(words))
    text = re.sub(r"``(.+?)``", r"<code>\1</code>", text)
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text))


def prose(words: str) -> Markup:
    """A docstring as paragraphs and lists; here *words* are marked up as well."""
    made = Markup()
    for paragraph in re.split(r"\n\s*\n", words.strip()):
        items = re.split(r"(?:^|\n)- ", paragraph)
        if len(items) > 1:
            points = Markup().join(Markup("<li>{}</li>").format(_stressed(item)) for item in items[1:])
            made += Markup("<ul>{}</ul>").format(points)
        else:
            made += Markup("<p>{}</p>").format(_stressed(paragraph))
    return made


def _stressed(paragraph: str) -> Markup:
    text = str(inline(" ".join(paragraph.split())))
    return Markup(re.sub(r"(?<![\w*])\*(\w[^*]*\w)\*(?![\w*])", r"<em>\1</em>", text))
