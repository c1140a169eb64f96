"""The graph of assets as plain facts, for readers that do not import Dagster."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.definitions import defs

AssetPath = tuple[str, ...]


@dataclass(frozen=True)
class GraphAsset:
    """An asset: the parts of its key, its group, and the keys of the assets it depends on."""

    path: AssetPath
    group: str
    depends_on: tuple[AssetPath, ...]


def read_assets() -> list[GraphAsset]:
    """Return every asset of the code location, in the home that the environment names."""
    return [
        GraphAsset(
            path=tuple(spec.key.path),
            group=spec.group_name or "",
            depends_on=tuple(tuple(dependency.asset_key.path) for dependency in spec.deps),
        )
        for spec in defs().resolve_all_asset_specs()
    ]
