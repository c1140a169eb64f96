"""What operators copy: units and containers are made of commands that exist."""

from __future__ import annotations

import configparser

import pytest
import yaml
from typer.main import get_command

from interfaces.command_line import app
from register.settings import PROJECT_ROOT, load_settings

FOLDER = PROJECT_ROOT / "docs" / "deployment"
CHECK_OUT, BACKUPS = "/opt/register/", "/var/backups/register"


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
    settings = load_settings(variables | key | ring)
    assert str(settings.home) == "/srv/register"
    assert settings.backup.place == BACKUPS


def test_the_timer_starts_the_backup_before_the_load() -> None:
    """Prevents a backup that nothing starts, or that cannot write where it has to."""
    timer = _unit("register-backup.timer")["Timer"]
    assert timer["OnCalendar"].endswith("02:00:00")
    service = _unit("register-backup.service")["Service"]
    assert service["Type"] == "oneshot"
    command = service["ExecStart"].removeprefix(f"{CHECK_OUT}.venv/bin/").split()
    _parses(command)
    assert command == ["register", "backup"]
    # The home too: the copy from which a backup is made.
    assert {"/srv/register", BACKUPS} <= set(service["ReadWritePaths"].split())
