"""A page a supplier: punctuality, completeness, rules broken and agreement, beside the nation."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from expectations.results import Result, wholes
from expectations.site import charts
from expectations.site.contents import Contents
from expectations.site.front_page import Headline
from expectations.site.rendering import Page, counted, percent
from expectations.site.sources import Figures, Row, by_supplier
from expectations.site.supplier_sections import Peers, read_peers, supplier_sections

TYPES = {
    "police": ("Police force", "Police forces"),
    "authority": ("Local authority", "Local authorities"),
    "publisher": ("Publisher of statistics", "Publishers of statistics"),
    "unknown": ("Not in the list of suppliers", "Not in the list of suppliers"),
}


@dataclass(frozen=True)
class Card:
    """What is counted for one supplier."""

    code: str
    name: str
    kind: str
    expected: int
    delivered: int
    late: int
    rejected: int
    quarantined_share: float | None
    breaches: int
    both_share: float | None

    @property
    def type_words(self) -> str:
        """What kind of supplier it is."""
        return TYPES[self.kind][0] if self.kind in TYPES else self.kind


@dataclass(frozen=True)
class SupplierRows:
    """The contents put together by supplier, so that each page is made in one pass."""

    coverage: dict[str, list[Row]]
    deliveries: dict[str, list[Row]]
    completeness: dict[str, list[Row]]
    breaches: dict[str, list[Row]]
    agreement: dict[str, list[Row]]
    results: dict[str, list[Result]]
    peers: dict[str, float]


def group_rows(contents: Contents) -> SupplierRows:
    """Group everything once."""
    results: dict[str, list[Result]] = defaultdict(list)
    for result in contents.results:
        if not result.is_whole and result.scope_kind in {"supplier", "authority"}:
            results[result.scope.rsplit(" ", 1)[-1]].append(result)
    shares: dict[str, list[float]] = defaultdict(list)
    for row in contents.completeness.rows:
        share = _usable_share(row)
        if share is not None:
            shares[_field(row)].append(share)
    return SupplierRows(
        coverage=by_supplier(contents.coverage.rows),
        deliveries=by_supplier(contents.deliveries.rows),
        completeness=by_supplier(contents.completeness.rows),
        breaches=by_supplier(contents.breaches.rows),
        agreement=by_supplier(contents.agreement_by_authority.rows)
        | by_supplier(contents.agreement_by_force.rows),
        results=results,
        peers={field: median(found) for field, found in shares.items()},
    )


def _usable_share(row: Row) -> float | None:
    usable: int = row["valid_count"] + row["other_count"]
    return usable / row["row_count"] if row["row_count"] else None


def _field(row: Row) -> str:
    """The field within its feed and table: the same field of two feeds is filled differently."""
    return f"{row['feed']} {row['table_name']} {row['field_name']}"


def make_card(supplier: Row, rows: SupplierRows) -> Card:
    """Count what one supplier delivered."""
    code = supplier["supplier_code"]
    coverage = rows.coverage.get(code, [])
    deliveries = rows.deliveries.get(code, [])
    received = sum(row["received_row_count"] or 0 for row in deliveries)
    quarantined = sum(row["quarantined_row_count"] or 0 for row in deliveries)
    agreement = rows.agreement.get(code, [])
    total = sum(row["total_count"] for row in agreement)
    return Card(
        code=code,
        name=supplier["supplier_name"],
        kind=supplier["supplier_type"],
        expected=len(coverage),
        delivered=sum(bool(row["is_delivered"]) for row in coverage),
        late=sum(bool(row["is_late"]) for row in coverage),
        rejected=sum(row["outcome"] == "rejected" for row in deliveries),
        quarantined_share=quarantined / received if received else None,
        breaches=sum(row["breach_count"] for row in rows.breaches.get(code, [])),
        both_share=sum(row["both_count"] for row in agreement) / total if total else None,
    )


def supplier_pages(contents: Contents) -> list[Page]:
    """The list of suppliers, then a page for each."""
    rows = group_rows(contents)
    peers = read_peers(contents)
    cards = [make_card(supplier, rows) for supplier in contents.suppliers]
    groups = [
        {"kind": kind, "title": title, "cards": [card for card in cards if card.kind == kind]}
        for kind, (_, title) in TYPES.items()
    ]
    index = Page(
        "suppliers/index.html",
        "suppliers.html",
        "Suppliers",
        "suppliers/index.html",
        {
            "groups": [group for group in groups if group["cards"]],
            "sources": [
                contents.coverage.source,
                contents.deliveries.source,
                contents.breaches.source,
                contents.agreement_by_authority.source,
            ],
        },
    )
    return [index, *(_supplier_page(contents, rows, card, peers) for card in cards)]


def _supplier_page(contents: Contents, rows: SupplierRows, card: Card, peers: Peers) -> Page:
    code = card.code
    column = "police_force_code" if card.kind == "police" else "authority_code_dfe"
    agreement = rows.agreement.get(code, [])
    rules = contents.titles("dim_rules")
    content: dict[str, Any] = {
        "card": card,
        "headline": _headline(card),
        "judged": _judged(contents, rows.results.get(code, [])),
        "coverage": _own(contents.coverage, code, rows.coverage),
        "deliveries": _with_reasons(_own(contents.deliveries, code, rows.deliveries), rules),
        "completeness": _with_peers(
            _own(contents.completeness, code, rows.completeness), rows.peers
        ),
        "breaches": _sampled(
            contents, code, _with_titles(_own(contents.breaches, code, rows.breaches), rules)
        ),
        "agreement": _sampled(
            contents, code, _own(contents.agreement_by_authority, code, rows.agreement, column)
        ),
        "agreement_words": "Of the episodes in this force's area that both should hold."
        if card.kind == "police"
        else "Of the episodes of this authority's children that both should hold.",
        "agreement_chart": charts.agreement_shares(agreement, "collection_year")
        if agreement
        else "",
        "reasons": _reasons(contents, column, code),
        "sections": supplier_sections(contents, peers, code),
        "reason_source": contents.sampled(
            contents.reasons.source.narrowed(f"{column} = '{code}'"), code
        ),
    }
    return Page(
        f"suppliers/{code}.html", "supplier.html", card.name, "suppliers/index.html", content
    )


def _headline(card: Card) -> list[Headline]:
    return [
        Headline("Periods delivered", counted(card.delivered), f"of {card.expected} expected"),
        Headline("Late", counted(card.late), "periods"),
        Headline("Rejected", counted(card.rejected), "deliveries"),
        Headline("Rows quarantined", percent(card.quarantined_share), "of rows received"),
        Headline("Held by both", percent(card.both_share), "of episodes both should hold"),
    ]


def _own(
    figures: Figures, code: str, rows: dict[str, list[Row]], column: str = "supplier_code"
) -> Figures:
    source = figures.source.narrowed(f"{column} = '{code}'")
    return replace(figures, rows=rows.get(code, []), source=source)


def _sampled(contents: Contents, code: str, figures: Figures) -> Figures:
    return replace(figures, source=contents.sampled(figures.source, code))


def _with_reasons(figures: Figures, rules: dict[str, str]) -> Figures:
    return replace(figures, rows=[with_reason(row, rules) for row in figures.rows])


def with_reason(row: Row, rules: dict[str, str]) -> Row:
    """A delivery with the reason of its rejection in words."""
    code = row["reject_rule_code"]
    return {**row, "reason": rules.get(code, code) if code else ""}


def _with_peers(figures: Figures, peers: dict[str, float]) -> Figures:
    rows = [
        {**row, "share": _usable_share(row), "peers": peers.get(_field(row))}
        for row in figures.rows
    ]
    return replace(figures, rows=rows)


def _with_titles(figures: Figures, rules: dict[str, str]) -> Figures:
    rows = [{**row, "title": rules.get(row["rule_code"], "")} for row in figures.rows]
    return replace(figures, rows=rows)


def _judged(contents: Contents, results: list[Result]) -> list[dict[str, Any]]:
    nation = wholes(contents.results)
    return [
        {
            "result": result,
            "feed": result.scope.split(" ")[0] if " " in result.scope else "",
            "nation": nation[result.expectation].observed_text,
        }
        for result in results
    ]


def _reasons(contents: Contents, column: str, code: str) -> list[Row]:
    titles = contents.titles("dim_reasons")
    counts: Counter[str] = Counter()
    for row in contents.reasons.rows:
        if row[column] == code:
            counts[row["reason_code"]] += row["episode_count"]
    return [
        {"reason_code": reason, "title": titles.get(reason, ""), "episode_count": count}
        for reason, count in counts.most_common()
    ]
