"""Queries of `register statistics` that read releases, and functions for all its commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import checks, official_statistics, production, releases
from register.home import prepare_home
from register.settings import Settings, load_settings

Release = Annotated[
    str,
    typer.Argument(
        metavar="RELEASE", help="Version of a release, such as 2026/v1; 2026 is its newest version."
    ),
]


Before = Annotated[
    str,
    typer.Argument(
        metavar="BEFORE",
        help="The earlier version, such as 2026/v1; 2026 is the newest version of 2026.",
    ),
]
After = Annotated[
    str,
    typer.Argument(
        metavar="AFTER",
        help="The later version, such as 2026/v2; 2026 is the newest version of 2026.",
    ),
]


@contextmanager
def stop_on_refusal() -> Iterator[None]:
    """End the command with a message if a step in the block is refused or fails."""
    from orchestration.dbt import DbtError

    with console.stop_on(releases.ReleaseError, DbtError, ValueError):
        yield


def find_version(settings: Settings, name: str) -> releases.Version:
    """Return the release version that the user named."""
    prepare_home(settings)
    return releases.version_named(settings, name)


def show_progress(words: str) -> None:
    """Show the progress of a step while it runs."""
    console.notices.print(words, markup=False)


def exit_on_faults(count: int) -> None:
    """End the command with exit code 1 if there are faults."""
    if count:
        raise typer.Exit(console.FAILED)


def list_releases(as_json: console.AsJson = False) -> None:
    """List the versions of all releases, with their states."""
    settings = load_settings()
    latest = releases.latest_version(settings)
    rows = [
        {
            "version": version.name,
            "state": version.state,
            "published_at": version.published_at,
            "latest": version == latest,
        }
        for version in releases.list_versions(settings)
    ]
    if as_json:
        console.write_json(rows)
        return
    console.show_table(
        console.format_count(len(rows), "version"),
        ["version", "state", "published at", "latest"],
        (
            [
                str(row["version"]),
                str(row["state"]),
                str(row["published_at"]),
                "yes" if row["latest"] else "",
            ]
            for row in rows
        ),
    )


def show(release: Release, as_json: console.AsJson = False) -> None:
    """Show the steps taken with a version, who took them, and the results of its checks."""
    settings = load_settings()
    with stop_on_refusal():
        version = find_version(settings, release)
        events = version.read_events()
        results = checks.read_checks(version)
    if as_json:
        console.write_json(
            {
                "version": version.name,
                "folder": str(version.folder),
                "events": [asdict(event) for event in events],
                "checks": [asdict(result) for result in results],
            }
        )
        return
    console.show_table(
        f"{version.name} is {version.state}",
        ["state", "who", "role", "at", "public files", "words"],
        (
            [
                event.state,
                f"{event.who} ({event.account})" if event.account else event.who,
                event.role,
                event.at[:19],
                event.public_hash[:12],
                event.words,
            ]
            for event in events
        ),
    )
    show_results(results)


def show_results(results: Sequence[checks.CheckResult]) -> None:
    """Show each check with the first faults that it found."""
    for result in results:
        mark = "✓" if result.is_passed else "✗"
        console.output.print(
            f"{mark} {result.title}: {console.format_count(result.fault_count, 'fault')}",
            highlight=False,
        )
        for fault in result.faults[:10]:
            console.output.print(f"    {fault}", markup=False, highlight=False)


def show_calendar(as_json: console.AsJson = False) -> None:
    """Show the announced releases and their times."""
    lines = releases.read_calendar(load_settings())
    if as_json:
        console.write_json([asdict(line) for line in lines])
        return
    columns = ["release", "period", "announced_at", "release_at", "state", "note"]
    console.show_table(
        console.format_count(len(lines), "release"),
        [name.replace("_", " ") for name in columns],
        ([getattr(line, name) for name in columns] for line in lines),
    )


def compare_versions(before: Before, after: After, as_json: console.AsJson = False) -> None:
    """Show how published counts changed from one version to another."""
    settings = load_settings()
    with stop_on_refusal():
        first, second = find_version(settings, before), find_version(settings, after)
        changes = official_statistics.compare_files(first, second)
    rows = [change.build_row("") for change in changes]
    columns = official_statistics.REVISION_COLUMNS
    if as_json:
        console.write_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    headings = [name.replace("_", " ") for name in columns[:-1]]
    console.show_table(f"From {first.name} to {second.name}", headings, (row[:-1] for row in rows))


def show_signers(as_json: console.AsJson = False) -> None:
    """Show the public keys of the people who sign releases, and of the register.

    The JSON is the file for `register statistics verify --signers`.
    """
    signers = releases.list_signers(load_settings())
    if as_json:
        console.write_json([asdict(signer) for signer in signers])
        return
    console.show_table(
        console.format_count(len(signers), "public key"),
        ["!signer", "role", "!public key"],
        ([signer.name, signer.role.replace("_", " "), signer.public_key] for signer in signers),
    )


def verify(
    release: Annotated[
        str | None,
        typer.Argument(
            metavar="[RELEASE]",
            help="Version to check, such as 2026/v1, or with --signers the folder of a copy of"
            " published files; by default all versions.",
        ),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Check all versions, the calendar and the link to the latest release, even if"
            " RELEASE is given.",
        ),
    ] = False,
    signers: Annotated[
        Path | None,
        typer.Option(
            "--signers",
            metavar="FILE",
            help="Also check people's signatures, by the public keys in this file, which"
            " `register statistics signers --json` wrote.",
        ),
    ] = None,
) -> None:
    """Check that release files, events, calendar and `latest` link are unaltered.

    The exit code is 1 if any was altered.
    """
    if signers is not None and release is not None and Path(release).is_dir():
        _verify_copy(Path(release), signers)
        return
    settings = load_settings()
    if words := releases.key_note(settings):
        console.notices.print(words, markup=False, soft_wrap=True)
    with stop_on_refusal():
        known = releases.read_signers(signers) if signers is not None else None
        version = None if release is None or every else find_version(settings, release)
        faults = (
            releases.verify_all(settings)
            if version is None
            else releases.verify_version(settings, version)
        )
        if known is not None:
            faults += releases.verify_signatures(settings, known, version)
    _end_verification([f"{fault.version}: {fault.text}" for fault in faults])


def _verify_copy(folder: Path, signers: Path) -> None:
    """Check a copy of a version's public folder by public keys alone, without the register."""
    with console.stop_on(releases.ReleaseError):
        faults = releases.find_copy_faults(folder, releases.read_signers(signers))
    _end_verification(faults)


def _end_verification(faults: Sequence[str]) -> None:
    for fault in faults:
        console.output.print(fault, markup=False, highlight=False)
    if not faults:
        console.output.print("nothing was changed")
    exit_on_faults(len(faults))


def reproduce(release: Release, as_json: console.AsJson = False) -> None:
    """Draft a version again from its generation or from landing; compare all files byte by byte."""
    from orchestration.releases import release_tools

    settings = load_settings()
    with stop_on_refusal():
        version = find_version(settings, release)
        reproduction = production.reproduce_release(
            settings, version, _rebuild_register, release_tools(show_progress)
        )
    if as_json:
        console.write_json(asdict(reproduction))
    else:
        source = "rebuilt from landing" if reproduction.is_rebuilt else "kept"
        console.output.print(
            f"{reproduction.version}: {reproduction.compared} files compared,"
            f" {len(reproduction.differing)} differ;"
            f" generation {reproduction.generation_id} ({source})",
            soft_wrap=True,
        )
        for name in reproduction.differing:
            console.output.print(f"  {name}", markup=False, highlight=False)
        if reproduction.differing and reproduction.changed_inputs:
            console.output.print(f"changed since then: {', '.join(reproduction.changed_inputs)}")
    exit_on_faults(len(reproduction.differing))


def _rebuild_register(settings: Settings, moment: str) -> None:
    """Build a register in a temporary home, which is removed afterwards together with its log."""
    from interfaces.command_line.progress import open_progress
    from orchestration.dbt import override_environment
    from orchestration.options import LoadOptions
    from orchestration.runner import run_job

    options = LoadOptions(as_known_at=moment)

    with (
        override_environment({"REGISTER_HOME": str(settings.home)}),
        open_progress(settings) as progress,
    ):
        outcome = run_job(settings, "look_back", options, progress)
    if not outcome.is_success:
        errors = "; ".join(outcome.failed_steps.values())
        console.stop(f"the register could not be rebuilt: {errors}")
