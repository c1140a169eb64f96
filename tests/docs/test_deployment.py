"""What operators copy: units, containers and the backup are made of commands that exist."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from interfaces.command_line import app
from register.decision_files import find_decision_faults
from register.home import prepare_home
from register.publishing import current_generation, find_published_faults, publish
from register.settings import PROJECT_ROOT, Settings, load_settings
from tests.publishing.builds import build

FOLDER = PROJECT_ROOT / "docs" / "deployment"
CHECK_OUT = "/opt/register/"
# Folders of a home that are in no backup, and why that is no loss.
NOT_BACKED_UP = {
    "inbox": "suppliers' own, and copied into landing",
    "warehouse": "a load builds it",
    "dagster": "the log of runs and its database",
    "truth": "a simulation's",
    "simulation.json": "a simulation's",
    "resubmissions": "a simulation's",
}
RESTORE = re.compile(r"Back up (.+?): they cannot be rebuilt", re.DOTALL)

PRODUCTION = (
    "register",
    "official_statistics",
    "engines",
    "orchestration",
    "expectations",
    "interfaces",
    "simulation",
)


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
    with pytest.raises(ValueError, match="REGISTER_DATA_KEYS"):
        load_settings(variables | key)
    ring = {"REGISTER_DATA_KEYS_COMMAND": "echo k1 bX4kQ9wZ2tR7yU1nP6sD3fG8hJ5vC0mL"}
    assert str(load_settings(variables | key | ring).home) == "/srv/register"


def _back_up(home: Path, backups: Path) -> Path:
    script = _unit("register-backup.service")["Service"]["ExecStart"].split()[0]
    ran = subprocess.run(
        [script.replace(CHECK_OUT, f"{PROJECT_ROOT}/"), str(backups)],
        env={"PATH": os.environ["PATH"], "REGISTER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(ran.stdout.strip())


def test_every_folder_of_a_home_is_backed_up_or_said_to_be_no_loss(settings: Settings) -> None:
    """Prevents a lost disk that takes a folder along which nobody had thought of."""
    script = (FOLDER / "backup.sh").read_text(encoding="utf-8")
    found = re.search(r"^for part in (.+); do$", script, re.MULTILINE)
    assert found
    backed_up = {part.split("/")[0] for part in found.group(1).split()}
    properties = [name for name, value in vars(Settings).items() if isinstance(value, property)]
    of_settings = {
        value.relative_to(settings.home).parts[0]
        for value in (getattr(settings, name) for name in properties)
        if isinstance(value, Path) and value.is_relative_to(settings.home)
    }
    assert len(of_settings) > 10
    named_elsewhere = {
        name
        for package in PRODUCTION
        for path in (PROJECT_ROOT / package).rglob("*.py")
        for name in re.findall(r"""\bhome / "(\w+)\"""", path.read_text(encoding="utf-8"))
    }
    assert of_settings | named_elsewhere == backed_up | NOT_BACKED_UP.keys()
    assert not backed_up & NOT_BACKED_UP.keys()


def test_a_restored_home_is_whole(settings: Settings, tmp_path: Path) -> None:
    """Prevents a backup that is found to lack something on the day on which it is needed."""
    with (settings.decisions / "links.csv").open("a", encoding="utf-8") as file:
        file.write("2026-11-01T00:00:00Z,A. Person,link,MA,MB,Seen,,seen_on_paper\n")
    publish(settings, build(settings, 1))
    release = settings.statistics / "missing_children" / "2026" / "v1" / "public"
    release.mkdir(parents=True)
    (release / "figures.csv").write_text("figure\n620\n", encoding="utf-8")
    (release / "figures.csv").chmod(0o444)
    release.chmod(0o555)
    settings.models.mkdir()
    (settings.models / "own.json").write_text("{}", encoding="utf-8")
    backups, home = tmp_path / "backups", tmp_path / "restored"
    backups.mkdir()
    with tarfile.open(_back_up(settings.home, backups)) as opened:
        opened.extractall(home, filter="tar")
    restored = replace(settings, home=home)
    prepare_home(restored)
    assert find_decision_faults(restored) == []
    assert find_published_faults(restored) == []
    current = current_generation(restored)
    assert current is not None
    assert current.generation_id == current_generation(settings).generation_id  # type: ignore[union-attr]
    for part in ("statistics", "models", "decisions", "landing"):
        assert _contents(home / part) == _contents(settings.home / part), part
    publish(restored, build(restored, 2))


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_backup_has_all_that_cannot_be_rebuilt_and_nothing_else(tmp_path: Path) -> None:
    """Prevents a restore that lacks the decisions, and a key in a backup."""
    text = (PROJECT_ROOT / "docs" / "how-to" / "restore.md").read_text(encoding="utf-8")
    found = RESTORE.search(text)
    assert found
    parts = re.findall(r"`([\w/]+)/`", found.group(1))
    assert len(parts) > 5
    home, backups = tmp_path / "home", tmp_path / "backups"
    backups.mkdir()
    for part in (*parts, *NOT_BACKED_UP):
        (home / part).mkdir(parents=True, exist_ok=True)
        (home / part / "file").write_text(part)
    old = backups / "register-20260101T000000Z.tar.gz"
    old.touch()
    os.utime(old, (0, 0))
    archive = _back_up(home, backups)
    assert [*backups.iterdir()] == [archive]
    with tarfile.open(archive) as opened:
        names = {name for name in opened.getnames() if name.endswith("/file")}
    assert names == {f"{part}/file" for part in parts}
    assert archive.stat().st_mode & 0o077 == 0


def test_the_timer_starts_the_backup_before_the_load() -> None:
    """Prevents a backup that nothing starts."""
    timer = _unit("register-backup.timer")["Timer"]
    assert timer["OnCalendar"].endswith("02:00:00")
    assert _unit("register-backup.service")["Service"]["Type"] == "oneshot"
