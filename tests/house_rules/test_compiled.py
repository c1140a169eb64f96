"""What runs can be read: compiled models are short, and call the functions that the run creates."""

from __future__ import annotations

from typing import Any

MOST_BYTES = 12_000


def _own_bytes(node: dict[str, Any]) -> int:
    """The bytes of a model without the text of ephemeral models, which counts for them alone."""
    inlined = sum(len(part["sql"].encode()) for part in node["extra_ctes"])
    return len(node["compiled_code"].encode()) - inlined


def test_no_compiled_model_is_longer_than_a_reader_reads(manifest: dict[str, Any]) -> None:
    """Prevents macros that turn 60 lines into 500, so that nobody reads what runs."""
    compiled = {
        node["name"]: _own_bytes(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["language"] == "sql"
    }
    assert len(compiled) > 100
    assert {name: size for name, size in compiled.items() if size > MOST_BYTES} == {}
