"""Three versions of two years, with every file that is public, attacked together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from expectations import write_results
from interfaces.command_line import app
from official_statistics.drafting import export_true_counts
from official_statistics.releases import Version, version_named
from register.settings import Settings, load_settings
from suppression_attack import Report, attack
from tests.dbt.forked import forked_dbt
from tests.statistics.invented_generation import GENERATION_ID, InventedGeneration, Rows, give_rows
from tests.statistics.small_release import rows_of_nation

pytestmark = pytest.mark.drill  # minutes: three releases are counted, protected and attacked

READERS_TIES = Path(__file__).with_name("readers_ties.yaml")
# Of these authorities, every tenth child is delivered before the version of the same number.
LATE = {2: "383", 3: "372"}
YEARS = {"2025-26": "2024-25"}
Say = CliRunner()


@dataclass(frozen=True)
class Published:
    """The public folders of three versions, and the file with the true counts of each."""

    folders: list[Path]
    true_counts: list[Path]


def _rows_of_two_years(number: int) -> dict[str, Rows]:
    """Return the rows of each relation that have been delivered before a version."""
    late = {authority for first, authority in LATE.items() if number < first}
    rows: dict[str, Any] = dict(rows_of_nation())
    rows["fct_publication_episodes"] = [
        _give_categories(row)
        for row in rows["fct_publication_episodes"]
        if row["authority_code_dfe"] not in late or int(row["child_id_register"][1:]) % 10
    ]
    return {name: [*some, *_list_year_before(some)] for name, some in rows.items()}


def _give_categories(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an episode whose categories follow from one another, as those of records do."""
    if row["absence_category"] != "away":
        return dict(row)
    police, authority = row["category_police"], row["category_authority"]
    return {
        **row,
        "absence_category": "away" if authority else "no_apparent_risk",
        "category_police": "no_apparent_risk" if police else None,
        "category_authority": "away" if authority else None,
        "police_risk_level": "no_apparent" if police else "none",
        "is_expected_both": row["is_expected_both"],
    }


def _list_year_before(rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield the same rows of the year before, of other children; none of rows without a year."""
    for row in rows:
        if "collection_year" in row:
            yield {**row, "collection_year": YEARS[row["collection_year"]]}
        elif "reporting_year" in row:
            keys = {name: f"B{row[name]}" for name in ("episode_id_register", "child_id_register")}
            yield {**row, **keys, "reporting_year": row["reporting_year"] - 1}
        elif "period_end" in row:
            yield {**row, "period_end": row["period_end"].replace(year=row["period_end"].year - 1)}


def _take_step(*arguments: str) -> None:
    result = Say.invoke(app, ["statistics", *arguments])
    assert result.exit_code == 0, result.output


def _publish(settings: Settings, number: int) -> Version:
    if number == 1:
        _take_step("announce", "2026", "--at", "now", "--by", "Ann Hill", "--reason", "A test")
        _take_step("draft", "2026", "--provisional", "A test")
    else:
        reason = "Children were delivered late."
        _take_step("revise", "2026", "--correction", reason, "--provisional", "A test")
    version = version_named(settings, f"2026/v{number}")
    for path in version.data.glob("*.meta.csv"):
        _take_step("note", "2026", path.name.removesuffix(".meta.csv"), "Late deliveries")
    _take_step("check", "2026")
    _take_step("sign", "2026", "--by", "Pat Reed")
    _take_step("approve", "2026", "--by", "Ann Hill")
    _take_step("publish", "2026", "--late", "A test")
    return version


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Three versions of two years. In the second and third, a late authority is replaced."""
    root = tmp_path_factory.mktemp("versions")
    project = root / "dbt_project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "dbt_project", property(lambda _: project))
        patch.setattr("orchestration.dbt.dbt_executable", forked_dbt)
        patch.setenv("REGISTER_HOME", str(root / "home"))
        patch.setenv("REGISTER_ENVIRONMENT", "test")
        # The test attacks all versions at the end.
        attack_files = "official_statistics.production.release_check.attack_files"
        patch.setattr(attack_files, lambda _: [])
        settings = load_settings()
        settings.published.mkdir(parents=True)
        InventedGeneration(settings, project)
        write_results(settings, GENERATION_ID, [])
        result = Published([], [])
        for number in (1, 2, 3):
            give_rows(settings, **_rows_of_two_years(number))
            version = _publish(settings, number)
            path = root / f"true_counts_{number}.csv"
            export_true_counts(version, path)
            result.folders.append(version.public)
            result.true_counts.append(path)
    return result


def _attack_as_reader(published: Published, root: Path) -> Report:
    """Attack copies of the public folders, with what readers take for true beside the ties."""
    folders = []
    for number, public in enumerate(published.folders, start=1):
        folder = root / str(number)
        shutil.copytree(public, folder)
        ties = folder / "ties.yaml"
        ties.chmod(0o600)
        described = yaml.safe_load(ties.read_text(encoding="utf-8"))
        described["ties"] += yaml.safe_load(READERS_TIES.read_text(encoding="utf-8"))
        ties.write_text(yaml.safe_dump(described, sort_keys=False), encoding="utf-8")
        folders.append(folder)
    return attack(folders, published.true_counts)


def test_three_versions_with_all_documents_give_nothing_away_to_a_reader(
    published: Published, tmp_path: Path
) -> None:
    """Prevents a count that readers work out from several files, versions, pages and labels."""
    pages = [path for folder in published.folders for path in folder.rglob("*.html")]
    assert len(pages) > len(published.folders)
    report = _attack_as_reader(published, tmp_path)
    assert len(report.releases) == len(published.folders)
    assert sum(report.hidden.values()) > 0
    assert report.is_safe, report.findings[:5]


def test_the_versions_replace_an_authority_each(published: Published) -> None:
    """Prevents an attack on three versions that all have the same counts."""
    last = yaml.safe_load((published.folders[-1] / "ties.yaml").read_text(encoding="utf-8"))
    assert {year: LATE[3] in areas for year, areas in last["replaced"].items()} == {
        "2025": True,
        "2026": True,
    }
    assert not any(LATE[2] in areas for areas in last["replaced"].values())
