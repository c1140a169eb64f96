"""Erasure in releases: an erased child's rows stay counted, but no key leads to the child.

Official figures and later releases are counted from these rows, so a release keeps their groups,
such as age bands. Each key of the child, or of an episode of theirs, becomes one that nobody can
compute again. A last event of the version, sealed as the others are, says that this was done.

A killed erasure can be repeated. New files are complete in a folder of their own before the event
is written. The event has the hash of their manifest; then they take their places.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import duckdb

from official_statistics.releases.events import append_event
from official_statistics.releases.practice import Practice, ReleaseError
from official_statistics.releases.seal import (
    MANIFEST,
    hash_listed_files,
    read_manifest,
    write_manifest,
)
from official_statistics.releases.signatories import Person
from official_statistics.releases.versions import Version, list_versions, releases_folder
from register.durable import flush_tree
from register.hashing import hash_file
from register.settings import Settings

ERASING = ".erasing"
# What remains of killed drafts and reproductions.
LEFT_DRAFTS = (".draft-*", ".reproduced-*", "[0-9]*/.draft-*")
TABLES = """
    select format('"{}"."{}"."{}"', database_name, schema_name, table_name)
    from duckdb_columns()
    where
        database_name = 'rows'
        and column_name = 'child_id_register'
        and (schema_name, table_name) in (
            select (schema_name, table_name) from duckdb_tables() where database_name = 'rows'
        )
"""
# The first digits of a hash, after the letter that the old key begins with.
NEW_KEY = "{key}[1] || upper(left(sha256($salt || {key}), 24))"
CHILDREN = f"""
    set
        child_id_register = {NEW_KEY.format(key="child_id_register")},
        episode_id_register = {NEW_KEY.format(key="episode_id_register")}
    where list_contains($keys, child_id_register)
"""
EPISODES = f"""
    set episode_id_register = {NEW_KEY.format(key="episode_id_register")}
    where list_contains($keys, episode_id_register)
"""


@dataclass(frozen=True)
class Links:
    """Keys of children and episodes that are replaced, and the random salt of the new keys.

    With one salt, a key has the same new key in all versions, so later versions can be compared
    with them. Nobody can compute it again once the salt is gone.
    """

    keys: tuple[str, ...]
    salt: str


def unlink_rows(settings: Settings, links: Links, person: Person, practice: Practice) -> int:
    """Replace keys in all versions, and return how many versions had any of them.

    Raises `ReleaseError` if a version's events were changed, or are not those of its files.
    """
    for pattern in LEFT_DRAFTS:
        for folder in releases_folder(settings).glob(pattern):
            shutil.rmtree(folder)
    versions = list_versions(settings)
    return sum(_unlink_version(settings, each, links, person, practice) for each in versions)


def _unlink_version(
    settings: Settings,
    version: Version,
    links: Links,
    person: Person,
    practice: Practice,
) -> bool:
    if _take_places(version):
        return True
    staged = version.folder / ERASING
    rewritten = [
        path
        for path in (version.base_file, version.cells_file)
        if path.exists() and _stage_file(path, staged / path.name, links)
    ]
    if not rewritten:
        shutil.rmtree(staged, ignore_errors=True)
        return False
    events = version.read_events()
    if not events:
        raise ReleaseError(f"{version.name} has no event: see `register statistics verify`")
    sealed = read_manifest(version)
    for path in rewritten:
        name = path.relative_to(version.folder).as_posix()
        # A file that somebody had changed before stays a fault.
        if sealed.get(name) == hash_file(path):
            sealed[name] = hash_file(staged / path.name)
    write_manifest(staged / MANIFEST, sealed)
    flush_tree(staged)
    event = replace(
        events[-1],
        who=person.who,
        role=person.role,
        words=person.words,
        at=practice.utc_time,
        manifest=hash_listed_files(sealed),
        key_id="",
        signature="",
        seal="",
    )
    append_event(version.events_file, event, settings)
    return _take_places(version)


def _take_places(version: Version) -> bool:
    """Put new files in their places if the last event is about them; return whether it is.

    The manifest comes last: until then the folder shows that there is something to do.
    """
    staged = version.folder / ERASING
    events = version.read_events()
    manifest = staged / MANIFEST
    if not (
        manifest.exists()
        and events
        and events[-1].manifest == hash_listed_files(json.loads(manifest.read_bytes()))
    ):
        shutil.rmtree(staged, ignore_errors=True)
        return False
    for path in (version.base_file, version.cells_file):
        if (staged / path.name).exists():
            (staged / path.name).replace(path)
    flush_tree(version.internal)
    manifest.replace(version.folder / MANIFEST)
    flush_tree(version.folder)
    staged.rmdir()
    return True


def _stage_file(path: Path, staged: Path, links: Links) -> bool:
    """Write a file with new keys to another path; False if it has none of the keys."""
    staged.parent.mkdir(exist_ok=True, mode=0o700)
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as rows")
        if path.suffix == ".parquet":
            connection.execute(
                "create table rows.base as from read_parquet($path)", {"path": str(path)}
            )
        else:
            connection.execute(f"attach '{_quote_path(path)}' as before (read_only)")
            connection.execute("copy from database before to rows")
        names = [name for (name,) in connection.execute(TABLES).fetchall()]
        keys = {"keys": list(links.keys), "salt": links.salt}
        changed = 0
        for name, change in product(names, (CHILDREN, EPISODES)):
            ((count,),) = connection.execute(f"update {name} {change}", keys).fetchall()
            changed += count
        if not changed:
            return False
        if path.suffix == ".parquet":
            connection.sql("from rows.base order by episode_id_register").write_parquet(str(staged))
        else:
            # A copy: in a changed database, the old bytes would stay.
            connection.execute(f"attach '{_quote_path(staged)}' as after")
            connection.execute("copy from database rows to after")
    staged.chmod(path.stat().st_mode & 0o777)
    return True


def _quote_path(path: Path) -> str:
    return str(path).replace("'", "''")
