"""Preparation of MetricFlow, which queries the metrics of a published generation.

MetricFlow runs in its own folder with an empty dbt project, dbt's semantic manifest, and a profile
that opens the coarse form of the register read-only. It never opens the warehouse, so a load may
run at the same time. Metrics are defined in `dbt_project/models/semantic_layer`.
"""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import yaml

from orchestration.dbt import dbt_target, prepare_manifest
from register.access import COARSE_FORM
from register.publishing import Generation
from register.settings import Settings

SEMANTIC_MANIFEST = "semantic_manifest.json"
PROJECT = {"name": "metrics", "version": "1.0.0", "config-version": 2, "profile": "published"}


class MetricsError(RuntimeError):
    """Metrics cannot be queried; the message says what to do."""


def build_metricflow_command(arguments: list[str]) -> list[str]:
    """Return MetricFlow's command line. Raises `MetricsError` if it is not installed."""
    if find_spec("dbt_metricflow") is None:
        raise MetricsError("MetricFlow is not installed: `make setup` installs it")
    return [str(Path(sys.executable).parent / "mf"), *arguments]


def create_metrics_project(settings: Settings, generation: Generation) -> Path:
    """Create the folder in which MetricFlow queries one generation, and return it."""
    manifest = prepare_manifest(settings)
    return write_project(
        dbt_target(settings) / "metrics",
        manifest.with_name(SEMANTIC_MANIFEST),
        generation.folder / COARSE_FORM,
    )


def write_project(folder: Path, semantic_manifest: Path, published: Path) -> Path:
    """Write the dbt project with which MetricFlow queries a published file; return the folder."""
    (folder / "target").mkdir(parents=True, exist_ok=True)
    shutil.copy(semantic_manifest, folder / "target" / SEMANTIC_MANIFEST)
    attached = {"path": str(published), "alias": "national_register", "read_only": True}
    output = {
        "type": "duckdb",
        "path": ":memory:",
        "settings": {"TimeZone": "UTC"},
        "attach": [attached],
    }
    profile = {"published": {"target": "published", "outputs": {"published": output}}}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(PROJECT), encoding="utf-8")
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    return folder
