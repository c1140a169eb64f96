"""`register check`: what a supplier is told before a delivery, without a home."""

from __future__ import annotations

import csv
import html
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from interfaces.command_line import app
from orchestration import return_rules
from orchestration.return_rules import CompiledRulesError, ReturnRules
from register.settings import Settings, load_settings
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    MONTH,
    YEAR,
    police_csv,
    report,
    table_csv,
    zipped,
)

CHILDREN = [{"child": "Plantedid1", "dob": "01/02/2012"}, {"child": "C2", "dob": "01/02/2012"}]
EPISODES = [{"child": "Plantedid1", "decom": "01/04/2025", "place": "U6"}]
MISSING = [
    {"child": "Plantedid1", "missing": "M", "mis_start": "05/05/2025", "mis_end": "04/05/2025"},
    {"child": "C2", "missing": "M"},
    {"child": "C3", "missing": "A", "mis_start": "31/02/2026"},
    {"child": "", "missing": "A", "mis_start": "01/02/2026"},
]


def _return(folder: Path, **tables: list[dict[str, str]]) -> Path:
    folder.mkdir()
    rows = {"header": CHILDREN, "episodes": EPISODES, "missing": MISSING, **tables}
    for name, outcome in rows.items():
        (folder / f"{name}.csv").write_bytes(table_csv("authority_return", name, outcome))
    return folder


def _check(path: Path, *more: str, feed: str = "authority_return") -> Result:
    place = {"authority_return": (AUTHORITY, YEAR), "police_reports": (COMPACT, MONTH)}[feed]
    arguments = ["check", str(path), "--feed", feed, "--supplier", place[0], "--period", place[1]]
    return CliRunner().invoke(app, [*arguments, *more])


def test_a_return_is_judged_by_the_rules_of_landing_and_of_the_return(
    rules_folder: Path, tmp_path: Path
) -> None:
    """Prevents an authority from hearing of its mistakes only after it has delivered them."""
    result = _check(_return(tmp_path / "return"), "--json")
    assert result.exit_code == 1, result.output
    outcome = json.loads(result.stdout)
    assert outcome["outcome"] == "accepted_with_quarantine"
    places = [(line["rule_code"], line["file"], line["line"]) for line in outcome["lines"]]
    assert sorted(places) == sorted(
        [
            ("missing_required_value", "missing.csv", "5"),
            ("impossible_date", "missing.csv", "4"),
            ("567", "missing.csv", "2"),
            ("564", "missing.csv", "3"),
            *(("1004", "missing.csv", line) for line in ("3", "4")),
            *(("1012", "missing.csv", line) for line in ("3", "4")),
            ("INT04", "missing.csv", "4"),
        ]
    )
    assert all(line["what_to_fix"] for line in outcome["lines"])
    assert {line["column"] for line in outcome["lines"] if line["rule_code"] == "567"} == {
        "mis_end"
    }


def test_the_check_writes_one_csv_and_one_page_and_no_home(
    rules_folder: Path, tmp_path: Path
) -> None:
    """Prevents a check that leaves a home behind, or that tells of a child."""
    sheet, page = tmp_path / "found.csv", tmp_path / "found.html"
    result = _check(_return(tmp_path / "return"), "--csv", str(sheet), "--html", str(page))
    assert result.exit_code == 1
    assert not (tmp_path / "home").exists()
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    text = page.read_text(encoding="utf-8")
    unescaped = html.unescape(text)
    # Another rule says the same of these two dates.
    repeats = {("564", "3"), ("1004", "4")}
    for row in rows:
        if (row["rule_code"], row["line"]) in repeats:
            continue
        assert f"<li>missing.csv, line {row['line']}</li>" in text
        assert row["title"] in unescaped
        assert row["what_to_fix"] in unescaped
    assert "<dd>6 faults in 7 places</dd>" in text
    assert "http" not in text
    for messages in (result.output, text, sheet.read_text(encoding="utf-8")):
        assert "Give MIS_START as dd/mm/yyyy" in " ".join(messages.replace("│", " ").split())
        assert "Plantedid1" not in messages
        assert "2012" not in messages


def test_last_years_return_is_compared_where_it_is_given(
    rules_folder: Path, tmp_path: Path
) -> None:
    """Prevents the one rule about two returns from being passed over unseen."""
    good = {"child": "C1", "dob": "01/02/2012"}
    episode = {"child": "C1", "decom": "01/04/2024", "place": "U6"}
    new = {**good, "missing": "M", "mis_start": "05/05/2025", "mis_end": "06/05/2025"}
    this = _return(tmp_path / "this", header=[good], episodes=[episode], missing=[new])
    alone = _check(this)
    assert alone.exit_code == 0, alone.output
    assert "Rule 576 was not checked" in alone.output
    left_open = {**good, "missing": "M", "mis_start": "01/03/2025"}
    before = _return(tmp_path / "last", header=[good], episodes=[episode], missing=[left_open])
    both = _check(this, "--last-year", str(before), "--json")
    assert [line["rule_code"] for line in json.loads(both.stdout)["lines"]] == ["576"]
    assert both.exit_code == 1


def test_a_good_delivery_ends_with_0_and_a_zip_is_checked_as_its_files(
    rules_folder: Path, tmp_path: Path
) -> None:
    """Prevents a script from sending what would be refused, or holding back what is good."""
    (tmp_path / "good.csv").write_bytes(police_csv("compact", [report(1), report(2)]))
    good = _check(tmp_path / "good.csv", feed="police_reports")
    assert (good.exit_code, good.output.splitlines()[0]) == (
        0,
        f"police_reports of {COMPACT} for {MONTH}: Would be accepted; 2 records, 2 of them land;"
        " 0 lines of feedback",
    )
    broken = police_csv("compact", [report(1, reported_at="31/02/2026")])
    (tmp_path / "bad.zip").write_bytes(zipped({"reports.csv": broken}))
    bad = _check(tmp_path / "bad.zip", "--json", feed="police_reports")
    assert bad.exit_code == 1
    line, record = json.loads(bad.stdout)["lines"]
    assert (line["rule_code"], line["line"]) == ("nothing_landed", "2")
    assert (record["rule_code"], record["line"]) == ("impossible_date", "2")
    assert line["column"] == record["column"] == "Reported"
    assert not rules_folder.exists()


@pytest.mark.parametrize(
    ("more", "code"), [(("--feed", "hospitals"), 2), (("--period", "2025-27"), 1)]
)
def test_what_cannot_be_checked_is_said(
    rules_folder: Path, tmp_path: Path, more: tuple[str, str], code: int
) -> None:
    """Prevents an empty answer to a wrong question from being taken for praise."""
    assert _check(_return(tmp_path / "return"), *more).exit_code == code
    assert _check(tmp_path / "none").exit_code == 3


def test_rules_are_compiled_once_for_each_version_of_the_models(
    rules_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents each check from starting dbt, or rules of yesterday from being applied."""
    folder = _return(tmp_path / "return")
    first = _check(folder)
    assert "impossible_date" in first.stdout
    (file,) = rules_folder.glob("*.json")
    monkeypatch.setattr(return_rules, "_compile_rules", lambda _: pytest.fail("compiled again"))
    assert _check(folder).stdout == first.stdout
    file.rename(file.with_name("0000000000000000.json"))
    with pytest.raises(pytest.fail.Exception, match="compiled again"):
        return_rules.load_return_rules(load_settings())


def test_rules_that_read_another_model_are_refused(manifest: dict[str, Any]) -> None:
    """Prevents a check that silently runs rules without what they read."""
    nodes = dict(manifest["nodes"])
    rules = dict(nodes[return_rules.RULES])
    rules["depends_on"] = {"nodes": [*rules["depends_on"]["nodes"], "model.national_register.x"]}
    other = {"config": {"materialized": "table"}, "resource_type": "model", "depends_on": {}}
    nodes |= {return_rules.RULES: rules, "model.national_register.x": other}
    with pytest.raises(CompiledRulesError, match=r"model\.national_register\.x"):
        ReturnRules.from_manifest({"nodes": nodes})


@pytest.mark.drill
def test_an_installation_compiles_its_own_rules(
    manifest: dict[str, Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a first check that fails where no load has ever run. Starts dbt: a drill."""
    monkeypatch.setattr(return_rules, "rules_folder", lambda _: settings.home / "kept")
    compiled = return_rules.load_return_rules(settings)
    assert compiled.rules == ReturnRules.from_manifest(manifest).rules
