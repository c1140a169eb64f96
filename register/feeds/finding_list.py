"""The findings about a delivery, for its supplier: in the check, and in landing's feedback."""

from __future__ import annotations

from register.feeds.delivery import ParsedDelivery
from register.feeds.delivery_rules import Finding, Rule


def list_findings(parsed: ParsedDelivery) -> list[Finding]:
    """Return the findings, about the delivery, then files, then records, each once.

    If two columns are swapped, findings about their single values would only repeat that fault.
    """
    unknown_files = parsed.source.unknown_files if parsed.source else []
    faults = [*([parsed.rejection] if parsed.rejection else []), *parsed.more]
    refused = {item.file for item in faults}
    findings = [
        *faults,
        *(
            Finding(Rule.UNKNOWN_FILE, file.path)
            for file in unknown_files
            if file.path not in refused
        ),
        *(note for table in parsed.tables for note in table.notes),
        *(
            Finding(Rule.UNKNOWN_COLUMN, table.file, table.heading_line, name, table.table_name)
            for table in parsed.tables
            for name in table.unknown_columns
        ),
        *parsed.holds,
        *(record.reported_finding for table in parsed.tables for record in table.quarantined),
        *(finding for table in parsed.tables for finding in (*table.flags, *table.further)),
    ]
    swapped = {(item.file, item.column) for item in findings if item.rule is Rule.SWAPPED_COLUMNS}
    return [
        item
        for item in dict.fromkeys(findings)
        if item.rule is Rule.SWAPPED_COLUMNS or (item.file, item.column) not in swapped
    ]
