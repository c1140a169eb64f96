"""dbt's own command line as a process of this project: what `register-dbt` runs.

It ends when whoever started it ends, writes a warehouse alone, and does without the work that
`lighter_dbt` names.
"""

from __future__ import annotations

import fcntl
import gc
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from dbt.constants import DEFAULT_ENV_PLACEHOLDER
from dbt_common.events.event_manager_client import ctx_set_event_manager

from orchestration.lighter_dbt import BUILD, LevelledEventManager, lighten, make_messages_late
from register.processes import end_with_parent, run_and_end
from register.settings import load_settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# Objects made between two collections: dbt's graph lives as long as the process.
COLLECTOR_THRESHOLDS = (300_000, 10, 100)
WRITER_LOCK = "dbt.lock"
# The variable with the process that started dbt.
STARTED_BY = "REGISTER_STARTED_BY"
# The option of dbt that names a target of the profile, and the target of Spark.
TARGET, SPARK = "--target", "spark"
# The one argument of a dbt that is started ahead, and what the command has that it waits for.
WAIT = "wait-for-command"
ARGUMENTS, VARIABLES, FOLDER = "arguments", "variables", "folder"
# Where models put aside what does not fit into memory, in the warehouse's folder.
SCRATCH = "scratch"
# Commands of dbt that write the warehouse.
WRITING = frozenset({"build", "run", "run-operation", "seed", "snapshot", "test"})


@contextmanager
def writer_lock(warehouse: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Hold the warehouse while dbt writes it; ends this process where another dbt does.

    Whoever started dbt holds a lock too (`orchestration.dbt.warehouse_lock`) and may be killed:
    this one lasts as long as dbt itself. What models put aside on disk lies in the home meanwhile.
    """
    if not WRITING & set(arguments):
        yield
        return
    warehouse.mkdir(parents=True, exist_ok=True)
    with (warehouse / WRITER_LOCK).open("a", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another dbt is writing the warehouse of this home: wait for it to end")
        with _put_aside_in(warehouse / SCRATCH):
            yield


@contextmanager
def _put_aside_in(folder: Path) -> Iterator[None]:
    """Let temporary files of this process lie in `folder`, without those of one that was killed.

    The system's own folder may be small, or in memory, and keeps what a killed process leaves.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def is_on_spark(arguments: Sequence[str]) -> bool:
    """Whether dbt was asked for the target that runs the models on Spark."""
    return (TARGET, SPARK) in itertools.pairwise(arguments)


def run() -> NoReturn:
    """Run dbt with the arguments of this process, and no longer than whoever started it."""
    end_with_parent(_starter())
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    make_messages_late()
    ctx_set_event_manager(LevelledEventManager())

    from dbt.cli.main import cli

    parsed = None
    if sys.argv[1:] == [WAIT]:
        parsed = wait_for_command()
    else:
        lighten(sys.argv[1:])
    if is_on_spark(sys.argv[1:]):
        from orchestration.spark import install

        install()
    with writer_lock(load_settings().warehouse, sys.argv[1:]):
        sys.exit(cli(obj={"manifest": parsed, "callbacks": []}))


def _starter() -> int | None:
    """The process that started this one; none where a person did, who sets no variable."""
    said = os.environ.pop(STARTED_BY, "")
    return int(said) if said else None


def wait_for_command() -> Manifest | None:
    """Import what a build needs and parse, then take a command from this process's input.

    It is one line of JSON: arguments, all variables of the environment, and the folder to work in.
    Without one this process ends. What was parsed is returned, or None where it is not what the
    command is about.
    """
    import dbt.adapters.duckdb  # noqa: F401 - dbt imports it when it reads the profile
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    lighten([BUILD])
    parsed = dbtRunner().invoke(["--quiet", "parse"]).result
    said = sys.stdin.readline()
    if not said:
        sys.exit(0)
    command = json.loads(said)
    os.environ.clear()
    os.environ.update(command[VARIABLES])
    os.chdir(command[FOLDER])
    sys.argv[1:] = command[ARGUMENTS]
    if isinstance(parsed, Manifest) and is_about(parsed, sys.argv[1:]):
        return parsed
    return None


def is_about(parsed: Manifest, arguments: Sequence[str]) -> bool:
    """Whether dbt would parse the same for these arguments and the variables of this process.

    Variables that a model reads while it is built, and not while it is parsed, may differ.
    """
    if {TARGET, "--vars"} & set(arguments):
        return False
    unset = parsed.env_vars.items() - os.environ.items()
    return all(name not in os.environ and value == DEFAULT_ENV_PLACEHOLDER for name, value in unset)


def main() -> NoReturn:
    """Run dbt, and end without taking its graph apart."""
    run_and_end(run)
