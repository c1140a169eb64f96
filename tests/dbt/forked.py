"""`register-dbt` in processes forked from one that has imported it: most of a short run is imports.

Each run is a process of its own, as in a load. Ending a run before its end does not belong here:
what ends the command does not end the process that was forked for it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

# A Python without packages starts at once; its streams become those of the run.
COMMAND = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"."], [0, 1, 2])
    server.sendall(json.dumps([sys.argv, os.getcwd(), os.umask(0), dict(os.environ)]).encode())
    server.shutdown(socket.SHUT_WR)
    ended = server.makefile("rb").read()
sys.exit(ended[0] if ended else "the run ended without saying how")
"""


def forked_dbt() -> str:
    """The path of a command that does what `register-dbt` does, for as long as this process is."""
    command, server = _start()
    assert server.poll() is None, "the process to fork from has ended"
    return str(command)


@cache
def _start() -> tuple[Path, subprocess.Popen[bytes]]:
    """Start the process to fork from, and write the command that asks it for a run."""
    folder = Path(tempfile.mkdtemp(prefix="register-dbt-"))
    address, command = folder / "socket", folder / "register-dbt"
    command.write_text(
        COMMAND.format(python=sys.executable, address=str(address)), encoding="utf-8"
    )
    command.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, "-P", __file__, str(address)],
        stdin=subprocess.PIPE,  # nothing is written: it closes when this process ends
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdout.readline(), "the process to fork from has not started"
    return command, server


def _serve(address: str) -> int:
    """Fork a run for every command that connects, until standard input closes; the exit code."""
    _prepare()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # runs that have ended are not waited for
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)  # noqa: T201 - what `forked_dbt` waits for
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                return _run(connection)
            connection.close()
    shutil.rmtree(Path(address).parent)
    return 0


def _prepare() -> None:
    """Import what a run needs, and describe the documents that it validates.

    Not the adapter too: DuckDB starts a thread, which a fork would lose.
    """
    import dbt.adapters.sql
    import dbt.cli.main
    import dbt.task.build  # noqa: F401
    from dbt.artifacts.resources import ModelConfig, SeedConfig, SourceConfig, TestConfig
    from dbt.contracts import project, selection
    from dbt.contracts.graph import nodes, unparsed

    import orchestration.dbt_process  # noqa: F401

    for described in (
        project.ProjectFlags, project.ProfileConfig, project.Project, project.PackageConfig,
        project.Configuration, selection.SelectorFile, ModelConfig, SeedConfig, SourceConfig,
        TestConfig, nodes.ModelNode, nodes.SeedNode, nodes.SingularTestNode,
        nodes.GenericTestNode, unparsed.UnparsedModelUpdate, unparsed.UnparsedSourceDefinition,
        unparsed.UnparsedNodeUpdate,
    ):  # fmt: skip
        described.json_schema()


def _run(connection: socket.socket) -> int:
    """Become the run that the command asks for, and tell it the exit code.

    The connection closes with the process, when the databases of the run are closed too.
    """
    from orchestration.dbt_process import STARTED_BY, main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    with connection.makefile("rb") as request:
        sys.argv, folder, mask, variables = json.load(request)
    kept_open = connection.detach()
    os.chdir(folder)
    os.umask(mask)
    os.environ.clear()
    os.environ.update(variables)
    os.environ.pop(STARTED_BY, None)  # this process was started by the one that it was forked from
    code = 1
    try:
        main()
        code = 0
    except SystemExit as ended:
        if isinstance(ended.code, str):  # a message, which Python writes and ends with 1
            print(ended.code, file=sys.stderr)  # noqa: T201
        else:
            code = ended.code or 0
    finally:
        os.write(kept_open, bytes([code]))
    return code


if __name__ == "__main__":
    sys.exit(_serve(sys.argv[1]))
