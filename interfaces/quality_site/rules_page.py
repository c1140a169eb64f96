"""The pages of rules: a rule's meaning, what follows from a breach, and lines that break the rule.

The first page lists all rules.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.delivery_page import rule_path
from interfaces.quality_site.figures import Row, Source
from interfaces.quality_site.sections import (
    Page,
    PageLink,
    Section,
    build_sections_page,
    build_table,
    code_to_label,
    format_count,
)

INDEX = "rules/index.html"
SHOWN_LINES = 1000
BREACHES = Source("register.fct_rule_breaches", trace="rule_breach_id")


def build_rules_pages(contents: Contents) -> list[Page]:
    """Build the page that lists all rules, then a page for each rule."""
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in contents.breaches.all_rows:
        lines[row["rule_code"]].append(row)
    # For each rule, the deliveries that it rejected or held as a whole.
    stopped: dict[str, list[Row]] = defaultdict(list)
    for row in contents.deliveries.rows:
        if row["rule_code"]:
            stopped[row["rule_code"]].append(row)
    rows = [
        {
            **rule,
            "link": PageLink(code_to_label(code), rule_path(code)),
            "line_count": len(lines[code]),
            "delivery_count": len({row["delivery_id"] for row in [*lines[code], *stopped[code]]}),
        }
        for code, rule in contents.rules.items()
    ]
    rows.sort(key=lambda row: (-row["delivery_count"], row["rule_code"]))
    lead = (
        "Every rule that a delivery, a line or a value can break. The rules that most "
        "deliveries break come first."
    )
    table = build_table("rules.rules", rows)
    section = Section("rules", "Rules", tables=(table,), sources=(BREACHES,))
    index = build_sections_page(INDEX, "Rules", lead, [section], "deliveries.html")
    return [
        index,
        *(
            _build_page(contents, rule, lines[code], stopped[code])
            for code, rule in contents.rules.items()
        ),
    ]


def _build_page(contents: Contents, rule: Row, lines: list[Row], stopped: list[Row]) -> Page:
    code = rule["rule_code"]
    sections = []
    if stopped:
        table = build_table("rules.deliveries", _add_links(contents, stopped[:SHOWN_LINES]))
        sections.append(Section("deliveries", "Deliveries", tables=(table,)))
    if lines:
        more = f"The first {SHOWN_LINES:,} of {len(lines):,}." if len(lines) > SHOWN_LINES else ""
        table = build_table("rules.lines", _add_links(contents, lines[:SHOWN_LINES]))
        sections.append(Section("lines", "Lines", (more,) if more else (), tables=(table,)))
    if not sections:
        sections.append(Section("none", "Lines", ("No line and no delivery breaks this rule.",)))
    suppliers = Counter(row["supplier_code"] for row in [*lines, *stopped])
    content = {
        "trail": PageLink("Rules", INDEX),
        "lead": rule["title"],
        "facts": [
            ("What follows", code_to_label(rule["outcome"])),
            ("What to put right", rule.get("what_to_fix") or ""),
            ("Kind of rule", code_to_label(rule.get("rule_family") or "")),
            ("Lines", format_count(len(lines))),
            ("Suppliers", format_count(len(suppliers))),
        ],
        "sections": sections,
        "command": "",
        "source": BREACHES.narrow(f"rule_code = '{code}'"),
    }
    title = f"Rule: {code_to_label(code)}"
    return Page(rule_path(code), "facts.html", title, "deliveries.html", content)


def _add_links(contents: Contents, rows: list[Row]) -> list[Row]:
    """Add links to supplier and delivery to each row."""
    return [
        {
            **row,
            "column": row.get("column_name") or "",
            "supplier": contents.link_supplier(row["supplier_code"]),
            "delivery": contents.link_delivery(row["delivery_id"]),
        }
        for row in rows
    ]
