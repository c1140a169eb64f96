"""Who reads what is published is declared, and metrics have words."""

from __future__ import annotations

import re
from typing import Any

from register.setting_values import SERVING_TARGETS
from register.settings import PROJECT_ROOT

DATABASE = "national_register"


def _exposures(manifest: dict[str, Any]) -> dict[str, set[str]]:
    """What each exposure reads, by its name."""
    return {
        node["name"]: {key.split(".")[-1] for key in node["depends_on"]["nodes"]}
        for node in manifest["exposures"].values()
    }


def _published(manifest: dict[str, Any]) -> set[str]:
    """Every published relation; what descends from simulated truth is in no real file."""
    return {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["database"] == DATABASE
        and node["fqn"][1] == "marts"
    }


def test_every_way_to_the_register_is_an_exposure_of_all_that_is_published(
    manifest: dict[str, Any],
) -> None:
    """Prevents a mart that is changed without its readers being named."""
    exposures = _exposures(manifest)
    for name in ("duckdb_file", *SERVING_TARGETS):
        assert exposures[name] == _published(manifest), name


def test_the_quality_site_is_an_exposure_of_what_it_names(manifest: dict[str, Any]) -> None:
    """Prevents a page of the site that a change of a mart empties unannounced."""
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("expectations", "interfaces/quality_site")
        for path in (PROJECT_ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sql")
    )
    named = set(re.findall(r"(?:register|agreement|quality|bi)\.(\w+)", code))
    assert named & _published(manifest) <= _exposures(manifest)["quality_site"]


def test_case_lists_are_read_by_nothing_that_is_served(manifest: dict[str, Any]) -> None:
    """Prevents a served form of the register that names children."""
    named = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["database"] == "case_lists"
    }
    assert named
    readers = {name for name, read in _exposures(manifest).items() if read & named}
    assert readers == {"case_lists"}


def test_every_metric_and_dimension_is_described(manifest: dict[str, Any]) -> None:
    """Prevents a metric that only its author can choose."""
    silent = {
        metric["name"] for metric in manifest["metrics"].values() if not metric["description"]
    } | {
        f"{model['name']}.{dimension['name']}"
        for model in manifest["semantic_models"].values()
        for dimension in model["dimensions"]
        if not dimension["description"]
    }
    assert silent == set()
    assert len(manifest["metrics"]) > 30


def test_metrics_span_absences_children_interviews_and_agreement(manifest: dict[str, Any]) -> None:
    """Prevents a semantic layer of one relation, which cannot join the others."""
    read = {
        key.split(".")[-1]
        for model in manifest["semantic_models"].values()
        for key in model["depends_on"]["nodes"]
    }
    spanned = {"episodes", "dim_children_current", "fct_return_interviews", "fct_agreement"}
    assert read >= spanned
