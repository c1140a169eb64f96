"""Blocks of lines that a page writes into files of the project, applied to a copy of it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from register.settings import PROJECT_ROOT

BLOCK = re.compile(
    r"^In `([^`]+)`, (after|before|in place of)"
    r" (the line that begins|each of the (\w+) lines that begin)"
    r" with `([^`]+)`:\n\n```\w+\n(.*?)^```",
    re.MULTILINE | re.DOTALL,
)
NEW_FILE = re.compile(r"^In the new file `([^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Every such sentence has this, whether or not its block is written as the others are.
PLACE = re.compile(r"lines? that begins? with|^In the new file", re.MULTILINE)
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}


@dataclass(frozen=True)
class Block:
    """Lines that a page writes after, before or in place of `count` lines; or into a new file."""

    file: str
    place: str
    count: int
    beginning: str
    lines: str

    def apply(self, project: Path) -> None:
        """Add the lines; as many lines of the file must begin so as the page says."""
        path = project / self.file
        if not self.count:
            assert not path.exists(), f"{self.file} is not new"
            path.write_text(self.lines, encoding="utf-8")
            return
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [n for n, line in enumerate(lines) if line.lstrip().startswith(self.beginning)]
        assert len(found) == self.count, (
            f"{len(found)} lines of {self.file} begin with {self.beginning}"
        )
        for number in reversed(found):
            if self.place == "in place of":
                lines[number] = self.lines
            else:
                lines.insert(number + (self.place == "after"), self.lines)
        path.write_text("".join(lines), encoding="utf-8")


def read_blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, those of new files last; fail if one is not as the others."""
    text = page.read_text(encoding="utf-8")
    blocks = [
        Block(file, place, NUMBERS[number] if number else 1, beginning, lines)
        for file, place, _, number, beginning, lines in BLOCK.findall(text)
    ]
    blocks += [Block(file, "", 0, "", lines) for file, lines in NEW_FILE.findall(text)]
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
