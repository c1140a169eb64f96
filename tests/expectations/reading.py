"""Reads the pages of a built site as their structure, without a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "link", "br", "img", "input", "hr", "path", "rect", "line", "circle"}
FETCHING = {"src", "href", "srcset", "action", "data", "poster", "xlink:href", "background"}


@dataclass
class Element:
    """One element: its name, attributes, ancestors' names, and the text inside it."""

    name: str
    attributes: dict[str, str]
    ancestors: tuple[str, ...]
    text: str = ""
    children: list[str] = field(default_factory=list)


class Structure(HTMLParser):
    """Every element of a page, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        assert not self._open, f"left open: {[item.name for item in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element opens."""
        ancestors = tuple(item.name for item in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, ancestors)
        self.elements.append(element)
        if self._open:
            self._open[-1].children.append(tag)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, ()))

    def handle_endtag(self, tag: str) -> None:
        """An element closes."""
        if tag in VOID:
            return
        assert self._open[-1].name == tag, f"{tag} closes {self._open[-1].name}"
        self._open.pop()
        if tag in {"td", "th", "li", "p"}:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        """Text belongs to every element that is open."""
        for element in self._open:
            element.text += data

    def all(self, *names: str) -> list[Element]:
        """Elements of these names, in order."""
        return [element for element in self.elements if element.name in names]


def pages(site: Path) -> dict[str, Structure]:
    """Every page by its path below the site."""
    return {
        path.relative_to(site).as_posix(): Structure(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }
