"""What operators copy: units, containers and the backup are made of commands that exist."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from orchestration.cli import app
from register.settings import PROJECT_ROOT, load_settings

FOLDER = PROJECT_ROOT / "docs" / "deployment"
CHECK_OUT = "/opt/register/"
RESTORE = re.compile(r"Back up (.+?): they cannot be rebuilt", re.DOTALL)


def _unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / name, encoding="utf-8")
    return parser


def _parses(words: list[str]) -> None:
    """Read a command line of `register` without running it."""
    assert words[0] == "register"
    group = get_command(app)
    context = group.make_context("register", words[1:], resilient_parsing=True)
    name, command, rest = group.resolve_command(context, words[1:])
    assert command.make_context(name, list(rest), parent=context).params


# The words with which each service is started; the application listens where the proxy expects it.
STARTED = {
    "webserver": ["register", "ui", "--only", "webserver"],
    "web": ["register", "web", "--port", "8321"],
    "daemon": ["register", "ui", "--only", "daemon"],
}


@pytest.mark.parametrize("part", STARTED)
def test_a_unit_runs_one_of_the_processes(part: str) -> None:
    """Prevents a service that starts nothing, or one process twice."""
    service = _unit(f"register-{part}.service")["Service"]
    command = service["ExecStart"].removeprefix(f"{CHECK_OUT}.venv/bin/").split()
    _parses(command)
    assert command[: len(STARTED[part])] == STARTED[part]
    assert "/srv/register" in service["ReadWritePaths"]
    assert service["UMask"] == "0077"


def test_an_image_takes_no_home_from_a_check_out() -> None:
    """Prevents records of children in an image, and another machine's packages."""
    texts = [
        (place / name).read_text(encoding="utf-8").splitlines()
        for place, name in ((PROJECT_ROOT, ".gitignore"), (FOLDER, "Dockerfile.dockerignore"))
    ]
    untracked, left_out = (
        {line.removeprefix("**/").rstrip("/") for line in each} for each in texts
    )
    assert ".register" in untracked
    assert untracked <= left_out


def test_the_containers_run_the_same() -> None:
    """Prevents containers that drift from the units, and a UI that the network can reach."""
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(services) == set(STARTED)
    for part, service in services.items():
        command = service["command"].split()
        _parses(command)
        assert command[: len(STARTED[part])] == STARTED[part]
        assert "ports" not in service
    assert (FOLDER / services["webserver"]["build"]["context"]).resolve() == PROJECT_ROOT


def test_the_settings_of_the_example_are_read_and_refused_without_a_key() -> None:
    """Prevents an example that starts production with a key that everybody has."""
    lines = (FOLDER / "environment.example").read_text(encoding="utf-8").splitlines()
    variables = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert variables["REGISTER_ENVIRONMENT"] == "production"
    with pytest.raises(ValueError, match="REGISTER_PSEUDONYM_KEY"):
        load_settings(variables)
    key = {"REGISTER_PSEUDONYM_KEY": "kZ8v2QpL5rT9wXyB3nM7cF1dG4hJ6sA0"}
    assert str(load_settings(variables | key).home) == "/srv/register"


def test_a_backup_has_all_that_cannot_be_rebuilt_and_nothing_else(tmp_path: Path) -> None:
    """Prevents a restore that lacks the decisions, and a key in a backup."""
    text = (PROJECT_ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    found = RESTORE.search(text)
    assert found
    parts = re.findall(r"`([\w/]+)/`", found.group(1))
    assert len(parts) > 5
    home, backups = tmp_path / "home", tmp_path / "backups"
    backups.mkdir()
    for part in (*parts, "warehouse", "inbox"):
        (home / part).mkdir(parents=True)
        (home / part / "file").write_text(part)
    old = backups / "register-20260101T000000Z.tar.gz"
    old.touch()
    os.utime(old, (0, 0))
    ran = subprocess.run(
        [
            _unit("register-backup.service")["Service"]["ExecStart"]
            .split()[0]
            .replace(CHECK_OUT, f"{PROJECT_ROOT}/"),
            str(backups),
        ],
        env={"PATH": os.environ["PATH"], "REGISTER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    [archive] = backups.iterdir()
    assert ran.stdout.strip() == str(archive)
    with tarfile.open(archive) as opened:
        names = {name for name in opened.getnames() if name.endswith("/file")}
    assert names == {f"{part}/file" for part in parts}
    assert archive.stat().st_mode & 0o077 == 0


def test_the_timer_starts_the_backup_before_the_load() -> None:
    """Prevents a backup that nothing starts."""
    timer = _unit("register-backup.timer")["Timer"]
    assert timer["OnCalendar"].endswith("02:00:00")
    assert _unit("register-backup.service")["Service"]["Type"] == "oneshot"
