"""Reading of YAML files as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# PyYAML's libyaml loader, if present, gives the same result about eight times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file.

    Raises `yaml.YAMLError`, `OSError` or `UnicodeDecodeError`.
    """
    return yaml.load(path.read_text(encoding="utf-8"), LOADER)  # noqa: S506 - a safe loader
