"""What runs can be read: compiled models are short, and call the functions that the run creates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from register.home import prepare_home
from register.settings import load_settings

MOST_BYTES = 10_000


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """The bytes of each SQL model as the engine gets it, compiled in an empty home.

    The text of ephemeral models, which dbt repeats in every model that reads them, counts for them
    alone.
    """
    from dbt.cli.main import dbtRunner

    home = tmp_path_factory.mktemp("compiled")
    found = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home)})
    prepare_home(found)
    found.truth.mkdir()  # with the models of evaluation
    generation = found.published / ".next"
    generation.mkdir(parents=True)
    target = str(home / "target")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in found.dbt_environment(generation).items():
            patch.setenv(name, value)
        arguments = ["--project-dir", str(found.dbt_project), "--target-path", target]
        outcome = dbtRunner().invoke(["--quiet", "--warn-error", "compile", *arguments])
        assert outcome.success, outcome.exception
    manifest = json.loads(Path(target, "manifest.json").read_text(encoding="utf-8"))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return {node["name"]: _own_bytes(node) for node in models if node["language"] == "sql"}


def _own_bytes(node: dict[str, Any]) -> int:
    inlined = sum(len(part["sql"].encode()) for part in node["extra_ctes"])
    return len(node["compiled_code"].encode()) - inlined


def test_no_compiled_model_is_longer_than_a_reader_reads(compiled: dict[str, int]) -> None:
    """Prevents macros that turn 60 lines into 500, so that nobody reads what runs."""
    assert len(compiled) > 100
    assert {name: size for name, size in compiled.items() if size > MOST_BYTES} == {}
