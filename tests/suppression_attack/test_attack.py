"""The attack finds what bad releases give away, and names it by file and cell."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from suppression_attack import DescriptionError, attack
from suppression_attack.__main__ import main
from suppression_attack.search import Search
from tests.suppression_attack.tables import write_release

# Authority 201 has 4 children looked after of 24, 202 has 6 of 36, 203 has 30 of 90.
SAFE = {
    "E92000001": ["150", "40", "110"],
    "E12000001": ["150", "40", "110"],
    "201": ["24", "c", "c"],
    "202": ["36", "c", "c"],
    "203": ["90", "30", "60"],
}
KEY = "children: 2026, Local authority, 201, care_status=Looked after, child_count"


def test_a_release_that_gives_nothing_away_passes(tmp_path: Path) -> None:
    """Prevents an attack that cries wolf, so that its findings are not read any more."""
    report = attack([write_release(tmp_path / "safe", {"children": SAFE})])
    assert report.is_safe, report.findings
    assert (sum(report.hidden.values()), sum(report.cells.values())) == (4, 15)


def test_usual_secondary_suppression_of_exact_counts_is_caught(tmp_path: Path) -> None:
    """Prevents two hidden counts in each sum from being taken for protection: 3 is 1 and 2."""
    figures = SAFE | {
        "E92000001": ["150", "33", "117"],
        "E12000001": ["150", "33", "117"],
        "201": ["24", "c", "c"],
    }
    report = attack([write_release(tmp_path / "usual", {"children": figures})])
    assert f"usual: {KEY}" in {each.key for each in report.of_kind("too narrow")}
    assert {each.file for each in report.too_narrow} == {"children"}


def test_one_secondary_count_that_is_shown_again_is_caught(tmp_path: Path) -> None:
    """Prevents a slip of one cell: with 202 shown, 201 follows from its region."""
    figures = SAFE | {"202": ["36", "6", "30"]}
    report = attack([write_release(tmp_path / "slip", {"children": figures})])
    assert f"slip: {KEY}" in {each.key for each in report.exact}


def test_an_average_from_true_counts_is_caught(tmp_path: Path) -> None:
    """Prevents percentages made from true counts beside rounded ones from telling the true ones."""
    counts = {"201": ["25", "c", "c"], "202": ["35", "c", "c"], "203": ["90", "30", "60"]}
    percents = {"201": ["100.0", "16.7", "c"], "202": ["100.0", "c", "c"], "203": ["100.0"] * 3}
    figures = {
        area: [
            {"child_count": count, "child_percent": percent}
            for count, percent in zip(counts[area], percents[area], strict=True)
        ]
        for area in counts
    }
    derived = {
        "file": "children",
        "measure": "child_percent",
        "formula": "ratio",
        "times": 100,
        "from": [
            {"measure": "child_count"},
            {"measure": "child_count", "where": {"care_status": "Total"}},
        ],
    }
    folder = write_release(
        tmp_path / "average",
        {"children": figures},
        rounding={"Local authority": 5},
        ties=[],
        derived=[derived],
    )
    report = attack([folder])
    leaks = {each.key for each in report.of_kind("true counts")}
    assert KEY.replace("child_count", "child_percent") in leaks
    assert KEY.replace("201", "202").replace("child_count", "child_percent") not in leaks
    # Of 23 to 27 children, 16.65 to 16.75 per cent are 4 alone.
    assert f"average: {KEY}" in {each.key for each in report.exact}


def test_a_table_that_is_hidden_in_one_file_of_two_is_caught(tmp_path: Path) -> None:
    """Prevents a count from being hidden in one file and printed in another."""
    open_table = SAFE | {"201": ["24", "4", "20"]}
    same = {
        "name": "one number",
        "same": [{"file": name, "measure": "child_count"} for name in ("children", "again")],
    }
    folder = write_release(tmp_path / "two", {"children": SAFE, "again": open_table}, ties=[same])
    keys = {each.key for each in attack([folder]).of_kind("shown elsewhere")}
    assert f"two: {KEY}" in keys


def test_a_complement_of_three_children_is_caught(tmp_path: Path) -> None:
    """Prevents a count that is not printed, Total less Looked after, from being forgotten."""
    figures = {"201": ["43", "40"], "202": ["36", "20"]}
    rest = {
        "name": "not looked after",
        "complement": {
            "of": {
                "file": "children",
                "measure": "child_count",
                "where": {"care_status": "Total"},
            },
            "parts": [
                {
                    "file": "children",
                    "measure": "child_count",
                    "where": {"care_status": "Looked after"},
                }
            ],
        },
    }
    report = attack([write_release(tmp_path / "rest", {"children": figures}, ties=[rest])])
    assert any("201" in each.key and "3 to 3" in each.detail for each in report.exact)


def test_counts_that_cannot_all_hold_are_named_and_fail(tmp_path: Path) -> None:
    """Prevents contradictions from being dropped, and everything then from looking safe."""
    figures = SAFE | {"203": ["95", "30", "60"]}
    report = attack([write_release(tmp_path / "wrong", {"children": figures})])
    assert any(
        "203" in each.key or "E12000001" in each.key for each in report.of_kind("contradiction")
    )


def test_a_year_that_was_carried_over_is_one_number_in_both_releases(tmp_path: Path) -> None:
    """Prevents a later release from hiding what an earlier one shows, or the other way round."""
    first = write_release(tmp_path / "first", {"children": SAFE})
    later = SAFE | {"202": ["36", "6", "30"]}
    second = write_release(tmp_path / "second", {"children": later}, before="first", replaced={})
    keys = {each.key for each in attack([first, second]).findings}
    assert f"first: {KEY.replace('201', '202')}" in keys
    replaced = {"2026": ["202"]}
    third = write_release(tmp_path / "third", {"children": SAFE}, before="first", replaced=replaced)
    assert attack([first, third]).is_safe


MEASURES = ("child_count", "episode_count", "repeat_child_count")


def _ruled(folder: Path, counts: dict[str, tuple[str, str, str]], **changes: object) -> Path:
    """A release of one row an area: children, episodes and children with several."""
    figures = {area: [dict(zip(MEASURES, each, strict=True))] for area, each in counts.items()}
    cells = {"files": ["children"], "measures": ["child_count", "repeat_child_count"]}
    return write_release(
        folder,
        {"children": figures},
        counts=MEASURES,
        rounding={"Regional": 1, "Local authority": 5},
        smallest_shown=8,
        dominance_share=0.9,
        ties=[{"name": "areas", "add": {"over": "regions"}, "cells": cells}, *changes.values()],
    )


def _pattern(measure: str) -> dict[str, str]:
    return {"file": "children", "measure": measure}


def test_printed_episodes_say_how_many_children_a_hidden_count_has_at_least(
    tmp_path: Path,
) -> None:
    """Prevents a reader who knows the rule of few children from knowing more than the attack."""
    counts = {
        "E12000001": ("37", "95", "45"),
        "201": ("c", "25", "15"),
        "202": ("15", "35", "15"),
        "203": ("15", "35", "15"),
    }
    key = "children: 2026, Local authority, 201, care_status=Total, child_count"
    assert attack([_ruled(tmp_path / "unsaid", counts)]).is_safe
    behind = {"children": _pattern("child_count"), "printed": _pattern("episode_count")}
    rule = {"name": "children behind", "behind": behind}
    (finding,) = attack([_ruled(tmp_path / "said", counts, rule=rule)]).findings
    assert (finding.key, finding.kind, finding.detail) == (f"said: {key}", "too narrow", "8 to 11")
    hidden = counts | {"201": ("c", "c", "15")}
    assert attack([_ruled(tmp_path / "hidden", hidden, rule=rule)]).is_safe


def test_printed_episodes_say_that_more_than_two_children_had_several(tmp_path: Path) -> None:
    """Prevents a reader who knows the rule of dominance from knowing more than the attack."""
    counts = {
        "E12000001": ("45", "220", "32"),
        "201": ("15", "160", "c"),
        "202": ("15", "35", "15"),
        "203": ("15", "35", "15"),
    }
    assert attack([_ruled(tmp_path / "unsaid", counts)]).is_safe
    sides = {"several": "repeat_child_count", "episodes": "episode_count"}
    dominance = {
        name: _pattern(each) for name, each in (sides | {"children": "child_count"}).items()
    }
    rule = {"name": "two children", "dominance": dominance}
    (finding,) = attack([_ruled(tmp_path / "said", counts, rule=rule)]).findings
    assert (finding.kind, finding.detail) == ("too narrow", "3 to 6")


def test_true_counts_outside_their_intervals_are_reported(tmp_path: Path) -> None:
    """Prevents a tie that is not true: it makes intervals narrow where nothing is known."""
    folder = write_release(tmp_path / "safe", {"children": SAFE})
    head = "release,file,time_period,geographic_level,area_code,filter_values,measure,value\n"
    line = "safe,children,2026,Local authority,{},care_status=Looked after,child_count,{}\n"
    true = tmp_path / "true.csv"
    true.write_text(head + line.format("201", 4) + line.format("202", 6), encoding="utf-8")
    assert attack([folder], [true]).is_safe
    true.write_text(head + line.format("203", 31), encoding="utf-8")
    assert [each.kind for each in attack([folder], [true]).findings] == ["truth outside"]


def test_what_the_description_does_not_name_is_refused(tmp_path: Path) -> None:
    """Prevents a file from being published that nobody looked at."""
    folder = write_release(tmp_path / "safe", {"children": SAFE, "more": SAFE})
    description = yaml.safe_load((folder / "ties.yaml").read_text(encoding="utf-8"))
    del description["files"]["more"]
    (folder / "ties.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    with pytest.raises(DescriptionError, match="more"):
        attack([folder])


def test_a_level_without_a_rounding_is_refused(tmp_path: Path) -> None:
    """Prevents counts of a forgotten level from being taken for exact."""
    folder = write_release(
        tmp_path / "safe", {"children": SAFE}, rounding={"National": 1, "Regional": 1}
    )
    with pytest.raises(DescriptionError, match="rounding"):
        attack([folder])


def test_a_quick_attack_stops_at_what_sums_one_by_one_give_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents minutes for a release that a moment shows unsafe, and a safe one half seen."""
    figures = SAFE | {"202": ["36", "6", "30"]}
    slip = write_release(tmp_path / "slip", {"children": figures})
    report = attack([slip])
    looked: list[Search] = []
    run = Search.run
    monkeypatch.setattr(Search, "run", lambda search: looked.append(search) or run(search))
    quick = attack([slip], is_quick=True)
    assert not looked
    assert quick.exact
    assert set(quick.findings) <= set(report.findings)
    assert attack([write_release(tmp_path / "safe", {"children": SAFE})], is_quick=True).is_safe
    assert looked


def test_the_command_says_by_its_exit_code_what_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prevents a pipeline from going on with a release that gives counts away."""
    safe = write_release(tmp_path / "safe", {"children": SAFE})
    slip = write_release(tmp_path / "slip", {"children": SAFE | {"202": ["36", "6", "30"]}})
    assert main([str(safe)]) == 0
    assert main([str(slip), "--json", str(tmp_path / "report.json")]) == 1
    assert KEY in capsys.readouterr().out
    assert '"exact": 2' in (tmp_path / "report.json").read_text(encoding="utf-8")
    assert main([str(tmp_path / "nowhere")]) == 2
