"""The page of each delivery: its content, quarantined lines with reasons, broken rules and hash."""

from __future__ import annotations

from collections import Counter

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Row, Source, read_figures
from interfaces.quality_site.sections import (
    Cell,
    Page,
    PageLink,
    Section,
    build_table,
    code_to_label,
    format_count,
)

# The most rule-breaking lines that a page shows; `register feedback --csv` writes all.
SHOWN_LINES = 500
COUNTS = {
    "received_row_count": "Rows received",
    "landed_row_count": "Rows landed",
    "quarantined_row_count": "Rows quarantined",
    "erased_row_count": "Rows erased",
    "flag_count": "Values flagged",
    "file_count": "Files",
}
# Of a column outside the contract, only its place and the length of its heading are recorded.
UNKNOWN_COLUMNS = (
    "Columns that are not in the contract (position in the file, length of the heading)"
)


def delivery_path(delivery_id: str) -> str:
    """Return the path of a delivery's page."""
    return f"deliveries/{delivery_id}.html"


def rule_path(rule_code: str) -> str:
    """Return the path of a rule's page."""
    return f"rules/{rule_code}.html"


def build_delivery_pages(contents: Contents) -> list[Page]:
    """Build the page of each delivery that has one, the newest first."""
    counts = _count_reports(contents)
    return [
        _build_page(contents, row, counts)
        for row in contents.deliveries.rows
        if row["delivery_id"] in contents.delivery_ids
    ]


def _count_reports(contents: Contents) -> Counter[str]:
    """Count the register's reports that come from each delivery."""
    reports = read_figures(
        contents.published,
        Source("register.fct_reports"),
        "delivery_id, count(*) as report_count",
        "group by delivery_id",
    )
    return Counter({row["delivery_id"]: row["report_count"] for row in reports.rows})


def _build_page(contents: Contents, row: Row, counts: Counter[str]) -> Page:
    delivery = row["delivery_id"]
    details = {**contents.delivery_details.get(delivery, {}), **row}
    breaches = contents.breaches.rows_of(delivery)
    facts: list[tuple[str, Cell]] = [
        ("Supplier", contents.link_supplier(row["supplier_code"])),
        ("Feed", code_to_label(row["feed"])),
        ("Period", f"{row['period']} ({row['period_start']} to {row['period_end']})"),
        ("Received", row["received_at_text"]),
        ("Outcome", code_to_label(row["outcome"])),
        ("State", code_to_label(row["status"])),
        ("Superseded by", _link_successor(contents, row)),
        ("Reports in the register", format_count(counts[delivery])),
        *((title, format_count(details.get(name))) for name, title in COUNTS.items()),
        ("Layout", details.get("layout_name") or "not known"),
        ("Form of the file", details.get("source_form") or "as agreed"),
        (UNKNOWN_COLUMNS, details.get("unknown_columns") or "none"),
        ("Hash of the content (SHA-256)", details.get("content_hash") or "not published"),
    ]
    if row["rule_code"]:
        facts.insert(6, ("Why", PageLink(row["reason"], rule_path(row["rule_code"]))))
    use_of_command = _describe_use_of_feedback(breaches, row["status"])
    content = {
        "facts": facts,
        "trail": PageLink("Deliveries", "deliveries.html"),
        "lead": f"{code_to_label(row['feed'])} of {contents.name_area(row['supplier_code'])}.",
        "sections": [_build_rules_section(contents, breaches, row["status"])],
        "use_of_command": use_of_command,
        "command": f"register feedback {delivery}" if use_of_command else "",
        "source": contents.deliveries.source.narrow(f"delivery_id = '{delivery}'"),
    }
    path = delivery_path(delivery)
    return Page(path, "facts.html", f"Delivery {delivery}", "deliveries.html", content)


def _link_successor(contents: Contents, row: Row) -> Cell:
    """Link to the delivery of the same supplier and feed that replaced this one.

    It is a delivery of the same period or, for an extract, of any period.
    """
    if row["status"] != "superseded":
        return "not superseded"
    later = [
        other
        for other in contents.deliveries.rows
        if other["supplier_code"] == row["supplier_code"]
        and other["feed"] == row["feed"]
        and other["received_at_text"] > row["received_at_text"]
        and other["outcome"] != "rejected"
        and (other["period"] == row["period"] or other["feed"] == "authority_extract")
    ]
    if not later:
        return "a later delivery"
    return contents.link_delivery(later[-1]["delivery_id"])


def _describe_use_of_feedback(breaches: list[Row], status: str) -> str:
    """Say what `register feedback` shows of a delivery; empty if there is nothing to put right."""
    if breaches:
        return "To list each line that breaks a rule, with what to put right"
    # The register has the broken rules of current deliveries only.
    return "" if status == "current" else "To list what is to be put right in this delivery"


def _build_rules_section(contents: Contents, breaches: list[Row], status: str) -> Section:
    """List the rules that lines of a delivery break, with these lines."""
    title = "Rules broken, and what was quarantined"
    if not breaches:
        text = "No line of this delivery breaks a rule."
        if status != "current":
            text = "Lines that break a rule are listed here only while the delivery is current."
        return Section("rules", title, (text,))
    unknown = {"title": "", "outcome": None, "what_to_fix": ""}

    def describe_rule(code: str) -> Row:
        link = PageLink(code_to_label(code), rule_path(code))
        return {**unknown, **contents.rules.get(code, {}), "link": link}

    lines = [
        {**row, **describe_rule(row["rule_code"]), "column": row["column_name"] or ""}
        for row in breaches[:SHOWN_LINES]
    ]
    rules = [
        {**describe_rule(code), "count": count}
        for code, count in Counter(row["rule_code"] for row in breaches).most_common()
    ]
    text = (
        "A quarantined line is set aside and counts in no figure. A flagged line is in the "
        "register, and the supplier was told."
    )
    tables = [build_table("deliveries.rules", rules), build_table("deliveries.lines", lines)]
    return Section("rules", title, (text,), tables=tables)
