"""Files stay short, portable and silent about the place where they were written."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from register.settings import PROJECT_ROOT

PRODUCTION = (
    "register",
    "official_statistics",
    "engines",
    "orchestration",
    "expectations",
    "interfaces",
)
MODULES = (*PRODUCTION, "simulation", "suppression_attack", "benchmarks")
# A command or an asset may have the name of the module that it shows to people or to Dagster.
FACES = ("interfaces/command_line/commands", "orchestration/defs")
# Signs and no aims: a file that comes near asks whether it holds two thoughts. A model has what it
# alone needs in it (`test_macros`), and not in a macro in another file.
CEILINGS = {".py": 450, ".sql": 270}
BANNED_STEMS = re.compile(r"(^|_)(utils?|helpers?|final|new|misc|v\d+)($|_)")
# Functions that only one engine knows; they belong in macros/dialect.
DIALECT = re.compile(
    r"\b(read_(csv|json|parquet)\w*|try_strptime|strptime|strftime|getvariable|list_\w+|unnest"
    r"|epoch\w*|array_agg|string_agg|regexp_matches|arg_(min|max)|sha256|md5_number|struct_pack"
    r"|generate_series|timezone|quantile_(cont|disc))\s*\("
)
ELSEWHERE = re.compile(
    r"/work/|/tmp/|/root/|pypi\.org|pythonhosted|registry\.npmjs|deb\.debian", re.IGNORECASE
)


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: the list of committed files is not known")
    paths = [PROJECT_ROOT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def test_no_file_is_longer_than_its_ceiling() -> None:
    """Prevents a file in which nobody finds anything."""
    long = {
        f"{path.relative_to(PROJECT_ROOT)}: {lines}"
        for path in _tracked()
        if path.suffix in CEILINGS
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > CEILINGS[path.suffix]
    }
    assert long == set()


def test_no_module_name_stands_for_two_things() -> None:
    """Prevents a name that says nothing without the folder before it."""
    places: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, list[Path]] = defaultdict(list)
    for path in _tracked():
        place = path.relative_to(PROJECT_ROOT).parent
        if path.suffix != ".py" or path.stem.startswith("__") or place.parts[0] not in MODULES:
            continue
        if any(place.is_relative_to(face) for face in FACES):
            shown[path.stem].append(path)
        else:
            places[path.stem].add(".".join(place.parts))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
    wrong = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for name, paths in shown.items()
        for path in paths
        for package in places.get(name, ())
        if not _shows(path.read_text(encoding="utf-8"), package, name)
    }
    assert wrong == set(), "a command or an asset has the name of a module that it does not show"


def _shows(text: str, package: str, name: str) -> bool:
    """Whether a command or an asset imports a module, at once or when it uses it."""
    lazy = rf"lazy_modules import (\([^)]*|[^\n]*)\b({package.rpartition('.')[2]}|{name})\b"
    words = (f"from {package} import", f'"{package}"', f"{package}.{name}")
    return any(each in text for each in words) or re.search(lazy, text) is not None


def test_no_file_is_named_for_nothing() -> None:
    """Prevents drawers into which everything is put."""
    stems = {path.relative_to(PROJECT_ROOT): path.stem for path in _tracked()}
    assert {str(path) for path, stem in stems.items() if BANNED_STEMS.search(stem)} == set()


def test_every_csv_that_people_open_is_written_through_one_function() -> None:
    """Prevents a text of a delivery from being run as a formula by whoever opens a file."""
    writing = re.compile(r"csv\.(writer|DictWriter)\(")
    safe = re.compile(r"\bsafe_(cells?|row)\b")
    wrong = {
        str(path.relative_to(PROJECT_ROOT))
        for package in PRODUCTION
        for path in (PROJECT_ROOT / package).rglob("*.py")
        if writing.search(text := path.read_text(encoding="utf-8")) and not safe.search(text)
    }
    assert wrong == set()


def test_dialect_functions_stay_in_the_dialect_folder() -> None:
    """Prevents models that only one engine can run."""
    wrong = set()
    for path in (PROJECT_ROOT / "dbt_project").rglob("*.sql"):
        if "dialect" in path.parts or "target" in path.parts:
            continue
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(r"--.*", "", text)
        wrong.update(f"{path.name}: {match.group(1)}" for match in DIALECT.finditer(text))
    assert wrong == set()


def test_no_committed_text_names_the_place_it_was_written() -> None:
    """Prevents machine paths and registry hosts in a project that others clone."""
    here = Path(__file__).name
    wrong = {
        str(path.relative_to(PROJECT_ROOT))
        for path in _tracked()
        if path.name != here
        and path.suffix not in {".png", ".parquet"}
        and ELSEWHERE.search(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert wrong == set()


def test_no_package_of_others_is_committed() -> None:
    """Prevents a downloaded package from being handed on, with a licence of its own."""
    packages = (".whl", ".egg", ".tar.gz", ".tgz", ".jar")
    assert [path.name for path in _tracked() if path.name.endswith(packages)] == []


def test_every_module_says_what_it_is() -> None:
    """Prevents modules whose purpose has to be guessed."""
    silent = {
        str(path.relative_to(PROJECT_ROOT))
        for package in (*PRODUCTION, "simulation", "benchmarks")
        for path in (PROJECT_ROOT / package).rglob("*.py")
        if not path.read_text(encoding="utf-8").lstrip().startswith(('"""', 'r"""'))
    }
    assert silent == set()
