"""A dbt project of one model and what it reads: parsed in seconds, where the whole takes many.

Contracts and tests of the models are left out: the audit of the whole project has them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import yaml

from register.settings import PROJECT_ROOT

REAL = PROJECT_ROOT / "dbt_project"


def write_project(
    project: Path,
    macros: Path = REAL / "macros",
    functions: Path = REAL / "functions",
    **changes: Any,
) -> None:
    """Write the real project's settings with `changes`; what else there is is read where it lies.

    Settings of folders of models that `project` does not have are left out: dbt warns of them.
    """
    settings = yaml.safe_load((REAL / "dbt_project.yml").read_text(encoding="utf-8"))
    settings["macro-paths"] = [os.path.relpath(macros, project)]
    settings["function-paths"] = [os.path.relpath(functions, project)]
    settings["seed-paths"] = [os.path.relpath(PROJECT_ROOT / "seeds", project)]
    settings |= {name.replace("_", "-"): value for name, value in changes.items()}
    models = project / "models"
    if models.exists():
        settings["models"]["national_register"] = _used(
            settings["models"]["national_register"], models
        )
    else:
        del settings["models"]
    project.mkdir(parents=True, exist_ok=True)
    (project / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def write_part(project: Path, manifest: dict[str, Any], model: str) -> None:
    """Write a project of `model` and its ancestors, taken from where the manifest says they lie."""
    for name in _ancestors(manifest, f"model.national_register.{model}"):
        node = manifest["nodes"].get(name) or manifest["sources"].get(name)
        # Functions are read where they lie, as seeds are.
        if node is not None and node["resource_type"] != "seed":
            target = project / node["original_file_path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REAL / node["original_file_path"], target)
    write_project(project)


def _used(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {
        name: _used(value, folder / name) if (folder / name).is_dir() else value
        for name, value in config.items()
        if name.startswith("+") or (folder / name).is_dir()
    }


def _ancestors(manifest: dict[str, Any], name: str) -> set[str]:
    parents = manifest["parent_map"].get(name, [])
    return {name}.union(*(_ancestors(manifest, parent) for parent in parents))
