"""The changelog begins with the next release, and what is deprecated says when it ends."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from register.settings import PROJECT_ROOT

CHANGELOG = PROJECT_ROOT / "CHANGELOG.md"
UPGRADE = PROJECT_ROOT / "docs" / "how-to" / "upgrade.md"
MARTS = PROJECT_ROOT / "dbt_project" / "models" / "marts"
MOST_WORDS = 1500
RELEASE = re.compile(r"^## (\S+)(?: \((\d{4}-\d\d-\d\d)\))?$", re.MULTILINE)
END = re.compile(r"[Dd]eprecated, removed in ([\d.]+\d)\.")


def _version() -> str:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _columns() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(MARTS.rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            for column in model.get("columns", ()):
                yield f"{path.parent.name}.{model['name']}", column


def _as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_the_changelog_has_the_version_below_what_is_not_released() -> None:
    """Prevents a release whose changes are listed under another one, or under none."""
    releases = RELEASE.findall(CHANGELOG.read_text(encoding="utf-8"))
    assert [name for name, _ in releases][:2] == ["Unreleased", _version()]
    assert all(date for _, date in releases[1:])


def test_a_release_is_read_at_one_sitting() -> None:
    """Prevents a list of every commit in place of what changed for people."""
    _, _, *parts = RELEASE.split(CHANGELOG.read_text(encoding="utf-8"))
    assert [text for text in parts if text and len(text.split()) > MOST_WORDS] == []


@pytest.mark.parametrize("page", [CHANGELOG, UPGRADE], ids=lambda page: page.name)
def test_every_deprecated_column_is_announced_with_its_end(page: Any) -> None:
    """Prevents a column that goes away without a word, or never."""
    text = page.read_text(encoding="utf-8")
    deprecated = {
        f"{model}.{column['name']}": END.findall(column["description"])
        for model, column in _columns()
        if "eprecated" in column.get("description", "")
    }
    assert deprecated
    for name, ends in deprecated.items():
        assert [_as_numbers(end) > _as_numbers(_version()) for end in ends] == [True], name
        model, _, column = name.rpartition(".")
        assert f"`{model}." in text, name
        assert column in text, name
        assert f"removed in **{ends[0]}**" in text or f"removed in {ends[0]}" in text, name
