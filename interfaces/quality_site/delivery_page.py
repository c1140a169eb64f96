"""The page of each delivery: what came, what was quarantined and why, rules broken, hash."""

from __future__ import annotations

from collections import Counter

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Row, Source, read_figures
from interfaces.quality_site.sections import (
    Cell,
    Columns,
    Page,
    Section,
    Table,
    To,
    count_of,
    counted,
    table_of,
    text_of,
    words,
    words_of,
)

# Lines that break a rule, on one page; `register feedback` lists all.
LINES_SHOWN = 500
COUNTS = {
    "received_row_count": "Rows received",
    "landed_row_count": "Rows landed",
    "quarantined_row_count": "Rows quarantined",
    "flag_count": "Values flagged",
    "file_count": "Files",
}
RULES: Columns = {
    "Rule": lambda row: row["link"],
    "What it means": text_of("title"),
    "What follows": words_of("outcome"),
    "What to put right": text_of("what_to_fix"),
    "#Lines": count_of("count"),
}
LINES: Columns = {
    "Rule": lambda row: row["link"],
    "What follows": words_of("outcome"),
    "File": text_of("file_name"),
    "#Line": count_of("row_number"),
    "Column": lambda row: row["column_name"] or "",
}


def delivery_path(delivery_id: str) -> str:
    """The page of a delivery."""
    return f"deliveries/{delivery_id}.html"


def rule_path(rule_code: str) -> str:
    """The page of a rule."""
    return f"rules/{rule_code}.html"


def delivery_pages(contents: Contents) -> list[Page]:
    """A page for each delivery that has one, the newest first."""
    counts = _report_counts(contents)
    return [
        _page(contents, row, counts)
        for row in contents.deliveries.rows
        if row["delivery_id"] in contents.delivery_ids
    ]


def _report_counts(contents: Contents) -> Counter[str]:
    """How many reports of the register come from each delivery."""
    found = read_figures(
        contents.published,
        Source("register.fct_reports"),
        "delivery_id, count(*) as report_count",
        "group by delivery_id",
    )
    return Counter({row["delivery_id"]: row["report_count"] for row in found.rows})


def _page(contents: Contents, row: Row, counts: Counter[str]) -> Page:
    delivery = row["delivery_id"]
    details = {**contents.delivery_details.get(delivery, {}), **row}
    breaches = contents.breaches.rows(delivery)
    facts: list[tuple[str, Cell]] = [
        ("Supplier", contents.supplier_link(row["supplier_code"])),
        ("Feed", words(row["feed"])),
        ("Period", f"{row['period']} ({row['period_start']} to {row['period_end']})"),
        ("Received", row["received_at_text"]),
        ("Outcome", words(row["outcome"])),
        ("State", words(row["status"])),
        ("Superseded by", _superseding(contents, row)),
        ("Reports in the register", counted(counts[delivery])),
        *((title, counted(details.get(name))) for name, title in COUNTS.items()),
        ("Layout", details.get("layout_name") or "not known"),
        ("Form of the source", details.get("source_form") or "as agreed"),
        ("Columns that the contract lacks", details.get("unknown_columns") or "none"),
        ("Hash of the content (SHA-256)", details.get("content_hash") or "not published"),
    ]
    if row["rule_code"]:
        facts.insert(6, ("Why", To(row["reason"], rule_path(row["rule_code"]))))
    content = {
        "facts": facts,
        "trail": To("Deliveries", "deliveries.html"),
        "lead": f"{words(row['feed'])} of {contents.area_name(row['supplier_code'])}.",
        "sections": _broken(contents, breaches),
        "command": f"register feedback {delivery}",
        "source": contents.deliveries.source.narrowed(f"delivery_id = '{delivery}'"),
    }
    path = delivery_path(delivery)
    return Page(path, "facts.html", f"Delivery {delivery}", "deliveries.html", content)


def _superseding(contents: Contents, row: Row) -> Cell:
    """The delivery that counts in this one's place: the next of its supplier, feed and period."""
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
    return contents.delivery_link(later[-1]["delivery_id"])


def _broken(contents: Contents, breaches: list[Row]) -> list[Section]:
    """Which rules its lines break, and at which lines: quarantined lines are those left out."""
    if not breaches:
        said = "No line of this delivery breaks a rule."
        return [Section("rules", "Rules broken, and what was quarantined", (said,))]
    rules = contents.rules
    lines = [
        {
            **row,
            "outcome": rules.get(row["rule_code"], {}).get("outcome"),
            "link": To(words(row["rule_code"]), rule_path(row["rule_code"])),
        }
        for row in breaches
    ]
    counted_rules = Counter(row["rule_code"] for row in breaches)
    summary = [
        {
            "link": To(words(code), rule_path(code)),
            "title": rules.get(code, {}).get("title", ""),
            "outcome": rules.get(code, {}).get("outcome"),
            "what_to_fix": rules.get(code, {}).get("what_to_fix", ""),
            "count": count,
        }
        for code, count in counted_rules.most_common()
    ]
    text = (
        "A quarantined line is set aside and in no figure; a flagged one is in the register, and "
        "the supplier was told."
    )
    tables: list[Table] = [
        table_of("Rules that lines of this delivery break", RULES, summary),
        table_of("The lines, by file", LINES, lines[:LINES_SHOWN]),
    ]
    return [Section("rules", "Rules broken, and what was quarantined", (text,), tables=tables)]
