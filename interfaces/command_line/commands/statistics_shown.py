"""Looking at releases: lists, one release, the calendar, differences, verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.commands.statistics_steps import (
    chosen,
    end_with_faults,
    refusing,
    show_progress,
)
from interfaces.command_line.console import notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    import official_statistics
    from official_statistics import checks, releases
    from official_statistics import production as statistics
else:
    statistics = lazy_module("official_statistics.production")
    checks = lazy_module("official_statistics.checks")
    releases = lazy_module("official_statistics.releases")
    official_statistics = lazy_module("official_statistics")

AsJson = Annotated[bool, typer.Option("--json", help="Write it as JSON.")]
Release = Annotated[
    str, typer.Argument(metavar="RELEASE", help="A release, such as 2026, or a version, 2026/v1.")
]


def list_releases(as_json: AsJson = False) -> None:
    """List the versions of all releases, with their states."""
    settings = load_settings()
    found = releases.list_versions(settings)
    latest = releases.latest_version(settings)
    rows = [
        {
            "version": one.name,
            "state": one.state,
            "published_at": one.published_at,
            "latest": one == latest,
        }
        for one in found
    ]
    if as_json:
        write_json(rows)
        return
    table = Table(title=f"{len(rows)} versions")
    for column in ("version", "state", "published at", "latest"):
        table.add_column(column)
    for row in rows:
        is_latest = "yes" if row["latest"] else ""
        table.add_row(str(row["version"]), str(row["state"]), str(row["published_at"]), is_latest)
    output.print(table)


def show(release: Release, as_json: AsJson = False) -> None:
    """Show what was done with a version, by whom, and what its checks found."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        events = version.read_events()
        results = checks.read_checks(version)
    if as_json:
        write_json(
            {
                "version": version.name,
                "folder": str(version.folder),
                "events": [asdict(one) for one in events],
                "checks": [asdict(one) for one in results],
            }
        )
        return
    table = Table(title=f"{version.name} is {version.state}")
    for column in ("state", "who", "role", "at", "public files", "words"):
        table.add_column(column, overflow="fold")
    for event in events:
        who = f"{event.who} ({event.account})" if event.account else event.who
        table.add_row(
            event.state, who, event.role, event.at[:19], event.public_hash[:12], event.words
        )
    output.print(table)
    show_results(results)


def show_results(results: Sequence[checks.CheckResult]) -> None:
    """Show each check with the first faults that it found."""
    for result in results:
        mark = "✓" if result.is_passed else "✗"
        output.print(f"{mark} {result.title}: {result.fault_count} faults", highlight=False)
        for fault in result.faults[:10]:
            output.print(f"    {fault}", markup=False, highlight=False)


def calendar(as_json: AsJson = False) -> None:
    """Show what is announced, and when."""
    lines = releases.read_calendar(load_settings())
    if as_json:
        write_json([asdict(line) for line in lines])
        return
    table = Table(title=f"{len(lines)} releases")
    for column in ("release", "period", "announced at", "release at", "state", "note"):
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(
            line.release, line.period, line.announced_at, line.release_at, line.state, line.note
        )
    output.print(table)


def diff(before: Release, after: Release, as_json: AsJson = False) -> None:
    """Show how shown counts moved from one version to another."""
    settings = load_settings()
    with refusing():
        first, second = chosen(settings, before), chosen(settings, after)
        found = [one.build_row("") for one in official_statistics.compare_files(first, second)]
    if as_json:
        columns = official_statistics.REVISION_COLUMNS
        write_json([dict(zip(columns, row, strict=True)) for row in found])
        return
    table = Table(title=f"From {first.name} to {second.name}")
    for column in official_statistics.REVISION_COLUMNS[:-1]:
        table.add_column(column.replace("_", " "))
    for row in found:
        table.add_row(*row[:-1])
    output.print(table)


def verify(
    release: Annotated[
        str | None, typer.Argument(metavar="[RELEASE]", help="A version; without one, --all.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every version, and where the link leads.")
    ] = False,
) -> None:
    """Verify every byte, every event, calendar and link; exit code 1 where one was changed."""
    settings = load_settings()
    if words := releases.key_note(settings):
        notices.print(words, markup=False, soft_wrap=True)
    with refusing():
        if release is None or every:
            faults = releases.verify_all(settings)
        else:
            faults = releases.verify_version(settings, chosen(settings, release))
    for fault in faults:
        output.print(f"{fault.version}: {fault.text}", markup=False, highlight=False)
    if not faults:
        output.print("nothing was changed")
    end_with_faults(len(faults))


def reproduce(release: Release, as_json: AsJson = False) -> None:
    """Draft a version again from its generation, or from landing, and compare byte for byte."""
    from orchestration.releases import release_tools

    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        done = statistics.reproduce_release(
            settings, version, _rebuild, release_tools(show_progress)
        )
    if as_json:
        write_json(asdict(done))
    else:
        source = "rebuilt from landing" if done.is_rebuilt else "kept"
        output.print(
            f"{done.version}: {done.compared} files compared, {len(done.differing)} differ;"
            f" generation {done.generation_id} ({source})",
            soft_wrap=True,
        )
        for name in done.differing:
            output.print(f"  {name}", markup=False, highlight=False)
        if done.differing and done.changed_inputs:
            output.print(f"not what they were: {', '.join(done.changed_inputs)}")
    end_with_faults(len(done.differing))


def _rebuild(settings: Settings, moment: str) -> None:
    """Build a register in a home that is gone afterwards, and its log with it."""
    from interfaces.command_line.progress import load_progress
    from orchestration.dbt import override_environment
    from orchestration.options import LoadOptions
    from orchestration.runner import run_job

    options = LoadOptions(as_known_at=moment)

    with (
        override_environment({"REGISTER_HOME": str(settings.home)}),
        load_progress(settings) as progress,
    ):
        outcome = run_job(settings, "look_back", options, progress)
    if not outcome.is_success:
        errors = "; ".join(outcome.failed_steps.values())
        stop(f"the register could not be rebuilt: {errors}")
