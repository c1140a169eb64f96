"""What the steps of a release share: who takes one, on which version, and how it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from interfaces.command_line.console import FAILED, notices, stop
from interfaces.command_line.lazy import lazy_module
from register.home import prepare_home
from register.settings import Settings

if TYPE_CHECKING:
    from official_statistics import checks, releases
else:
    releases = lazy_module("official_statistics.releases")


@contextmanager
def refusing() -> Iterator[None]:
    """End the command with the rule that refuses a step."""
    from official_statistics.releases import ReleaseError
    from orchestration.dbt import DbtError

    try:
        yield
    except (ReleaseError, DbtError, ValueError) as error:
        stop(str(error), FAILED)


def chosen(settings: Settings, name: str) -> releases.Version:
    """Return the version that a command is about."""
    prepare_home(settings)
    return releases.version_named(settings, name)


def person_of(name: str, role: str, words: str = "") -> releases.Person:
    """Return who takes a step."""
    return releases.Person(name, role, words)


def report(
    settings: Settings, version: releases.Version, results: Sequence[checks.CheckResult] = ()
) -> None:
    """Tell Dagster what became of a version."""
    from orchestration.releases import report_event

    report_event(settings, version, results)


def show_progress(words: str) -> None:
    """Show what a step of a release is doing."""
    notices.print(words, markup=False)


def end_with_faults(count: int) -> None:
    """End the command with code 1 where something was found."""
    if count:
        raise typer.Exit(FAILED)
