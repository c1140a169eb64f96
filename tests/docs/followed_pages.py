"""Blocks of lines that a page adds to files of the project, applied to a copy of it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from register.settings import PROJECT_ROOT

BLOCK = re.compile(
    r"^In `([^`]+)`, (after|before) (the line that begins|each of the (\w+) lines that begin)"
    r" with `([^`]+)`:\n\n```\w+\n(.*?)^```",
    re.MULTILINE | re.DOTALL,
)
# Every such sentence has this, whether or not its block is written as the others are.
PLACE = re.compile(r"lines? that begins? with")
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}


@dataclass(frozen=True)
class Block:
    """Lines that a page adds to a file, after or before `count` of its lines."""

    file: str
    place: str
    count: int
    beginning: str
    lines: str

    def apply(self, project: Path) -> None:
        """Add the lines; as many lines of the file must begin so as the page says."""
        path = project / self.file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [n for n, line in enumerate(lines) if line.lstrip().startswith(self.beginning)]
        assert len(found) == self.count, (
            f"{len(found)} lines of {self.file} begin with {self.beginning}"
        )
        for number in reversed(found):
            lines.insert(number + (self.place == "after"), self.lines)
        path.write_text("".join(lines), encoding="utf-8")


def read_blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, in order; fail if one is written otherwise than the others."""
    text = page.read_text(encoding="utf-8")
    blocks = [
        Block(file, place, NUMBERS[number] if number else 1, beginning, lines)
        for file, place, _, number, beginning, lines in BLOCK.findall(text)
    ]
    assert len(blocks) == len(PLACE.findall(text)), f"a block of {page.name} is not as the others"
    return blocks


def copy_project(target: Path, *folders: str) -> Path:
    """Copy these folders of the project, without what their tools left there."""
    target.mkdir()
    shutil.copy(PROJECT_ROOT / "pyproject.toml", target)
    for name in folders:
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs", ".user.yml")
        shutil.copytree(PROJECT_ROOT / name, target / name, ignore=ignored)
    return target
