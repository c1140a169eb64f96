"""`python -m benchmarks.nations`: simulated nations of several profiles and seeds, compared.

Each nation is simulated and loaded into its own home, as an operator would do. With `--keep`, homes
in this folder are used again. The comparison uses only what was published. Reasons are compared
with a baseline that needs no rule. Links are compared with the truth. For the share known to both
sources, the published intervals that contain the true share are counted. The rules were developed
on the standard nation, so only the harder nation shows how good they are.

`--unseen 10` judges ten harder nations whose seeds follow from the release, so that nobody chooses
them (`name_unseen_seeds`). With several nations, the last column has the worst value of each
measure. `--output benchmarks/nations.json` saves the measurements for `benchmarks.nations_page`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from register.publishing import current_generation
from register.settings import Settings, load_settings

app = typer.Typer(add_completion=False)
# The simplest baseline gives this reason (D1, missing from home) to every disagreement. It is right
# for children who lived at home.
ALWAYS = "D1"
REASONS = """
    with known as (
        select *, true_reason_code != 'D1' as is_not_home
        from quality.agg_reason_confusion
        where true_reason_code != 'unknown'
    )
    select
        sum(row_count),
        sum(row_count) filter (where is_right) / sum(row_count),
        sum(row_count) filter (where true_reason_code = $always) / sum(row_count),
        sum(row_count) filter (where is_right and is_not_home)
            / sum(row_count) filter (where is_not_home),
        (
            select max(of_one) from (
                select sum(row_count) as of_one from known
                where is_not_home group by true_reason_code
            )
        ) / sum(row_count) filter (where is_not_home),
        sum(row_count) filter (where true_reason_code = 'D0'),
        sum(row_count) filter (where true_reason_code = 'D0' and is_right)
            / nullif(sum(row_count) filter (where true_reason_code = 'D0'), 0),
        sum(row_count) filter (where assigned_reason_code = 'D0') / sum(row_count),
    from known
"""
LINKS = """
    select precision, recall from quality.agg_linkage_accuracy_by_group
    where linkage = 'central' and unit = 'pair' and grouping = 'all'
"""
COVERAGE = """
    select
        count(*),
        avg(case when is_counted_within then 1 else 0 end),
        avg(case when is_corrected_within then 1 else 0 end),
    from quality.agg_estimates_against_truth_by_area_year
    where
        area_level_code = 'authority' and rule_code = 'register' and linkage_code = 'central'
        and population_code = 'looked_after' and status = 'both'
"""
HEADLINE = """
    select
        count(*),
        avg(case when is_corrected_within then 1 else 0 end),
        avg(corrected_share_upper - corrected_share_lower),
        max(abs(counted_share - true_share)),
    from quality.agg_estimates_against_truth_by_area_year
    where
        area_level_code = 'nation' and rule_code = 'register' and linkage_code = 'central'
        and population_code = 'looked_after' and status = 'both'
"""
# The mean width of the intervals of authorities with 60 to 150 absences. The width depends on the
# number of absences, so only similar authorities are averaged.
AUTHORITIES = """
    select avg(corrected_share_upper - corrected_share_lower)
    from quality.agg_estimates_against_truth_by_area_year
    where
        area_level_code = 'authority' and rule_code = 'register' and linkage_code = 'central'
        and population_code = 'looked_after' and status = 'both'
        and true_total_count between 60 and 150
"""
NOT_TOLD = """
    select
        coalesce(sum(row_count), 0),
        sum(case when is_right then row_count else 0 end) / nullif(sum(row_count), 0),
    from quality.agg_reason_confusion
    where true_reason_code != 'unknown' and assigned_reason_code = 'D4'
"""
# Reasons that are wrong at least as often as right, if given to at least ten rows.
SELDOM_RIGHT = """
    select
        string_agg(
            assigned_reason_code || ' (' || right_count || ' of ' || given_count || ')', ', '
            order by assigned_reason_code
        ),
    from (
        select
            assigned_reason_code,
            cast(sum(row_count) as integer) as given_count,
            cast(coalesce(sum(row_count) filter (where is_right), 0) as integer) as right_count,
        from quality.agg_reason_confusion
        where true_reason_code != 'unknown' and assigned_reason_code != 'D0'
        group by assigned_reason_code
    )
    where given_count >= 10 and right_count * 2 <= given_count
"""


@dataclass(frozen=True)
class Measured:
    """The measurements of one nation; shares are 0 to 1, or None if nothing can be measured."""

    profile: str
    seed: int
    five_lines_share: float | None
    disagreements: int
    right_share: float
    always_home_share: float
    right_share_but_home: float
    commonest_share_but_home: float
    random_omissions: int
    random_omissions_named_unexplained: float | None
    unexplained_share: float
    link_precision: float | None
    link_recall: float | None
    authority_years: int
    truth_within_counted: float | None
    truth_within_corrected: float | None
    nation_years: int
    truth_within_headline: float | None
    headline_width: float | None
    furthest_counted: float | None
    authority_width: float | None
    not_told_count: int
    not_told_right_share: float | None
    seldom_right: str | None


HEADINGS = {
    "profile": "profile",
    "seed": "seed",
    "disagreements": "disagreements",
    "right_share": "reason right",
    "five_lines_share": "reason right, by five plain conditions",
    "always_home_share": "reason right, if it were always D1",
    "right_share_but_home": "reason right, without D1",
    "commonest_share_but_home": "reason right, if always the commonest, without D1",
    "random_omissions": "absences lost at random",
    "random_omissions_named_unexplained": "D0, of absences lost at random",
    "unexplained_share": "D0, of all disagreements",
    "link_precision": "link precision",
    "link_recall": "link recall",
    "authority_years": "authority-years",
    "truth_within_counted": "true share within counted range",
    "truth_within_corrected": "true share within corrected interval",
    "nation_years": "nation-years",
    "truth_within_headline": "true share within the nation's corrected interval",
    "headline_width": "width of that interval",
    "furthest_counted": "largest error of the nation's counted share",
    "authority_width": "width of the interval of an authority with about 100 absences",
    "not_told_count": "disagreements given D4 (not reported to the police)",
    "not_told_right_share": "D4 right, where given",
    "seldom_right": "reasons given ten times or more, at least half wrongly (right of given)",
}
# Measures of simple baseline rules. They say nothing of the register's own quality, so no worst
# value is shown.
BASELINES = ("five_lines_share", "always_home_share", "commonest_share_but_home")
# For these measures the highest value is the worst. For all others the lowest is.
WORST_IS_HIGHEST = ("unexplained_share", "headline_width", "furthest_counted", "authority_width")


@app.command()
def compare(
    profiles: Annotated[
        list[str] | None,
        typer.Option("--profile", help="profile of the simulation; can be repeated"),
    ] = None,
    seeds: Annotated[
        list[int] | None, typer.Option("--seed", help="seed of a nation; can be repeated")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="keep the homes in this folder, and use those that exist")
    ] = None,
    unseen: Annotated[
        int, typer.Option(min=0, help="instead, compare this many harder nations with unseen seeds")
    ] = 0,
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
) -> None:
    """Simulate and load nations, and print a table that compares them."""
    if unseen:
        profiles, seeds = ["harder"], name_unseen_seeds(version("national-register"), unseen)
    comparison_rows = []
    with tempfile.TemporaryDirectory() if keep is None else nullcontext(str(keep)) as folder:
        for profile in profiles or ["standard", "harder"]:
            for seed in seeds or [1, 2]:
                home = Path(folder) / f"{profile}-{seed}"
                settings = load_settings({**os.environ, "REGISTER_HOME": str(home)})
                if current_generation(settings) is None:
                    load_nation(home, profile, seed)
                comparison_rows.append(read_nation(settings))
    typer.echo(as_table(comparison_rows))
    if output:
        figures = {
            "release": version("national-register"),
            "measured_on": datetime.now(tz=UTC).date().isoformat(),
            "nations": [asdict(item) for item in comparison_rows],
        }
        output.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def name_unseen_seeds(release: str, count: int) -> list[int]:
    """Return seeds that follow from the release's name alone, so that nobody can choose them."""
    digests = (hashlib.sha256(f"{release}|{turn}".encode()) for turn in range(count))
    return [int.from_bytes(digest.digest()[:3], "big") for digest in digests]


def load_nation(home: Path, profile: str, seed: int) -> None:
    """Simulate a nation into a home and load it."""
    register = Path(sys.executable).with_name("register")
    environment = {**os.environ, "REGISTER_HOME": str(home)}
    for arguments in (["simulate", "--profile", profile, "--seed", str(seed)], ["load"]):
        ended = subprocess.run([str(register), *arguments], env=environment, check=False)
        # A load whose checks fail may still have published; `read_nation` finds out whether it did.
        if ended.returncode and arguments[0] == "simulate":
            raise typer.Exit(ended.returncode)


def read_nation(settings: Settings) -> Measured:
    """Return the measurements of the current generation of a simulated home.

    Raises `typer.BadParameter` if nothing was published.
    """
    generation = current_generation(settings)
    if generation is None:
        raise typer.BadParameter(f"{settings.home} has no generation: its load failed")
    file = generation.folder / "national_register.duckdb"
    with duckdb.connect(str(file), read_only=True) as database:
        nation = database.execute(
            "select simulation_profile, simulation_seed, five_lines_right_share"
            " from quality.agg_reason_accuracy where status = 'all'"
        ).fetchall()
        reasons = database.execute(REASONS, {"always": ALWAYS}).fetchall()
        links = database.execute(LINKS).fetchall()
        coverage = database.execute(COVERAGE).fetchall()
        (headline,) = database.execute(HEADLINE).fetchall()
        (authorities,) = database.execute(AUTHORITIES).fetchall()
        (not_told,) = database.execute(NOT_TOLD).fetchall()
        (seldom_right,) = database.execute(SELDOM_RIGHT).fetchall()
    (profile, seed, five_lines), (numbers,), (covered,) = nation[0], reasons, coverage
    precision, recall = links[0] if links else (None, None)
    return Measured(
        profile, seed, five_lines, *numbers, precision, recall, *covered, *headline, *authorities,
        *not_told, *seldom_right,
    )  # fmt: skip


def as_table(rows: list[Measured]) -> str:
    """Return a Markdown table with a row for each measure and a column for each nation."""
    names = [f"{row.profile}, seed {row.seed}" for row in rows]
    if len(rows) > 1:
        names.append("the worst")
    lines = ["| | " + " | ".join(names) + " |"]
    lines.append("|---" * (len(names) + 1) + "|")
    for name, heading in HEADINGS.items():
        if name not in ("profile", "seed"):
            values = [getattr(row, name) for row in rows]
            cells = [show_figure(value) for value in values]
            if len(rows) > 1:
                cells.append(show_figure(find_worst(name, values)))
            lines.append(f"| {heading} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def find_worst(name: str, values: list[float | str | None]) -> float | None:
    """Return a share's worst value over the nations; None for a count or a baseline."""
    shares = [value for value in values if isinstance(value, float)]
    if not shares or name in BASELINES:
        return None
    return max(shares) if name in WORST_IS_HIGHEST else min(shares)


def show_figure(value: float | str | None) -> str:
    """Return a share in per cent, a count with separators of thousands, or a dash for None."""
    if value is None or isinstance(value, str):
        return value or "-"
    return f"{value:.1%}" if isinstance(value, float) else f"{value:,}"


if __name__ == "__main__":
    app()
