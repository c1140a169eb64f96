"""The breaks that are tried: where each is, what it changes, and which tests must see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from register.yaml_file import read_yaml

CATALOGUE = Path(__file__).with_name("mutants.yml")
MODELS = "dbt_project/models/"


class MutantError(RuntimeError):
    """A mutant cannot be made: its text is not there, or not once."""


@dataclass(frozen=True)
class Mutant:
    """One small break: `before` becomes `after` in `file`.

    A break of a model is for that model's unit tests and the tests of its steps; of anything else,
    for the pytest paths in `tests`.
    """

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]

    @property
    def model(self) -> str | None:
        """The dbt model whose own tests must see it; None where pytest must."""
        path = Path(self.file)
        is_model = self.file.startswith(MODELS) and path.suffix == ".sql"
        return path.stem if is_model and not self.tests else None

    def make(self, root: Path) -> str:
        """Break the file under `root`; returns what it was.

        Raises `MutantError` unless `before` is in the file exactly once.
        """
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.before) != 1:
            raise MutantError(
                f"{self.name}: its text is {text.count(self.before)} times in {self.file}"
            )
        path.write_text(text.replace(self.before, self.after), encoding="utf-8")
        return text


def read_mutants() -> list[Mutant]:
    """Every mutant of the catalogue, in its order."""
    entries: list[dict[str, Any]] = read_yaml(CATALOGUE)
    return [Mutant(**{**entry, "tests": tuple(entry.get("tests", ()))}) for entry in entries]


def rounds(mutants: list[Mutant]) -> list[list[Mutant]]:
    """Split mutants of models so that no model is broken twice in a round."""
    waiting, found = list(mutants), []
    while waiting:
        now: dict[str, Mutant] = {}
        for mutant in waiting:
            now.setdefault(mutant.file, mutant)
        found.append(list(now.values()))
        waiting = [mutant for mutant in waiting if mutant not in now.values()]
    return found
