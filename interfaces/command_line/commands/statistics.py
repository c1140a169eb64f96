"""`register statistics`: a release of official statistics, from its announcement to its history."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.command_line.commands.statistics_shown import (
    calendar,
    diff,
    list_releases,
    reproduce,
    show,
    show_results,
    verify,
)
from interfaces.command_line.commands.statistics_steps import (
    chosen,
    end_with_faults,
    person_of,
    refusing,
    report,
    show_progress,
)
from interfaces.command_line.console import FAILED, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import load_settings

if TYPE_CHECKING:
    from official_statistics import checks, releases
    from official_statistics import production as statistics
else:
    statistics = lazy_module("official_statistics.production")
    checks = lazy_module("official_statistics.checks")
    releases = lazy_module("official_statistics.releases")

app = typer.Typer(
    help="Make official statistics: announce, draft, check, sign, approve, publish, revise.",
    no_args_is_help=True,
)
Year = Annotated[int, typer.Argument(metavar="YEAR", help="Year: 2026 ends in March 2026.")]
Release = Annotated[
    str, typer.Argument(metavar="RELEASE", help="A release, such as 2026, or a version, 2026/v1.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who takes this step.")]
Reason = Annotated[str, typer.Option("--reason", metavar="REASON", help="Why.")]
Generation = Annotated[
    str | None,
    typer.Option("--generation", metavar="ID", help="A kept generation."),
]
Provisional = Annotated[
    str,
    typer.Option(
        "--provisional",
        metavar="REASON",
        help="Publish figures of a generation that is not fit for final ones, and say why.",
    ),
]


@app.command()
def announce(
    year: Year,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="Day and time in London: 2026-11-26T09:30.")
    ],
    reason: Reason = "",
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="The head of profession's name.")
    ] = "",
) -> None:
    """Announce the time of a release, or move it."""
    settings, practice = load_settings(), releases.read_practice()
    try:
        moment = datetime.fromisoformat(at) if at != "now" else practice.now
    except ValueError:
        raise typer.BadParameter("write 2026-11-26T09:30, or now", param_hint="--at") from None
    with refusing():
        line = releases.announce(settings, year, moment, practice, releases.Change(reason, by))
    output.print(f"{line.release} is announced for {line.release_at}")


@app.command()
def draft(
    year: Year,
    generation: Generation = None,
    provisional: Provisional = "",
    by: By = "register",
) -> None:
    """Draft a release: count, protect, write files and documents."""
    order = statistics.DraftOrder(year, generation, provisional_reason=provisional)
    _draft(order, by)


@app.command()
def revise(  # noqa: PLR0913, PLR0917 - each is an option of the command
    year: Year,
    scheduled: Annotated[bool, typer.Option("--scheduled", help="A scheduled revision.")] = False,
    correction: Annotated[
        str,
        typer.Option("--correction", metavar="REASON", help="A correction of our error."),
    ] = "",
    reason: Reason = "",
    generation: Generation = None,
    provisional: Provisional = "",
    by: By = "register",
) -> None:
    """Draft a new version of a public release; every state follows again."""
    if scheduled == bool(correction):
        raise typer.BadParameter("give one of them", param_hint="--scheduled, --correction")
    order = statistics.DraftOrder(
        year,
        generation,
        kind="scheduled" if scheduled else "correction",
        reason=correction or reason or "Scheduled revision with later deliveries",
        provisional_reason=provisional,
    )
    _draft(order, by)


def _draft(order: statistics.DraftOrder, by: str) -> None:
    from orchestration.releases import release_tools

    settings = load_settings()
    with refusing():
        version = statistics.draft_release(
            settings,
            order,
            person_of(by, "producer"),
            releases.read_practice(),
            release_tools(show_progress),
        )
    report(settings, version)
    output.print(f"{version.name} is drafted: {version.public}", soft_wrap=True)


@app.command()
def check(
    release: Release,
    by: By = "register",
    as_json: Annotated[bool, typer.Option("--json", help="Write the results as JSON.")] = False,
) -> None:
    """Check a draft against everything that is asked of it; exit code 1 if anything fails."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        results = statistics.check_release(
            settings, version, person_of(by, "producer"), releases.read_practice()
        )
    report(settings, version, results)
    if as_json:
        write_json([{"name": one.name, "faults": one.fault_count} for one in results])
    else:
        show_results(results)
    end_with_faults(sum(one.fault_count for one in results))


@app.command()
def note(
    release: Release,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A data set, without .csv.")],
    words: Annotated[str, typer.Argument(metavar="WORDS", help="Why its figures moved.")],
) -> None:
    """Note why figures of a file moved since the version before; then check again."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        releases.check_step(version, "draft")
        checks.add_note(version, file, words)
    output.print(f"noted on {file} of {version.name}")


@app.command()
def sign(
    release: Release,
    by: By,
    role: Annotated[str, typer.Option("--role", help="The role: producer.")] = "producer",
) -> None:
    """Sign a checked release, as its producer."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        show_results(checks.read_checks(version))
        releases.sign_version(settings, version, person_of(by, role), releases.read_practice())
    report(settings, version)
    output.print(f"{version.name} is signed: {releases.hash_public_files(version)}", soft_wrap=True)


@app.command()
def approve(
    release: Release,
    by: By,
    role: Annotated[
        str, typer.Option("--role", help="The role: head_of_profession.")
    ] = "head_of_profession",
) -> None:
    """Approve a signed release, as the head of profession, who is another person."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        show_results(checks.read_checks(version))
        releases.approve(settings, version, person_of(by, role), releases.read_practice())
    report(settings, version)
    output.print(
        f"{version.name} is approved: {releases.hash_public_files(version)}", soft_wrap=True
    )


@app.command(name="pre-release")
def pre_release(
    release: Release,
    to: Annotated[
        list[str], typer.Option("--to", metavar="ROLE", help="A role, never a name; several times.")
    ],
    reason: Reason,
    by: By = "register",
) -> None:
    """Give roles a release at most a day before its time; the list is published with it."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        person = person_of(by, "producer", reason)
        folder = releases.give_pre_release(settings, version, to, person, releases.read_practice())
    report(settings, version)
    output.print(f"{version.name} is in pre-release: {folder}", soft_wrap=True)


@app.command()
def publish(
    release: Release,
    by: By = "register",
    late: Annotated[
        str, typer.Option("--late", metavar="REASON", help="Why it goes out after its time.")
    ] = "",
) -> None:
    """Publish an approved release at or after its announced time."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        releases.publish(
            settings, version, person_of(by, "producer"), releases.read_practice(), late
        )
    report(settings, version)
    output.print(f"{version.name} is published: {version.public}", soft_wrap=True)


@app.command()
def withdraw(
    release: Release,
    reason: Annotated[str, typer.Argument(metavar="REASON", help="Why, for everybody to read.")],
    by: By,
    approved_by: Annotated[
        str, typer.Option("--approved-by", metavar="NAME", help="Who approves; another person.")
    ],
) -> None:
    """Withdraw a public version: its files stay, its page says why, the link goes back."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        statistics.withdraw_release(
            settings,
            version,
            person_of(by, "producer", reason),
            approved_by,
            releases.read_practice(),
        )
    report(settings, version)
    output.print(f"{version.name} is withdrawn")


@app.command()
def export(
    release: Release,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="A new or an empty folder.")],
    withdrawn: Annotated[
        bool, typer.Option("--withdrawn", help="Also a version that is withdrawn.")
    ] = False,
) -> None:
    """Copy the public files of a published version to a folder that everybody can read."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        files = releases.export_release(settings, version, to.resolve(), allows_withdrawn=withdrawn)
    output.print(f"{len(files)} files of {version.name} are in {to}", soft_wrap=True)


@app.command()
def attack(
    release: Release,
    as_json: Annotated[bool, typer.Option("--json", help="Write the report as JSON.")] = False,
) -> None:
    """Attack the public files of a release and all before it; exit code 1 if a count is found."""
    settings = load_settings()
    with refusing():
        version = chosen(settings, release)
        before = [one for one in releases.list_known_versions(settings) if one != version]
        findings = list(statistics.attack_files([*before, version]))
    if as_json:
        write_json(findings)
    for finding in findings if not as_json else ():
        output.print(finding, markup=False, highlight=False)
    if findings:
        stop(f"{len(findings)} findings", FAILED)
    if not as_json:
        output.print(f"nothing is found in {version.name} and {len(before)} before it")


app.command(name="list")(list_releases)
app.command()(show)
app.command()(calendar)
app.command()(diff)
app.command()(verify)
app.command()(reproduce)
