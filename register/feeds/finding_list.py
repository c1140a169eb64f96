"""The findings about a delivery, for its supplier: in the check, and in landing's feedback."""

from __future__ import annotations

from register.feeds.delivery import ParsedDelivery
from register.feeds.delivery_rules import Finding, Rule

# For each rule, the rules that say the same of a column as a whole.
BROKEN_DATES = (Rule.UNREADABLE_STARTS, Rule.DAY_MONTH_SWAPPED, Rule.UNREADABLE_DATES)
SAME_COLUMN: dict[str, tuple[str, ...]] = {
    Rule.UNREADABLE_DATES: (Rule.UNREADABLE_STARTS,),
    Rule.DAY_MONTH_SWAPPED: (Rule.UNREADABLE_STARTS,),
    Rule.IMPOSSIBLE_DATE: BROKEN_DATES,
    **dict.fromkeys((Rule.UNMAPPED_CODE, Rule.INVALID_VALUE), (Rule.UNKNOWN_CODES,)),
    **dict.fromkeys(
        (Rule.PLACEHOLDER_NUMBER, Rule.SCIENTIFIC_NUMBER, Rule.CONFLICTING_NUMBER),
        (Rule.UNUSABLE_NUMBERS,),
    ),
}
# A module that was sent twice has each record twice, and swapped references repeat each other.
TWICE_IN_TABLE = (Rule.REPEATED_RECORD, Rule.REUSED_REFERENCE)


def list_findings(parsed: ParsedDelivery) -> list[Finding]:
    """Return the findings, about the delivery, then files, then records, each once.

    If two columns are swapped, findings about their single values would only repeat that fault. The
    same is true of any broken column of a rejected delivery.
    """
    unknown_files = parsed.source.unknown_files if parsed.source else []
    tables = parsed.tables or parsed.unlanded
    faults = [*([parsed.rejection] if parsed.rejection else []), *parsed.more]
    refused = {item.file for item in faults}
    findings = [
        *faults,
        *(
            Finding(Rule.UNKNOWN_FILE, file.path)
            for file in unknown_files
            if file.path not in refused
        ),
        *(note for table in tables for note in table.notes),
        *(
            Finding(Rule.UNKNOWN_COLUMN, table.file, table.heading_line, name, table.table_name)
            for table in tables
            for name in table.unknown_columns
        ),
        *parsed.holds,
        *(record.reported_finding for table in tables for record in table.quarantined),
        *(finding for table in tables for finding in (*table.flags, *table.further)),
    ]
    swapped = {(item.file, item.column) for item in findings if item.rule is Rule.SWAPPED_COLUMNS}
    doubled = {item.table for item in findings if item.rule is Rule.MODULE_IN_TWO_FORMS}
    doubled |= {file for file, _ in swapped}
    broken = {(item.rule, item.file, item.column) for item in findings if parsed.rejection}
    return [
        item
        for item in dict.fromkeys(findings)
        if item.rule is Rule.SWAPPED_COLUMNS
        or (
            (item.file, item.column) not in swapped
            and not (item.rule in TWICE_IN_TABLE and doubled & {item.table, item.file})
            and not any(
                (rule, item.file, item.column) in broken for rule in SAME_COLUMN.get(item.rule, ())
            )
        )
    ]
