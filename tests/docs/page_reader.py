"""Somebody with a shell who follows the pages: blocks of shell, and commands one by one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from register.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"
FOLDERS = ("tutorial", "how-to")
# Blocks may stand in the steps of a list. A marker before a block names its task.
BLOCK = re.compile(
    r"(?:<!-- task: ([^>\n]+?) -->\n\s*)?```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL
)
TUTORIAL = "tutorial/first-load.md"
# Shell that changes what later commands of the page see.
CHANGES_SHELL = re.compile(r"export |\w+=\S+$|folder=")
SERVICE_SECONDS = 90


def list_pages() -> tuple[str, ...]:
    """Return every page of the tutorial and the how-to pages that has a block of shell."""
    return tuple(
        path.relative_to(DOCS).as_posix()
        for folder in FOLDERS
        for path in sorted((DOCS / folder).glob("*.md"))
        if "```sh\n" in path.read_text(encoding="utf-8")
    )


def read_blocks_of_shell(page: str) -> list[tuple[str, str]]:
    """Return each block of shell of a page, with its task or nothing."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [(task, textwrap.dedent(block)) for task, block in BLOCK.findall(text)]


def list_commands(page: str) -> list[str]:
    """Return the commands of a page that belong to no task, in order."""
    blocks = [block for task, block in read_blocks_of_shell(page) if not task]
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


@dataclass
class Reader:
    """Somebody who follows pages in a home. `exports` is the shell that earlier commands set."""

    home: Path
    printed: str = ""
    exports: list[str] = field(default_factory=list)

    @property
    def _variables(self) -> dict[str, str]:
        folder = Path(sys.executable).parent
        return {
            **os.environ,
            "REGISTER_HOME": str(self.home),
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT_ROOT),
            "COLUMNS": "200",
        }

    def _start(self, block: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", "-e", "-c", "\n".join([*self.exports, block])],
            cwd=self.home.parent,
            env=self._variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Without a terminal, passwords are read from standard input.
            start_new_session=True,
        )

    def run(self, block: str, code: int = 0, typed: str = "", **values: str) -> str:
        """Run a block with the values in place of words in capitals; returns what it printed."""
        block = fill_in(block, values)
        with self._start(block) as process:
            printed, errors = process.communicate(typed)
        assert process.returncode == code, f"{block}\n{process.returncode}\n{printed}\n{errors}"
        if CHANGES_SHELL.match(block):
            self.exports.append(block)
        return printed

    def serve(self, command: str, answer: str, **values: str) -> None:
        """Start a service, wait until it says that it answers, and end it."""
        log = self.home.parent / "service.log"
        with self._start(f"exec {fill_in(command, values)} > {log} 2>&1") as process:
            until = time.monotonic() + SERVICE_SECONDS
            printed = ""
            while answer not in printed and time.monotonic() < until and process.poll() is None:
                time.sleep(0.2)
                printed = log.read_text(encoding="utf-8") if log.exists() else ""
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        assert answer in printed, f"{command}\n{printed}"

    def read_json(self, command: str) -> Any:
        """Return the answer of a command as data."""
        return json.loads(self.run(f"{command} --json"))

    def follow(self, page: str, task: str, code: int = 0, **values: str) -> str:
        """Run all blocks of a task, one after the other; `code` is how the last one ends."""
        blocks = [block for named, block in read_blocks_of_shell(page) if named == task]
        assert blocks
        said = [self.run(block, **values) for block in blocks[:-1]]
        return "\n".join([*said, self.run(blocks[-1], code, **values)])


def fill_in(command: str, values: Mapping[str, str]) -> str:
    """Put values in place of words in capitals; of a list, one after the other."""
    for name, value in values.items():
        several = value.split("|")
        command = re.sub(
            rf"(?<!\w){re.escape(name)}(?!\w)",
            lambda _, left=several: left.pop(0) if left[1:] else left[0],
            command,
        )
    return command


def follow_first_hour(home: Path) -> Reader:
    """Follow the tutorial to its end in a new home."""
    reader = Reader(home)
    for task, block in read_blocks_of_shell(TUTORIAL):
        if task != "first hour":
            continue
        values = {}
        if "PAIR" in block:
            values["PAIR"] = reader.read_json("register review")[0]["review_pair_id"]
        # The ids that a block before this one printed.
        for word, key in (("EPISODE", r"\bE[0-9A-F]{24}\b"), ("CHILD", r"\bC[0-9A-F]{24}\b")):
            if word in block:
                values[word] = re.findall(key, reader.printed)[0]
        reader.printed += reader.run(block, **values)
    return reader
