"""The pages of rules: what each means, what follows, and every line that breaks it."""

from __future__ import annotations

from collections import Counter

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.delivery_page import rule_path
from interfaces.quality_site.figures import Row, Source
from interfaces.quality_site.sections import (
    Columns,
    Page,
    Section,
    To,
    count_of,
    counted,
    table_of,
    text_of,
    words,
    words_of,
)

INDEX = "rules/index.html"
LINES_SHOWN = 1000
BREACHES = Source("register.fct_rule_breaches", trace="rule_breach_id")
LIST: Columns = {
    "Rule": lambda row: To(words(row["rule_code"]), rule_path(row["rule_code"])),
    "What it means": text_of("title"),
    "What follows": words_of("outcome"),
    "#Lines": count_of("line_count"),
    "#Deliveries": count_of("delivery_count"),
}
LINES: Columns = {
    "Supplier": lambda row: row["supplier"],
    "Delivery": lambda row: row["delivery"],
    "File": text_of("file_name"),
    "#Line": count_of("row_number"),
    "Column": lambda row: row["column_name"] or "",
}
DELIVERIES: Columns = {
    "Delivery": lambda row: row["delivery"],
    "Supplier": lambda row: row["supplier"],
    "Outcome": words_of("outcome"),
    "Received": text_of("received_on"),
}


def rules_pages(contents: Contents) -> list[Page]:
    """The list of rules, then a page for each."""
    lines: dict[str, list[Row]] = {}
    for row in contents.breaches.all_rows:
        lines.setdefault(row["rule_code"], []).append(row)
    whole: dict[str, list[Row]] = {}
    for row in contents.deliveries.rows:
        if row["rule_code"]:
            whole.setdefault(row["rule_code"], []).append(row)
    rows = [
        {
            **rule,
            "line_count": len(lines.get(code, [])),
            "delivery_count": len(
                {row["delivery_id"] for row in [*lines.get(code, []), *whole.get(code, [])]}
            ),
        }
        for code, rule in contents.rules.items()
    ]
    rows.sort(key=lambda row: (-row["delivery_count"], row["rule_code"]))
    content = {
        "lead": "Every rule that a delivery, a line or a value can break, the most broken first.",
        "sections": [
            Section("rules", "Rules", tables=(table_of("Rules", LIST, rows),), sources=(BREACHES,))
        ],
    }
    index = Page(INDEX, "sections.html", "Rules", "deliveries.html", content)
    return [
        index,
        *(
            _page(contents, rule, lines.get(code, []), whole.get(code, []))
            for code, rule in contents.rules.items()
        ),
    ]


def _page(contents: Contents, rule: Row, lines: list[Row], whole: list[Row]) -> Page:
    code = rule["rule_code"]
    sections = []
    if whole:
        rows = [_linked(contents, row) for row in whole[:LINES_SHOWN]]
        table = table_of("Deliveries that it stopped or held, newest first", DELIVERIES, rows)
        sections.append(Section("deliveries", "Deliveries", tables=(table,)))
    if lines:
        rows = [_linked(contents, row) for row in lines[:LINES_SHOWN]]
        more = f"The first {LINES_SHOWN:,} of {len(lines):,}." if len(lines) > LINES_SHOWN else ""
        table = table_of("Lines that break it", LINES, rows)
        sections.append(Section("lines", "Lines", (more,) if more else (), tables=(table,)))
    if not sections:
        sections.append(Section("none", "Lines", ("No line and no delivery breaks it.",)))
    suppliers = Counter(row["supplier_code"] for row in [*lines, *whole])
    content = {
        "trail": To("Rules", INDEX),
        "lead": rule["title"],
        "facts": [
            ("What follows", words(rule["outcome"])),
            ("What to put right", rule.get("what_to_fix") or ""),
            ("Kind of rule", words(rule.get("rule_family") or "")),
            ("Lines", counted(len(lines))),
            ("Suppliers", counted(len(suppliers))),
        ],
        "sections": sections,
        "command": "",
        "source": BREACHES.narrowed(f"rule_code = '{code}'"),
    }
    return Page(rule_path(code), "facts.html", f"Rule: {words(code)}", "deliveries.html", content)


def _linked(contents: Contents, row: Row) -> Row:
    return {
        **row,
        "supplier": contents.supplier_link(row["supplier_code"]),
        "delivery": contents.delivery_link(row["delivery_id"]),
    }
