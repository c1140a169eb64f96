"""Words for codes: the same on every page and in every command."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from register.yaml_file import read_yaml

LABELS = Path(__file__).with_name("labels.yaml")


def code_to_words(code: str | None) -> str:
    """Return a code as words: `cce_flag` becomes `criminal exploitation suspected`."""
    if not code:
        return ""
    labels = _read_labels()
    parts = labels["parts"]
    return labels["codes"].get(code) or " ".join(parts.get(part, part) for part in code.split("_"))


def code_to_label(code: str | None) -> str:
    """Return a code as words with a capital letter, for a cell or a heading."""
    words = code_to_words(code)
    return words[:1].upper() + words[1:]


def name_population(code: str) -> str:
    """Return the name of a group of children, with a capital letter."""
    words = _read_labels()["populations"].get(code)
    return f"{words[:1].upper()}{words[1:]}" if words else code_to_label(code)


@cache
def _read_labels() -> dict[str, dict[str, str]]:
    return read_yaml(LABELS)
