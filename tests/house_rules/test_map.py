"""The map of the models' folders is complete, and its order is that of the flow."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from register.settings import load_settings

MODELS = load_settings().dbt_project / "models"
ROW = re.compile(r"^\| `([\w/]+)` \|", re.MULTILINE)
READ = re.compile(r"\bref\(\s*[\"'](\w+)[\"']")
# Their folders are rooms of their own, with other readers.
OF_ROOMS = {"marts", "evaluation"}


def _room(path: Path) -> str:
    parts = PurePosixPath(path.parent.relative_to(MODELS)).parts
    return "/".join(parts[:2] if parts[0] in OF_ROOMS else parts[:1])


def _models() -> dict[str, Path]:
    return {path.stem: path for kind in ("sql", "py") for path in MODELS.rglob(f"*.{kind}")}


def _listed() -> list[str]:
    return ROW.findall((MODELS / "README.md").read_text(encoding="utf-8"))


def test_the_map_names_every_folder_once() -> None:
    """Prevents a folder that a newcomer finds on no map."""
    listed = _listed()
    rooms = {_room(path) for path in MODELS.rglob("*.yml")} | set(map(_room, _models().values()))
    # Anchors alone, of no model.
    assert sorted(listed) == sorted(rooms - {"marts"})


def test_no_folder_reads_one_below_it_on_the_map() -> None:
    """Prevents a map that shows a flow which is not there."""
    place = {room: number for number, room in enumerate(_listed())}
    models = _models()
    upwards = {
        f"{name} reads {parent}"
        for name, path in models.items()
        for parent in READ.findall(path.read_text(encoding="utf-8"))
        if parent in models and place[_room(models[parent])] > place[_room(path)]
    }
    assert upwards == set()
