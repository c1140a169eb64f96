"""A Markdown extension that makes tables readable with a screen reader and on a narrow screen.

Markdown has no table without a heading row, so writers leave its cells empty. An empty heading
names nothing, so it becomes a plain cell, and a row of empty headings is removed.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

# Below the priorities of the parsers of Markdown's own syntax, which run first.
PRIORITY = 1


def makeExtension(**settings: Any) -> TableMarkup:  # noqa: N802 (Markdown looks for this name)
    """Return the extension, as Markdown asks for it by the name of this module."""
    return TableMarkup(**settings)


class TableMarkup(Extension):
    """The extension, which registers the processor of tables."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (a method of the base class)
        """Add the processor of tables to a parser."""
        md.treeprocessors.register(_TableProcessor(md), "table_markup", PRIORITY)


def _mend_tables(processor: Treeprocessor, root: ElementTree.Element) -> None:
    """Mend every table of a page, and put it into an element that scrolls by itself."""
    for parent in list(root.iter()):
        for place, child in enumerate(parent):
            if child.tag == "table":
                _mend_headings(child)
                parent[place] = _wrap_table(child)


class _TableProcessor(Treeprocessor):
    # The name by which Markdown calls a processor.
    run = _mend_tables


def _mend_headings(table: ElementTree.Element) -> None:
    head = table.find("thead")
    if head is None:
        return
    headings = list(head.iter("th"))
    if not any(_has_text(heading) for heading in headings):
        table.remove(head)
    for heading in headings:
        if _has_text(heading):
            heading.set("scope", "col")
        else:
            heading.tag = "td"


def _has_text(element: ElementTree.Element) -> bool:
    return bool("".join(element.itertext()).strip())


def _wrap_table(table: ElementTree.Element) -> ElementTree.Element:
    # The theme moves tables without a class into elements of its own.
    table.set("class", "plain")
    wrapper = ElementTree.Element("div", {"class": "scroll", "tabindex": "0"})
    wrapper.append(table)
    wrapper.tail, table.tail = table.tail, None
    return wrapper
