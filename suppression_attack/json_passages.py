"""The passages of JSON files and of Jupyter notebooks (`.ipynb`), which are JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from suppression_attack.description import DescriptionError
from suppression_attack.page_passages import read_page
from suppression_attack.passages import Passage, build_row, read_markdown, split_sentences

PAGE_TYPES = {"text/html", "image/svg+xml"}


def read_json(text: str, name: str) -> list[Passage]:
    """Return each object as a table row with its keys as headings, and each long text as a text."""
    return list(_walk_values(_parse_json(text, name), ""))


def _parse_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DescriptionError(f"{name} is not JSON") from error


def _walk_values(value: Any, title: str) -> Iterator[Passage]:
    """Yield the passages of a value; `title` joins the keys above it."""
    if isinstance(value, dict):
        plain = {key: each for key, each in value.items() if not isinstance(each, dict | list)}
        texts = [_format_value(each) for each in plain.values()]
        if texts:
            yield build_row(plain, texts, title, "")
        for key, each in value.items():
            yield from _walk_values(each, title if key in plain else f"{title} {key}".strip())
    elif isinstance(value, list):
        plain_list = [_format_value(each) for each in value if not isinstance(each, dict | list)]
        if plain_list:
            yield build_row([], plain_list, title, "")
        for each in value:
            yield from _walk_values(each, title)
    elif isinstance(value, str):
        yield from split_sentences(value, title)


def _format_value(value: Any) -> str:
    return "" if value is None else str(value)


def read_notebook(text: str, name: str) -> list[Passage]:
    """Return the passages of a notebook: its texts, its code, the outputs and the metadata."""
    notebook = _parse_json(text, name)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise DescriptionError(f"{name} is no notebook with cells")
    passages = list(_walk_values(notebook.get("metadata", {}), ""))
    for cell in notebook["cells"]:
        source = _join_lines(cell.get("source", ""))
        passages += _walk_values(cell.get("metadata", {}), "")
        if cell.get("cell_type") == "markdown":
            passages += read_markdown(source)
        else:
            passages += split_sentences(source.replace("\n", "\n\n"))
        for output in cell.get("outputs", ()):
            passages += _read_output(output, name)
    return passages


def _read_output(output: dict[str, Any], name: str) -> Iterator[Passage]:
    for key in ("text", "traceback", "evalue"):
        yield from _read_lines(output.get(key, ""))
    for kind, content in output.get("data", {}).items():
        if kind in PAGE_TYPES:
            yield from read_page(_join_lines(content))
        elif kind.startswith("text/"):
            yield from _read_lines(content)
        elif kind.endswith("json"):
            yield from _walk_values(content, "")
        else:
            raise DescriptionError(f"{name}: an output of the type {kind} cannot be read")


def _read_lines(text: Any) -> Iterator[Passage]:
    for line in _join_lines(text).splitlines():
        yield from split_sentences(line)


def _join_lines(text: Any) -> str:
    """Return a text that a notebook may store as a list of lines."""
    return "".join(text) if isinstance(text, list) else str(text)
