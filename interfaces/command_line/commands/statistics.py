"""`register statistics`: all steps of a release of official statistics, from announcement on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.statistics_queries import (
    Release,
    compare_versions,
    exit_on_faults,
    find_version,
    list_releases,
    reproduce,
    show,
    show_calendar,
    show_progress,
    show_results,
    show_signers,
    stop_on_refusal,
    verify,
)
from interfaces.command_line.commands.statistics_work import run_ordered_work
from interfaces.command_line.lazy_modules import (
    checks,
    production,
    releases,
    statistics_export,
)
from interfaces.command_line.recorded_output import check_author
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

app = typer.Typer(
    help="Make official statistics: announce, draft, check, sign, approve, publish, revise.",
    no_args_is_help=True,
)
Year = Annotated[
    int, typer.Argument(metavar="YEAR", help="Release year: 2026 is the year ending 31 March 2026.")
]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Name of the person who takes this step; in production, the account that runs it.",
        callback=check_author,
    ),
]
Signer = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Name of the person who signs; in production, they sign in `register web` instead.",
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="Sign with the private Ed25519 key in this file; the command asks for its password.",
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="REASON", help="Why this step is taken.")]
Generation = Annotated[
    str | None,
    typer.Option(
        "--generation", metavar="ID", help="The generation to use; by default the current one."
    ),
]
Provisional = Annotated[
    str,
    typer.Option(
        "--provisional",
        metavar="REASON",
        help="Draft provisional figures; REASON says why the generation allows no final figures.",
    ),
]


def _load_key(path: Path | None) -> Ed25519PrivateKey | None:
    """Read a signatory's private key, and ask for its password."""
    if path is None:
        return None
    from register.signatory_keys import load_private_key

    password = str(typer.prompt("Password of the key", default="", hide_input=True))
    with stop_on_refusal():
        return load_private_key(path, password)


def _report_event(
    settings: Settings,
    version: releases.Version,
    results: Sequence[checks.CheckResult] = (),
) -> None:
    """Report a step of a release version to Dagster."""
    from orchestration.releases import report_event

    report_event(settings, version, results)


@app.command()
def announce(
    year: Year,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Time of the release in London time, such as 2026-11-26T09:30.",
        ),
    ],
    reason: Reason = "",
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="The head of profession's name.")
    ] = "",
    key: KeyFile = None,
) -> None:
    """Announce the time of a release, or change an announced time."""
    settings, practice = load_settings(), releases.read_practice()
    try:
        moment = datetime.fromisoformat(at) if at != "now" else practice.now
    except ValueError:
        raise typer.BadParameter("write 2026-11-26T09:30, or now", param_hint="--at") from None
    change = releases.Change(reason, by, _load_key(key))
    with stop_on_refusal():
        line = releases.announce(settings, year, moment, practice, change)
    console.output.print(f"{line.release} is announced for {line.release_at}")


@app.command()
def draft(
    year: Year,
    generation: Generation = None,
    provisional: Provisional = "",
    by: By = "register",
) -> None:
    """Draft a release: count, suppress small counts, and write the files and documents."""
    order = production.DraftOrder(year, generation, provisional_reason=provisional)
    _draft_release(order, by)


@app.command()
def revise(  # noqa: PLR0913, PLR0917 - each is an option of the command
    year: Year,
    scheduled: Annotated[
        bool, typer.Option("--scheduled", help="Draft a scheduled revision.")
    ] = False,
    correction: Annotated[
        str,
        typer.Option(
            "--correction",
            metavar="REASON",
            help="Draft a correction of an error. REASON says what was wrong.",
        ),
    ] = "",
    reason: Reason = "",
    generation: Generation = None,
    provisional: Provisional = "",
    by: By = "register",
) -> None:
    """Draft a new version of a published release. The new version goes through every step again."""
    if scheduled == bool(correction):
        raise typer.BadParameter("give one of them", param_hint="--scheduled, --correction")
    order = production.DraftOrder(
        year,
        generation,
        kind="scheduled" if scheduled else "correction",
        reason=correction or reason or "Scheduled revision with later deliveries",
        provisional_reason=provisional,
    )
    _draft_release(order, by)


def _draft_release(order: production.DraftOrder, by: str) -> None:
    from orchestration.releases import release_tools

    settings = load_settings()
    with stop_on_refusal():
        version = production.draft_release(
            settings,
            order,
            releases.Person(by, "producer"),
            releases.read_practice(),
            release_tools(show_progress),
        )
    _report_event(settings, version)
    console.output.print(f"{version.name} is drafted: {version.public}", soft_wrap=True)


@app.command()
def check(
    release: Release,
    by: By = "register",
    as_json: console.AsJson = False,
) -> None:
    """Check a draft against all rules for a release; exit code 1 if a check fails."""
    settings = load_settings()
    with stop_on_refusal():
        version = find_version(settings, release)
        results = production.check_release(
            settings, version, releases.Person(by, "producer"), releases.read_practice()
        )
    _report_event(settings, version, results)
    if as_json:
        console.write_json(
            [{"name": result.name, "faults": result.fault_count} for result in results]
        )
    else:
        show_results(results)
    exit_on_faults(sum(result.fault_count for result in results))


@app.command()
def note(
    release: Release,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Name of a data set, without .csv.")],
    words: Annotated[str, typer.Argument(metavar="WORDS", help="Why the figures changed.")],
) -> None:
    """Record why figures of a data set changed since the earlier version.

    Run `check` again afterwards.
    """
    settings = load_settings()
    with stop_on_refusal():
        version = find_version(settings, release)
        releases.check_step(version, "draft")
        checks.add_note(version, file, words)
    console.output.print(f"noted on {file} of {version.name}")


@app.command()
def sign(
    release: Release,
    by: Signer = "",
    role: Annotated[
        str, typer.Option("--role", help="Role of the person; only `producer` is allowed.")
    ] = "producer",
    key: KeyFile = None,
) -> None:
    """Sign a checked release, as its producer."""
    settings, person = load_settings(), releases.Person(by, role, key=_load_key(key))
    with stop_on_refusal():
        version = find_version(settings, release)
        show_results(checks.read_checks(version))
        releases.sign_version(settings, version, person, releases.read_practice())
    _report_event(settings, version)
    console.output.print(
        f"{version.name} is signed: {releases.hash_public_files(version)}", soft_wrap=True
    )


@app.command()
def approve(
    release: Release,
    by: Signer = "",
    role: Annotated[
        str,
        typer.Option("--role", help="Role of the person; only `head_of_profession` is allowed."),
    ] = "head_of_profession",
    key: KeyFile = None,
) -> None:
    """Approve a signed release as head of profession, who must not be the person who signed."""
    settings, person = load_settings(), releases.Person(by, role, key=_load_key(key))
    with stop_on_refusal():
        version = find_version(settings, release)
        show_results(checks.read_checks(version))
        releases.approve(settings, version, person, releases.read_practice())
    _report_event(settings, version)
    console.output.print(
        f"{version.name} is approved: {releases.hash_public_files(version)}", soft_wrap=True
    )


@app.command(name="pre-release")
def pre_release(
    release: Release,
    to: Annotated[
        list[str],
        typer.Option(
            "--to", metavar="ROLE", help="Role of the readers, not a name. Can be repeated."
        ),
    ],
    reason: Reason,
    by: By = "register",
) -> None:
    """Give roles access to a release up to 24 hours early. The list of roles is published."""
    settings = load_settings()
    with stop_on_refusal():
        version = find_version(settings, release)
        person = releases.Person(by, "producer", reason)
        folder = releases.give_pre_release(settings, version, to, person, releases.read_practice())
    _report_event(settings, version)
    console.output.print(f"{version.name} is in pre-release: {folder}", soft_wrap=True)


@app.command()
def publish(
    release: Release,
    by: By = "register",
    late: Annotated[
        str,
        typer.Option(
            "--late",
            metavar="REASON",
            help="Why the release is published after its announced time.",
        ),
    ] = "",
) -> None:
    """Publish an approved release at or after its announced time."""
    settings = load_settings()
    with stop_on_refusal():
        version = find_version(settings, release)
        releases.publish(
            settings, version, releases.Person(by, "producer"), releases.read_practice(), late
        )
    _report_event(settings, version)
    console.output.print(f"{version.name} is published: {version.public}", soft_wrap=True)


@app.command()
def withdraw(
    release: Release,
    reason: Annotated[
        str,
        typer.Argument(
            metavar="REASON", help="The reason, which is published on the version's page."
        ),
    ],
    by: By = "",
    approved_by: Annotated[
        str,
        typer.Option(
            "--approved-by",
            metavar="NAME",
            help="Name of a second person, who approves the withdrawal; in production, they sign"
            " in `register web` instead.",
        ),
    ] = "",
    key: KeyFile = None,
) -> None:
    """Withdraw a published version. Its files stay, and the previous version becomes the latest.

    A key is that of the person who approves the withdrawal.
    """
    settings, approver_key = load_settings(), _load_key(key)
    with stop_on_refusal():
        version = find_version(settings, release)
        production.withdraw_release(
            settings,
            version,
            releases.Person(by, "producer", reason),
            releases.Person(approved_by, "head_of_profession", key=approver_key),
            releases.read_practice(),
        )
    _report_event(settings, version)
    console.output.print(f"{version.name} is withdrawn")


@app.command()
def export(
    release: Release,
    to: Annotated[
        Path,
        typer.Option("--to", metavar="FOLDER", help="The folder to write, which is new or empty."),
    ],
    withdrawn: Annotated[
        bool, typer.Option("--withdrawn", help="Also export the pages of withdrawn versions.")
    ] = False,
) -> None:
    """Write a site of all public versions, and a bundle of one for the department's platform.

    Copy FOLDER/site to any web server. FOLDER/explore-education-statistics has the data files and
    texts of RELEASE for Explore Education Statistics.
    """
    settings = load_settings()
    with stop_on_refusal():
        version = find_version(settings, release)
        result = statistics_export.export_release(
            settings,
            version,
            to.resolve(),
            allows_withdrawn=withdrawn,
            progress=show_progress,
        )
    names = ", ".join(each.name for each in result.versions)
    console.output.print(
        f"{console.format_count(len(result.files), 'file')} of {names} are in {to};"
        f" the bundle is of {version.name}",
        soft_wrap=True,
        highlight=False,
    )


@app.command()
def attack(
    release: Release,
    as_json: console.AsJson = False,
) -> None:
    """Try to find suppressed counts in the public files of a version and all published versions.

    Exit code 1 if a suppressed count is found.
    """
    settings = load_settings()
    with stop_on_refusal():
        version = find_version(settings, release)
        before = [item for item in releases.list_known_versions(settings) if item != version]
        findings = list(production.attack_files([*before, version]))
    if as_json:
        console.write_json(findings)
    else:
        for finding in findings:
            console.output.print(finding, markup=False, highlight=False)
    if findings:
        console.stop(console.format_count(len(findings), "finding"), console.FAILED)
    if not as_json:
        console.output.print(f"nothing is found in {version.name} and {len(before)} before it")


app.command(name="list")(list_releases)
app.command()(show)
app.command(name="calendar")(show_calendar)
app.command(name="diff")(compare_versions)
app.command(name="signers")(show_signers)
app.command()(verify)
app.command()(reproduce)
app.command(name="work", hidden=True)(run_ordered_work)
