"""A protected release gives nothing away, and nothing of it is hidden for nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.publication.data_set_files import write_files
from benchmarks.publication.nation_of_episodes import national_year
from official_statistics import DataSet, read_data_sets
from official_statistics.protection import (
    Protected,
    WrongTieError,
    constraint_system,
    protect,
    protection,
    reader_views,
)
from official_statistics.release_rules import read_rules
from suppression_attack import EVERY_AREA, Report, attack

FILES = ("missing_children_by_area", "agreement_by_area", "police_recording_by_area")
# Of two regions and two forces.
AUTHORITIES = ("390", "391", "392", "393", "815", "816")
# Of both parts of London and three other regions.
WITH_LONDON = (
    *("201", "202", "203", "301", "302", "303"),
    *("390", "391", "392", "815", "816"),
)
OLD = "small/2026/v1"
FROM_INSIDE = "unprotected_from_inside"


def _data_sets() -> list[DataSet]:
    return [each for each in read_data_sets() if each.name in FILES]


def _publish(protected: Protected, folder: Path) -> Path:
    """Write the counts alone: there are no percentages to describe."""
    write_files(protected.cells, folder)
    protected.write_ties(folder / "ties.yaml")
    words = (folder / "ties.yaml").read_text(encoding="utf-8")
    (folder / "ties.yaml").write_text(words.split("\nderived:")[0] + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cells() -> pa.Table:
    """The counts of a small invented nation in one year."""
    return national_year(3, children=600, authorities=AUTHORITIES, data_sets=FILES)


@pytest.fixture(scope="module")
def protected(cells: pa.Table) -> Protected:
    """Its release."""
    return protect(cells, _data_sets(), read_rules(), release=OLD)


@pytest.fixture(scope="module")
def report(protected: Protected, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The attack on its release, with the true counts beside."""
    folder = _publish(protected, tmp_path_factory.mktemp("release"))
    true = _write_true_counts(protected, OLD, folder.parent / "true.csv")
    return attack([folder], [true])


def test_counts_that_readers_need_less_are_hidden_for_those_of_wider_areas(
    cells: pa.Table, protected: Protected, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a region's count from being hidden where an authority's would do."""
    monkeypatch.setattr(protection, "_read_importance", lambda names, _: np.ones(len(names)))
    all_alike = protect(cells, _data_sets(), read_rules(), release=OLD)
    assert _hidden_above(protected) < _hidden_above(all_alike)


def test_no_agreement_count_of_a_wide_area_is_hidden_for_nothing(
    protected: Protected, tmp_path: Path
) -> None:
    """Prevents the theme of the release from being lost: each such count would reveal another."""
    rows = protected.cells.to_pylist()
    needless = []
    for number, row in enumerate(rows):
        is_wide = row["geographic_level"] in ("Regional", "National")
        if not is_wide or row["dataset"] != "agreement_by_area" or row["hidden_as"] != "second":
            continue
        shown = [*rows]
        for other, each in enumerate(rows):
            is_same = (each["area_code"], each["value"]) == (row["area_code"], row["value"])
            if is_same and each["hidden_as"] == "second" and each["measure"] == row["measure"]:
                shown[other] = each | {"symbol": None, "shown": _rounded(each)}
        table = pa.Table.from_pylist(shown, protected.cells.schema)
        bare = Protected(table, {}, protected.ties)
        if not attack([_publish(bare, tmp_path / str(number))], is_quick=True).too_narrow:
            needless.append(row["filter_values"])
    assert needless == []


def test_a_release_without_authorities_can_be_protected(cells: pa.Table) -> None:
    """Prevents a release of regions and the nation alone from ending in an error of a look-up."""
    wide = cells.filter(pc.is_in(cells["geographic_level"], pa.array(["Regional", "National"])))
    assert protect(wide, _data_sets(), read_rules(), release=OLD).cells.num_rows == wide.num_rows


def _hidden_above(protected: Protected) -> int:
    """How many counts of regions and the nation are hidden for others."""
    return sum(
        each["hidden_as"] == "second" and each["geographic_level"] in ("Regional", "National")
        for each in protected.cells.to_pylist()
    )


def test_a_count_that_other_regions_leave_open_hides_no_regional_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Prevents regional counts from being hidden because other regions are held at true counts.

    What is left of the nation without its regions, or of London without its other part, is as
    uncertain as all of their roundings, and not as two of them.
    """
    monkeypatch.setattr(reader_views, "MAX_WHOLE_SIZE", 0)
    nation = national_year(6, children=1500, authorities=WITH_LONDON, data_sets=FILES[:1])

    def released() -> Protected:
        return protect(nation, _data_sets()[:1], read_rules(), release=OLD)

    with_other_regions = released()
    monkeypatch.setattr(reader_views, "OTHER_REGION_COUNT", 0)
    without_other_regions = released()
    assert _hidden_above(with_other_regions) < _hidden_above(without_other_regions)
    report = attack([_publish(with_other_regions, tmp_path)])
    assert report.is_safe, report.findings[:5]


def test_the_attack_finds_nothing_in_a_protected_release(report: Report) -> None:
    """Prevents a hidden count from following from all that is shown."""
    assert report.is_safe, report.findings[:5]
    assert sum(report.hidden.values()) > 0


def test_what_the_rules_say_of_printed_counts_is_known_to_the_audit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Prevents a reader who knows the rules from leaving a hidden count four values.

    Where episodes are printed, at least eight children are behind them.
    """
    nation = national_year(3, children=600, authorities=AUTHORITIES, data_sets=FILES)

    def attacked(name: str) -> Report:
        return attack([_publish(protect(nation, _data_sets(), read_rules()), tmp_path / name)])

    assert attacked("known").is_safe
    monkeypatch.setattr(constraint_system, "_record_rule_bounds", lambda *_: None)
    narrow = attacked("unknown").too_narrow
    assert any("child_count" in each.key and each.detail.startswith("8 to") for each in narrow)


def test_small_and_dominated_counts_are_hidden_and_others_rounded(protected: Protected) -> None:
    """Prevents a count of seven children from being printed, or an exact one of more."""
    for each in protected.cells.to_pylist():
        small = each["value"] > 0 and each["child_count"] <= 7
        dominated = each["value"] > 0 and (each["top_two_share"] or 0) >= 0.9
        assert (each["hidden_as"] == "first") is (small or dominated)
        assert (each["symbol"] == "c") is (each["shown"] is None)
        unit = 10 if each["geographic_level"] in ("National", "Regional") else 5
        if each["shown"] is not None:
            assert each["shown"] % unit == 0
            assert -unit / 2 < each["value"] - each["shown"] + 0.5 <= unit / 2 + 0.5


def test_a_cell_is_hidden_in_every_file_or_in_none(protected: Protected) -> None:
    """Prevents one number from being hidden in one file and printed in another."""
    rows = protected.cells.to_pylist()
    first = {
        (each["area_code"], each["filter_values"].split(";")[0]): each["shown"]
        for each in rows
        if each["dataset"] == FILES[0]
        and each["measure"] == "episode_count"
        and "absence_category=Total" in each["filter_values"]
    }
    again = {
        (each["area_code"], each["filter_values"].split(";")[0]): each["shown"]
        for each in rows
        if each["dataset"] == FILES[1]
        and "agreement_scope=All episodes;source_status=Total" in each["filter_values"]
    }
    assert again == first


def test_without_further_suppression_the_attack_finds_counts(
    protected: Protected, tmp_path: Path
) -> None:
    """Prevents secondary suppression that hides for nothing: the thresholds alone do not hold."""
    rows = [
        each | ({"symbol": None, "shown": _rounded(each)} if each["hidden_as"] == "second" else {})
        for each in protected.cells.to_pylist()
    ]
    bare = Protected(pa.Table.from_pylist(rows, protected.cells.schema), {}, protected.ties)
    assert attack([_publish(bare, tmp_path)]).too_narrow


def _rounded(cell: dict[str, object]) -> int:
    unit = 10 if cell["geographic_level"] in ("National", "Regional") else 5
    return (2 * int(str(cell["value"])) + unit) // (2 * unit) * unit


def test_the_same_cells_are_protected_the_same_twice(cells: pa.Table, protected: Protected) -> None:
    """Prevents two drafts of one release from differing, each telling what the other hides."""
    again = protect(cells, _data_sets(), read_rules(), release=OLD)
    assert again.cells.equals(protected.cells)
    assert again.ties == protected.ties


def test_counts_that_do_not_fit_a_tie_stop_the_draft(cells: pa.Table) -> None:
    """Prevents a wrong count or a wrong tie from being published as if it added up."""
    at = pc.index(pc.equal(cells["geographic_level"], "Regional"), True).as_py()
    values = cells["value"].to_pylist()
    values[at] += 40
    column = cells.column_names.index("value")
    wrong = cells.set_column(column, "value", pa.array(values, pa.int64()))
    with pytest.raises(WrongTieError):
        protect(wrong, _data_sets(), read_rules())


def test_a_second_release_beside_the_first_gives_nothing_away(
    cells: pa.Table, protected: Protected, tmp_path: Path
) -> None:
    """Prevents the difference of two releases from telling what each of them hides."""
    later = national_year(4, children=600, authorities=AUTHORITIES, data_sets=FILES)
    replaced = {"390"}
    marks = [area not in replaced for area in protected.cells["area_code"].to_pylist()]
    earlier = _mark(protected.cells, marks)
    second = protect(
        _with_one_replaced(cells, later, "390"),
        _data_sets(),
        read_rules(),
        earlier=[earlier],
        release="small/2026/v2",
    )
    assert set(second.ties["replaced"]["2026"]) >= {"390", "E12000001", "E92000001"}
    assert "391" not in second.ties["replaced"]["2026"]
    first = _publish(protected, tmp_path / "first")
    report = attack([first, _publish(second, tmp_path / "second")])
    assert report.is_safe, report.findings[:5]


def test_a_year_in_which_nothing_changed_keeps_its_pattern_and_proof(
    cells: pa.Table, protected: Protected
) -> None:
    """Prevents a revision from stating that a year is less safe than when it was published.

    If one count differs, or one authority's year was replaced, the year is audited again.
    """
    earlier = _mark(protected.cells)
    second = protect(cells, _data_sets(), read_rules(), [earlier], "small/2026/v2")
    assert second.audit["years"] == [{"year": 2026, "proved_in": OLD}]
    assert second.cells.equals(protected.cells)
    replaced = _mark(protected.cells, pc.not_equal(cells["area_code"], "390").to_pylist())
    third = protect(cells, _data_sets(), read_rules(), [replaced], "small/2026/v2")
    assert third.audit["years"][0]["too_narrow"] == 0


def test_a_year_in_which_only_the_nation_changed_is_audited_again(
    cells: pa.Table, protected: Protected
) -> None:
    """Prevents a count of episodes without an authority from being published without an audit."""
    is_national = pc.equal(cells["geographic_level"], "National")
    doubled = pc.if_else(is_national, pc.multiply(cells["value"], 2), cells["value"])
    changed = cells.set_column(cells.column_names.index("value"), "value", doubled)
    earlier = [_mark(protected.cells)]
    second = protect(changed, _data_sets(), read_rules(), earlier, "small/2026/v2")
    assert second.audit["years"][0]["too_narrow"] == 0


def test_a_count_that_is_printed_in_the_end_is_not_said_to_be_given_away(tmp_path: Path) -> None:
    """Prevents a draft that tells of a fault which none of its files has.

    Nothing could be hidden for one of these counts, and in the end it is printed.
    """
    files = (*FILES, "return_interviews_by_area")
    four = ("330", "350", "921", "943")
    old, new = (
        national_year(seed, children=60, authorities=four, data_sets=files) for seed in (28, 128)
    )
    described = [each for each in read_data_sets() if each.name in files]
    first = protect(old, described, read_rules(), release=OLD)
    marks = [area != "350" for area in first.cells["area_code"].to_pylist()]
    earlier = _mark(first.cells, marks)
    counts = _with_one_replaced(old, new, "350")
    second = protect(counts, described, read_rules(), [earlier], "small/2026/v2")
    assert second.audit["years"][0]["unprotected"] == []
    folders = [_publish(first, tmp_path / "1"), _publish(second, tmp_path / "2")]
    assert attack(folders).is_safe


def _write_true_counts(protected: Protected, release: str, path: Path) -> Path:
    """Write the true counts of a release as the attack reads them."""
    names = ["dataset", "reporting_year", "geographic_level", "area_code"]
    names += ["filter_values", "measure", "value"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["release", "file", "time_period", *names[2:]])
        for each in protected.cells.to_pylist():
            writer.writerow([release, *(each[name] for name in names)])
    return path


def _two_years(corrected: tuple[str, ...] = ()) -> pa.Table:
    """The counts of a small invented nation in two years."""
    return pa.concat_tables(
        national_year(
            year - 2022,
            children=600,
            authorities=AUTHORITIES,
            data_sets=FILES,
            corrected=corrected,
            year=year,
        )
        for year in (2025, 2026)
    )


@pytest.fixture(scope="module")
def three_versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Path]]:
    """Three versions of two years, with a late authority in each: public files, true counts."""
    root, versions, public = (
        tmp_path_factory.mktemp("versions"),
        list[Protected](),
        list[pa.Table](),
    )
    folders, true_counts = [], []
    for number, late in enumerate(("", "390", "815"), start=1):
        if versions:
            last = versions[-1].cells
            marks = [area != late for area in last["area_code"].to_pylist()]
            name = f"small/2026/v{number - 1}"
            marked = last.append_column("release", pa.array([name] * last.num_rows))
            public.append(marked.append_column("is_carried", pa.array(marks)))
        release = f"small/2026/v{number}"
        counts = _two_years(("390", "815")[: number - 1])
        versions.append(protect(counts, _data_sets(), read_rules(), public, release))
        folders.append(_publish(versions[-1], root / str(number)))
        true_counts.append(_write_true_counts(versions[-1], release, root / f"{number}.csv"))
    return folders, true_counts


@pytest.mark.drill
def test_three_versions_of_two_years_give_nothing_away(
    three_versions: tuple[list[Path], list[Path]],
) -> None:
    """Prevents what two differences tell together that neither of them tells alone."""
    report = attack(*three_versions)
    assert len(report.releases) == 3
    assert sum(report.hidden.values()) > 0
    assert report.is_safe, report.findings[:5]


@pytest.mark.drill
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_insiders_find_no_count_of_others_that_the_audit_does_not_state(
    seed: int, tmp_path: Path
) -> None:
    """Prevents a count that an authority or force can work out and that the audit leaves out.

    One number may have several cells, of which the audit names one: areas are compared. Counts of
    regions and the nation, and differences of printed counts, are not compared. Nor are those of a
    force whose authorities are the insider: it counts their children.
    """
    cells = national_year(seed, children=600, authorities=AUTHORITIES, data_sets=FILES)
    protected = protect(cells, _data_sets(), read_rules(), release=OLD)
    folder = _publish(protected, tmp_path / "release")
    true_counts = _write_true_counts(protected, OLD, tmp_path / "true.csv")
    report = attack([folder], [true_counts], insiders=[[EVERY_AREA]])
    # Six authorities, two forces, and the two authorities of a region that has no others.
    assert report.insiders == 9
    assert {each.kind for each in report.findings} <= {"insider"}
    of_others = [
        each
        for each in report.findings
        if any(f", {level}, " in each.key for level in ("Local authority", "Police force area"))
        and "[less its parts" not in each.key
    ]
    stated = {_name_insider(each) for each in protected.audit["years"][0][FROM_INSIDE]}
    pairs = {(each.detail.split(" for ")[1], each.key.split(", ")[2]) for each in of_others}
    assert pairs <= stated | {("815 and 816", "E23000009")}


def _name_insider(text: str) -> tuple[str, str]:
    """Return the insider that an entry of the audit names, and the area that it finds out about."""
    insider, cell = text.split(": ", 1)
    return insider, cell.split("|")[1]


def _with_one_replaced(old: pa.Table, new: pa.Table, authority: str) -> pa.Table:
    """The old counts with those of one authority from the new, sums moved by the difference."""
    key = ("dataset", "area_code", "filter_values", "measure")
    fresh = {tuple(each[name] for name in key): each for each in new.to_pylist()}
    rows = old.to_pylist()
    region = {each["area_code"]: each["parent_code"] for each in rows}[authority]
    force = {each["area_code"]: each["police_force_code"] for each in rows}[authority]
    by_key = {tuple(each[name] for name in key): each for each in rows}
    for each in rows:
        if each["area_code"] != authority:
            continue
        other = fresh[tuple(each[name] for name in key)]
        step = other["value"] - each["value"]
        tail = (each["dataset"], each["filter_values"], each["measure"])
        for area in (region, "E92000001", force):
            sum_of = by_key.get((tail[0], area, tail[1], tail[2]))
            if sum_of is not None:
                sum_of["value"] += step
                sum_of["child_count"] += other["child_count"] - each["child_count"]
        each |= {name: other[name] for name in ("value", "child_count", "top_two_share")}
    return pa.Table.from_pylist(rows, old.schema)


def test_a_year_has_the_counts_of_its_first_release(cells: pa.Table) -> None:
    """Prevents a finer division of a published year from giving away what the year hides."""
    data_sets = _data_sets()
    is_old = pc.invert(pc.match_substring(cells["filter_values"], "absence_category=Away"))
    fewer = cells.filter(is_old)
    first, second = (
        protect(each, data_sets, read_rules(), release=OLD).cells for each in (fewer, cells)
    )
    earlier = [_mark(first), _mark(second)]
    assert is_old.to_pylist().count(False) > 0
    third = protect(cells, data_sets, read_rules(), earlier[:1], "small/2026/v2")
    symbols = third.cells["symbol"].to_pylist()
    assert [symbol != "x" for symbol in symbols] == is_old.to_pylist()
    # Nothing else changed, so the counts that the year had are shown and hidden as before.
    assert third.audit["years"] == [{"year": 2026, "proved_in": OLD}]
    assert third.cells.filter(is_old)["symbol"].equals(first["symbol"])
    # A later release that has more counts does not add them to the year.
    fourth = protect(cells, data_sets, read_rules(), earlier, "small/2026/v3")
    assert [each != "x" for each in fourth.cells["symbol"].to_pylist()] == is_old.to_pylist()
    fifth = protect(cells, data_sets, read_rules(), earlier[1:], "small/2026/v3")
    assert "x" not in fifth.cells["symbol"].to_pylist()


def _mark(cells: pa.Table, is_carried: list[bool] | None = None) -> pa.Table:
    """Return the cells as those of an earlier release, of which the next takes over all or some."""
    marked = cells.append_column("release", pa.array([OLD] * cells.num_rows))
    return marked.append_column("is_carried", pa.array(is_carried or [True] * cells.num_rows))
