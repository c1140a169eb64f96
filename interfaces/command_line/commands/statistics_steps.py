"""What the steps of a release share: who takes one, on which version, and how it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from interfaces.command_line.console import FAILED, stop
from interfaces.command_line.lazy import lazy_module
from register.home import prepare_home
from register.settings import Settings

if TYPE_CHECKING:
    from orchestration import statistics
    from register.statistics import checks, releases
else:
    statistics = lazy_module("orchestration.statistics")
    releases = lazy_module("register.statistics.releases")


@contextmanager
def refusing() -> Iterator[None]:
    """End the command with the rule that refuses a step."""
    from orchestration.dbt import DbtError
    from register.statistics.releases import ReleaseError

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
    statistics.report_event(settings, version, results)


def end_with_faults(count: int) -> None:
    """End the command with code 1 where something was found."""
    if count:
        raise typer.Exit(FAILED)
