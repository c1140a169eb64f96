"""What a supplier's page says beside its deliveries: its rank, its links and its own past."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from expectations.site import statistic_charts
from expectations.site.contents import Contents
from expectations.site.rendering import counted, percent, words
from expectations.site.samples import Sampled, sample_anchor, sample_path
from expectations.site.sections import Chart, Section, Table, To, interval, number
from expectations.site.sources import Row, by_supplier
from expectations.site.statistics import LEAST_EPISODES

SHARE = "both_when_expected_share"
MONTHS_SHOWN = 60


@dataclass(frozen=True)
class Peers:
    """What each supplier is set beside, put together once for all pages."""

    areas: dict[str, Row]
    ranks: dict[str, tuple[int, int]]
    links: dict[str, Row]
    trends: dict[str, list[Row]]
    breaks: dict[str, list[Row]]


def read_peers(contents: Contents) -> Peers:
    """Rank authorities and forces by agreement, and group links and trends by supplier."""
    levels: dict[str, list[Row]] = defaultdict(list)
    areas = {}
    for row in contents.statistics.areas.rows:
        if row["area_level_code"] in {"authority", "police_force"}:
            areas[row["area_code"]] = row
            if row["both_expected_count"] >= LEAST_EPISODES:
                levels[row["area_level_code"]].append(row)
    ranks = {
        row["area_code"]: (place, len(ranked))
        for ranked in levels.values()
        for place, row in enumerate(sorted(ranked, key=lambda row: -row[SHARE]), start=1)
    }
    return Peers(
        areas=areas,
        ranks=ranks,
        links={row["supplier_code"]: row for row in contents.linkage.links.rows},
        trends=by_supplier(contents.statistics.trends.rows),
        breaks=by_supplier(contents.statistics.breaks.rows),
    )


def supplier_sections(contents: Contents, peers: Peers, code: str) -> list[Section]:
    """The sections of one supplier that have something to say."""
    found = [
        _beside_peers(contents, peers, code),
        _own_past(contents, peers, code),
        _lines(contents, code),
    ]
    return [section for section in found if section is not None]


def _beside_peers(contents: Contents, peers: Peers, code: str) -> Section | None:
    rows: list[list[str]] = []
    sources = []
    if code in peers.areas:
        area = peers.areas[code]
        place, count = peers.ranks.get(code, (0, 0))
        rank = f"{place} of {count}, the most agreement first" if place else "too few to rank"
        rows.append([f"Held by both in {area['collection_year']}", interval(area, SHARE), rank])
        rows.append(["Same category, where both hold", interval(area, "category_equal_share"), ""])
        rows.append(["Category beyond chance (AC1)", number(area["category_ac1"]), ""])
        source = contents.statistics.areas.source
        sources.append(source.narrowed(f"area_code = '{code}'"))
    if code in peers.links:
        link = peers.links[code]
        rows.append(
            [
                "Persons linked to the other source",
                percent(link["linked_count"] / link["person_count"]),
                f"of {counted(link['person_count'])}",
            ]
        )
        sources.append(contents.linkage.links.source.narrowed(f"issuer_code = '{code}'"))
    if not rows:
        return None
    headings = ["Measure", "#This supplier", "Beside its peers"]
    table = Table("Agreement and links beside peers", headings, rows)
    return Section("peers", "Beside its peers", tables=(table,), sources=sources)


def _own_past(contents: Contents, peers: Peers, code: str) -> Section | None:
    rows = peers.trends.get(code, [])
    if not rows:
        return None
    feed = min({row["feed"] for row in rows}, key=lambda name: (name == "authority_return", name))
    months = [row for row in rows if row["feed"] == feed][-MONTHS_SHOWN:]
    steps = [row["month"] for row in months if row["is_break"]]
    values = [{"name": row["month"], "count": row["report_count"]} for row in months]
    drawn = statistic_charts.monthly_counts(values, "Reports a month", steps)
    breaks = [row for row in peers.breaks.get(code, []) if row["feed"] == feed]
    tables = [
        Table(
            "Reports by month, newest first",
            ["Month", "#Reports", "#Mean of the stretch"],
            [
                [
                    row["month"],
                    counted(row["report_count"]),
                    number(row["segment_month_mean"], 1),
                ]
                for row in reversed(months)
            ],
            is_folded=True,
        )
    ]
    if breaks:
        headings = ["From", "Category", "Announced", "#A month before", "#After"]
        listed = [
            [
                row["month"],
                words(row["category_code"]),
                _announced(row),
                number(row["month_mean_before"], 1),
                number(row["month_mean_after"], 1),
            ]
            for row in breaks
        ]
        tables.insert(0, Table("Breaks in recording", headings, listed))
    text = f"{words(feed)}. Broken lines mark months with which a new level of recording begins."
    source = contents.statistics.trends.source.narrowed(f"supplier_code = '{code}'")
    chart = Chart("Reports that start in each month", drawn)
    return Section("trend", "Its own past", (text,), (chart,), tables, (source,))


def _announced(row: Row) -> str:
    """By whom a break is announced: a change of definitions, or the supplier."""
    if row["change_code"]:
        return f"By the supplier: {words(row['change_code'])}"
    return "Yes" if row["is_announced"] else "No: a question to the supplier"


def _lines(contents: Contents, code: str) -> Section | None:
    samples = contents.samples.get(code, [])
    if not samples:
        return None
    path = sample_path(code)
    links = [To(_words(sampled), f"{path}#{sample_anchor(sampled)}") for sampled in samples]
    text = "A few rows behind each figure, with the delivery, file and line of every report."
    return Section("lines", "From figure to file", (text,), links=links)


def _words(sampled: Sampled) -> str:
    kind = {"status": "", "reason_code": "Reason ", "rule_code": "Rule "}[sampled.kind]
    return f"{kind}{sampled.value if kind == 'Reason ' else words(sampled.value)}"
