"""What dbt parsed for one home, for every home of the checkout: a parse takes seconds.

dbt keeps what it parsed in the home, and parses all again where a path of its profile differs.
Nothing that is parsed has such a path in it, so a copy lies in the checkout, under a name made of
all that a parse depends on. A checkout that nobody may write to keeps none. What else dbt does
without belongs in `lighter_dbt`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from register.durable import write_whole
from register.hashing import hash_files, model_files
from register.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from dbt.contracts.files import FileHash
    from dbt.contracts.graph.manifest import Manifest, ManifestStateCheck
    from dbt.parser.manifest import ManifestLoader

PARSED = PROJECT_ROOT / "build" / "parsed"
# Variables of a home that are in the profile, the longer path first: one may be in the other.
OF_A_HOME = ("REGISTER_GENERATION", "REGISTER_HOME")
# A parse for each target and kind of home, and for some states of the project before.
KEPT_PARSES = 8


def hash_without_home(
    check: Callable[[ManifestLoader], ManifestStateCheck],
) -> Callable[[ManifestLoader], ManifestStateCheck]:
    """`check`, dbt's own state of all that a parse depends on, with no path of the home in it."""

    def check_without_home(loader: ManifestLoader) -> ManifestStateCheck:
        state = check(loader)
        state.profile_hash = _profile_hash(loader)
        return state

    return check_without_home


def _profile_hash(loader: ManifestLoader) -> FileHash:
    from dbt.contracts.files import FileHash

    said = repr(sorted(loader.root_project.credentials.connection_info()))
    for name in OF_A_HOME:
        if name in os.environ:
            said = said.replace(os.environ[name], name)
    return FileHash.from_contents(said)


def read_shared(
    read: Callable[[ManifestLoader], Manifest | None],
) -> Callable[[ManifestLoader], Manifest | None]:
    """`read`, dbt's own reading of what was parsed, which takes the checkout's if a home has none.

    The variables of a home are noted as what they are now.
    """

    def read_or_take(loader: ManifestLoader) -> Manifest | None:
        own, shared = _own(loader), shared_parse(loader)
        if shared and not own.exists():
            _take(shared, own)
        manifest = read(loader)
        if manifest is not None:
            for name in manifest.env_vars.keys() & set(OF_A_HOME) & os.environ.keys():
                manifest.env_vars[name] = os.environ[name]
        return manifest

    return read_or_take


def write_shared(
    write: Callable[[ManifestLoader], None],
) -> Callable[[ManifestLoader], None]:
    """`write`, dbt's own writing of what was parsed, which leaves a copy in the checkout."""

    def write_and_share(loader: ManifestLoader) -> None:
        write(loader)
        shared = shared_parse(loader)
        if shared is None:
            return
        # One that is there and was not taken is damaged, or the same. A checkout that is another
        # person's, or full, keeps none.
        with suppress(OSError):
            shared.parent.mkdir(parents=True, exist_ok=True)
            write_whole(shared, _own(loader).read_bytes(), mode=0o644)
            _leave_newest(shared.parent)

    return write_and_share


def shared_parse(loader: ManifestLoader) -> Path | None:
    """Where the checkout has what this run would parse; none where it is not the checkout's own.

    So it is where variables are given on the command line too, such as a moment as known at: each
    would leave a file of its own.
    """
    project = Path(loader.root_project.project_root)
    if loader.root_project.cli_vars or project != PROJECT_ROOT / "dbt_project":
        return None
    seeds = [path for path in (PROJECT_ROOT / "seeds").rglob("*") if path.is_file()]
    files = [*model_files(project), *seeds, PROJECT_ROOT / "requirements.lock"]
    state = loader.manifest.state_check
    hashes = (state.vars_hash, state.project_env_vars_hash, state.profile_hash)
    said = [hash_files(files, PROJECT_ROOT), *(each.checksum for each in hashes)]
    return PARSED / f"{hashlib.sha256(' '.join(said).encode()).hexdigest()}.msgpack"


def _own(loader: ManifestLoader) -> Path:
    from dbt.parser.manifest import PARTIAL_PARSE_FILE_NAME

    return Path(loader.root_project.project_target_path) / PARTIAL_PARSE_FILE_NAME


def _take(shared: Path, own: Path) -> None:
    """Copy the checkout's parse into the home, where it can be read: without it dbt parses."""
    try:
        parsed = shared.read_bytes()
    except OSError:
        return
    own.parent.mkdir(parents=True, exist_ok=True)
    write_whole(own, parsed, mode=0o600)


def _leave_newest(folder: Path) -> None:
    """Remove all but the newest; another process may do the same."""
    parses = []
    for path in folder.glob("*.msgpack"):
        with suppress(FileNotFoundError):
            parses.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(parses)[:-KEPT_PARSES]:
        path.unlink(missing_ok=True)
