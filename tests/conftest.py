"""What every test may ask for: a scratch home, and the dbt project as dbt understands it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from register.home import prepare_home
from register.settings import Settings, load_settings

# Machines are shared and noisy: no example fails for the time it takes.
hypothesis.settings.register_profile("shared_machine", deadline=None)
hypothesis.settings.load_profile("shared_machine")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty, prepared home that only this test sees."""
    home = str(tmp_path / "home")
    found = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": home})
    prepare_home(found)
    return found


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The dbt manifest, parsed once a session into a scratch target."""
    from dbt.cli.main import dbtRunner

    scratch = tmp_path_factory.mktemp("dbt")
    found = replace(load_settings({"REGISTER_ENVIRONMENT": "test"}), home=scratch / "home")
    prepare_home(found)
    generation = found.published / ".next"
    generation.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in found.dbt_environment(generation).items():
            patch.setenv(name, value)
        project = [
            "--project-dir",
            str(found.dbt_project),
            "--target-path",
            str(scratch / "target"),
        ]
        outcome = dbtRunner().invoke(["--quiet", "--warn-error", "parse", *project])
        assert outcome.success, outcome.exception
        yield json.loads((scratch / "target" / "manifest.json").read_text(encoding="utf-8"))
