"""The department's own screener, an R package, accepts our files and finds broken ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from official_statistics import read_data_sets
from official_statistics.data_files import encode_csv
from official_statistics.screening import Pair
from tests.statistics.screening_examples import EXAMPLES, changed
from tests.statistics.screening_files import small_pair

LIBRARY, FILES = "EESYSCREENER_LIBRARY", "EESYSCREENER_FILES"
SCRIPT = Path(__file__).with_name("department_screener.R")
# The checks that warn of names outside the department's data dictionary. It has no word for what
# the register counts.
OF_THE_DICTIONARY = ("data_dict_col_name", "data_dict_fil_item")
# What our own rules find and the package does not: it allows a label of 100 characters, takes a
# blank for a missing value, and does not say where rows are unequal or a column occurs twice.
ONLY_OURS = frozenset({"blank figure", "blank filter", "column twice", "long label", "short row"})

pytestmark = pytest.mark.drill


@dataclass(frozen=True)
class Screened:
    """How many checks a pair went through, and which of them did not pass."""

    checks: int
    findings: tuple[str, ...]

    @property
    def faults(self) -> list[str]:
        """The findings that a public file may not have."""
        accepted = tuple(f"WARNING {check}:" for check in OF_THE_DICTIONARY)
        return [one for one in self.findings if not one.startswith(accepted)]


@pytest.fixture(scope="module")
def library() -> Path:
    """The R library in which the package is installed."""
    path = os.environ.get(LIBRARY)
    if shutil.which("Rscript") is None:
        pytest.skip("R is not on this machine: the department's screener cannot run")
    if path is None or not (Path(path) / "eesyscreener").is_dir():
        pytest.skip(f"{LIBRARY} names no R library with the package eesyscreener")
    return Path(path)


def _screen(library: Path, folder: Path) -> dict[str, Screened]:
    ran = subprocess.run(
        ["Rscript", str(SCRIPT), str(folder)],
        env={**os.environ, "R_LIBS": str(library)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return {
        name: Screened(
            one["checks"],
            tuple(
                # The package's functions begin with the stage, its results need not.
                f"{found['result']} {found['check'].removeprefix('check_')}: {found['message']}"
                for found in one["findings"]
            ),
        )
        for name, one in json.loads(ran.stdout).items()
    }


def _write(folder: Path, pairs: Iterable[Pair]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for pair in pairs:
        (folder / f"{pair.name}.csv").write_bytes(encode_csv(pair.data))
        (folder / f"{pair.name}.meta.csv").write_bytes(encode_csv(pair.meta))


def _assert_accepted(screened: Mapping[str, Screened]) -> None:
    found = Counter(text.split(":")[0] for one in screened.values() for text in one.findings)
    checks = sorted({one.checks for one in screened.values()})
    warnings.warn(f"{len(screened)} pairs, each with {checks} checks: {dict(found)}", stacklevel=2)
    assert {name: one.faults for name, one in screened.items() if one.faults} == {}
    assert sorted(screened) == sorted(data_set.name for data_set in read_data_sets())


def test_the_department_accepts_every_pair(library: Path, tmp_path: Path) -> None:
    """Prevents a port of the screener that accepts what the department's own rejects."""
    _write(tmp_path, (small_pair(data_set.name) for data_set in read_data_sets()))
    _assert_accepted(_screen(library, tmp_path))


def test_the_department_accepts_every_pair_of_a_release(library: Path) -> None:
    """Prevents real figures, areas or symbols that no small file has from being rejected."""
    files = os.environ.get(FILES)
    if files is None:
        pytest.skip(f"{FILES} names no folder of public data files")
    _assert_accepted(_screen(library, Path(files)))


def test_the_department_finds_what_our_rules_find(library: Path, tmp_path: Path) -> None:
    """Prevents an acceptance that only says that nothing was looked at."""
    folders = dict(enumerate(sorted(EXAMPLES)))
    for number, what in folders.items():
        example = EXAMPLES[what]
        _write(tmp_path / str(number), [changed(example.change, example.data_set)])
    screened = _screen(library, tmp_path)
    assert len(screened) == len(EXAMPLES)
    missed = {
        folders[int(name.split("/")[0])]
        for name, one in screened.items()
        if all(text.startswith("ERROR") for text in one.faults)
    }
    assert missed <= ONLY_OURS
