"""Validation of `ties.yaml` against `ties.schema.json`: an error names the line and the key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, relevance

SCHEMA = "ties.schema.json"


def find_fault(content: Any, text: str = "") -> str | None:
    """Return the gravest fault of a description, or None; `text` is the YAML that it was read from.

    The answer names the key, and its line if there is a text.
    """
    errors = _build_validator().iter_errors(_name_keys(content))
    gravest = max(errors, key=_weigh_error, default=None)
    if gravest is None:
        return None
    path = [str(key) for key in gravest.absolute_path]
    unknown = _list_unknown_keys(gravest)
    line = f"line {_find_line(text, [*path, *unknown[:1]])}" if text else ""
    return f"{', '.join(part for part in (line, '.'.join(path)) if part)}: {gravest.message}"


def _weigh_error(error: ValidationError) -> tuple[bool, Any]:
    """Return the weight of an error: a key that is not known explains others that are missing."""
    return bool(_list_unknown_keys(error)), relevance(error)


def _list_unknown_keys(error: ValidationError) -> list[str]:
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict):
        return []
    return [key for key in error.instance if key not in error.schema.get("properties", {})]


@cache
def _build_validator() -> Draft202012Validator:
    schema = files("suppression_attack").joinpath(SCHEMA).read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))


def _name_keys(value: Any) -> Any:
    """Return the value with all keys as texts: YAML reads the code 201 as a number."""
    if isinstance(value, dict):
        return {str(key): _name_keys(each) for key, each in value.items()}
    return [_name_keys(each) for each in value] if isinstance(value, list) else value


def _find_line(text: str, path: Sequence[str]) -> int:
    """Return the number of the line on which the value at a path begins, or its nearest parent."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for key in path:
        if isinstance(node, yaml.MappingNode):
            pairs = {str(name.value): (name, value) for name, value in node.value}
            if key not in pairs:
                break
            name, node = pairs[key]
            line = name.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and key.isdigit():
            node = node.value[int(key)]
            line = node.start_mark.line + 1
    return line
