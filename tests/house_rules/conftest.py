"""The models as the engine gets them, compiled once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from register.home import prepare_home
from register.settings import load_settings
from tests.once import made_once, shared_folder


@pytest.fixture(scope="session")
def compiled_manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Dbt's manifest with the compiled code of each model, compiled in an empty home."""

    def make(folder: Path) -> None:
        from dbt.cli.main import dbtRunner

        found = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(folder)})
        prepare_home(found)
        found.truth.mkdir()  # with the models of evaluation
        found.simulation_declaration.touch()
        generation = found.published / ".next"
        generation.mkdir(parents=True)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in found.dbt_environment(generation).items():
                patch.setenv(name, value)
            target = str(folder / "target")
            arguments = ["--project-dir", str(found.dbt_project), "--target-path", target]
            outcome = dbtRunner().invoke(["--quiet", "--warn-error", "compile", *arguments])
            assert outcome.success, outcome.exception

    folder = made_once(shared_folder(tmp_path_factory) / "compiled", make)
    text = (folder / "target" / "manifest.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
