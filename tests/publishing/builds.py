"""Tiny builds, as dbt would leave them: enough tables to publish, each stamped with its number."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from register.publishing.generations import next_generation
from register.settings import Settings

DELIVERY_ID = "police_reports-E23000099-2026-10-0123456789ab"


def land_delivery(settings: Settings) -> None:
    """One ledger entry, so that a manifest has a delivery to name."""
    folder = settings.landing / "police_reports" / DELIVERY_ID
    folder.mkdir(parents=True, exist_ok=True)
    entry = {"delivery_id": DELIVERY_ID, "content_hash": "0123456789ab" + "0" * 52}
    (folder / "delivery.json").write_text(json.dumps(entry), encoding="utf-8")


def build(settings: Settings, stamp: int, rows: int = 50) -> Path:
    """Write a build whose every table says `stamp`; return its hidden folder."""
    land_delivery(settings)
    folder = next_generation(settings)
    with duckdb.connect(str(folder / "national_register.duckdb")) as connection:
        connection.execute("create schema register")
        connection.execute(
            "create table register.bridge_child_sources as select"
            f" 'M' || number as mention_id_register, 'C{stamp}' as child_id_register,"
            f" {stamp} as stamp from range({rows}) as numbers (number)"
        )
        connection.execute(
            f"create table register.fct_reports as select {stamp} as stamp"
            f" from range({rows}) as numbers (number)"
        )
        connection.execute(
            f"create table register.dim_deliveries as select '{DELIVERY_ID}' as delivery_id,"
            " 'police_reports' as feed, 'current' as status"
        )
    with duckdb.connect(str(folder / "case_lists.duckdb")) as connection:
        connection.execute("create schema operations")
        connection.execute(
            f"create table operations.case_list_open_episodes as select {stamp} as stamp"
            f" from range({rows}) as numbers (number)"
        )
    return folder
